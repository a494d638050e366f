package rehearsal_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// plugin is a handler of somebody else, which must not run.
type plugin struct{}

func (plugin) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers.test_plugin", New: func() caddy.Module { return new(plugin) }}
}

func (*plugin) Provision(caddy.Context) error { return errors.New("the plugin was provisioned") }

func (*plugin) ServeHTTP(http.ResponseWriter, *http.Request, caddyhttp.Handler) error {
	return errors.New("the plugin ran")
}

func init() { caddy.RegisterModule(plugin{}) }

// inJSON gets the handlers of one route ready.
func inJSON(t *testing.T, handlers, server string) *rehearsal.Rehearsal {
	t.Helper()
	r, err := rehearsal.JSON([]byte(`{"apps":{"http":{"metrics":{},"servers":{"s":{"listen":[":8080"],`+server+`"routes":[{"handle":[`+handlers+`]}]}}}}}`), rehearsal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

// TestEdges: what reaches out is replaced, and what cannot be is left out.
func TestEdges(t *testing.T) {
	const ok = `{"handler":"static_response","status_code":299}`
	for name, c := range map[string]struct {
		handlers, server string
		status           int
	}{
		"a plugin lets pass":         {`{"handler":"test_plugin"},` + ok, "", 299},
		"a plugin in a subroute":     {`{"handler":"subroute","routes":[{"handle":[{"handler":"test_plugin"},` + ok + `]}]}`, "", 299},
		"the server of ACME":         {`{"handler":"acme_server"},` + ok, "", 299},
		"health checks":              {`{"handler":"reverse_proxy","upstreams":[{"dial":"127.0.0.1:1"}],"health_checks":{"active":{"uri":"/"},"passive":{"fail_duration":"1h"}}}`, "", 200},
		"a transport of its own":     {`{"handler":"reverse_proxy","upstreams":[{"dial":"127.0.0.1:1"}],"transport":{"protocol":"none"}}`, "", 200},
		"no upstream but dynamic":    {`{"handler":"reverse_proxy","dynamic_upstreams":{"source":"none"}}`, "", 200},
		"a log of the server":        {ok, `"logs":{"default_logger_name":"none"},`, 299},
		"wrappers of its listeners":  {ok, `"listener_wrappers":[{"wrapper":"none"}],"packet_conn_wrappers":[{"wrapper":"none"}],`, 299},
		"proxies of a source":        {ok, `"trusted_proxies":{"source":"none"},`, 299},
		"the authentication of some": {`{"handler":"authentication","providers":{"none":{}}},` + ok, "", 401},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := inJSON(t, c.handlers, c.server).Ask(rehearsal.Question{Method: "GET", URL: "http://a.example:8080/"})
			if err != nil || a.Status != c.status {
				t.Errorf("%v, %+v", err, a)
			}
			if foreign := strings.Join(a.Foreign(), " "); (foreign == "test_plugin") != strings.Contains(c.handlers, "test_plugin") {
				t.Errorf("foreign handlers: %q", foreign)
			}
		})
	}
}

// TestTrustedProxies: addresses that are listed are trusted as in production.
func TestTrustedProxies(t *testing.T) {
	r := caddyfile(t, "{\n\tservers {\n\t\ttrusted_proxies static 203.0.113.0/24\n\t}\n}\nhttp://a.localhost:8080 {\n\t@in client_ip 10.0.0.0/8\n\trespond @in in\n\trespond out 403\n}\n")
	for forwarded, want := range map[string]int{"10.1.2.3": 200, "192.0.2.1": 403} {
		a := ask(t, r, rehearsal.Question{URL: "http://a.localhost:8080/", Headers: [][2]string{{"X-Forwarded-For", forwarded}}})
		if a.Status != want {
			t.Errorf("%s: %d", forwarded, a.Status)
		}
	}
}

// TestAsks: the circumstances that matchers ask for, wherever they stand.
func TestAsks(t *testing.T) {
	for name, c := range map[string]struct{ lines, want string }{
		"nothing":       {"respond ok", "[] []"},
		"a range":       {"@in remote_ip 10.0.0.0/8\nrespond @in ok", "[10.0.0.0/8] []"},
		"one":           {"@in client_ip 192.0.2.7\nrespond @in ok", "[192.0.2.7/32] []"},
		"twice":         {"@in client_ip 192.0.2.7 192.0.2.7\nrespond @in ok", "[192.0.2.7/32] []"},
		"not":           {"@out not remote_ip 10.0.0.0/8\nabort @out\nrespond ok", "[10.0.0.0/8] []"},
		"inside":        {"handle {\n\t@in remote_ip fd00::/8\n\trespond @in ok\n}", "[fd00::/8] []"},
		"in errors":     {"handle_errors {\n\t@in remote_ip 10.0.0.0/8\n\trespond @in ok\n}\nrespond ok", "[10.0.0.0/8] []"},
		"a protocol":    {"@new protocol http/3\nrespond @new ok", "[] [http/3]"},
		"a placeholder": {"@in remote_ip {env.NO_SUCH_RANGE}\nrespond @in ok", "[] []"},
	} {
		t.Run(name, func(t *testing.T) {
			r := caddyfile(t, c.lines, rehearsal.Options{Parts: true})
			if got := fmt.Sprint(r.Asks().Addresses, r.Asks().Protocols); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// TestProtocols: a question may say which one it comes by.
func TestProtocols(t *testing.T) {
	r := caddyfile(t, "https://a.localhost {\n\ttls internal\n\trespond {http.request.proto}\n\theader X-Proto {http.request.proto}\n}\n")
	for protocol, want := range map[string]string{"": "HTTP/2.0", "http/1.0": "HTTP/1.0", "http/1.1": "HTTP/1.1", "http/2": "HTTP/2.0", "http/3": "HTTP/3.0"} {
		if a := ask(t, r, rehearsal.Question{URL: "https://a.localhost/", Protocol: protocol}); a.Header.Get("X-Proto") != want {
			t.Errorf("%q: %s", protocol, a.Header.Get("X-Proto"))
		}
	}
}

// TestSubroutes: what stands in for a subroute does as Caddy's own: the first of a group,
// terminal routes, errors of matchers, what comes behind.
func TestSubroutes(t *testing.T) {
	for name, c := range map[string]struct {
		lines, path string
		status      int
		site        string
	}{
		"the first of a group":  {"handle /a/* {\nrespond a 201\n}\nhandle /a/b/* {\nrespond b 202\n}\nhandle {\nrespond c 203\n}", "/a/b/x", 202, ""}, // Caddy sorts them
		"as in the file":        {"route {\nhandle /a/* {\nrespond a 201\n}\nhandle /a/b/* {\nrespond b 202\n}\n}", "/a/b/x", 201, ""},
		"the last of a group":   {"handle /a/* {\nrespond a 201\n}\nhandle {\nrespond c 203\n}", "/b", 203, ""},
		"only one of a group":   {"route {\nhandle /a* {\nheader X-Site a\n}\nhandle /ab* {\nheader X-Site ab\n}\nrespond end 204\n}", "/abc", 204, "a"},
		"all that are in none":  {"route {\nheader /a* X-Site a\nheader /ab* X-Site ab\nrespond end 204\n}", "/abc", 204, "ab"},
		"a matcher that fails":  {"route {\n@bad expression `{path}.matches({query.x})`\nrespond @bad no\nrespond end 204\n}", "/?x=%5B", 500, ""},
		"nothing behind":        {"route {\nrespond /a a 201\n}", "/b", 200, ""},
		"an error":              {"route {\nerror /a 418\nrespond ok\n}", "/a", 418, ""},
		"a rewrite in between":  {"route {\nuri strip_prefix /api\nrespond /x x 201\n}", "/api/x", 201, ""},
		"in another one":        {"route {\nroute /a* {\nroute /a/b* {\nrespond b 202\n}\n}\nrespond end 204\n}", "/a/b", 202, ""},
		"in another one, after": {"route {\nroute /a* {\nroute /a/b* {\nrespond b 202\n}\n}\nrespond end 204\n}", "/a/c", 204, ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := ask(t, caddyfile(t, c.lines), rehearsal.Question{URL: c.path})
			if a.Status != c.status || a.Header.Get("X-Site") != c.site {
				t.Errorf("%d, %v (%v)", a.Status, a.Header, a.Err)
			}
		})
	}
	errs := inJSON(t, `{"handler":"subroute","routes":[{"handle":[{"handler":"error","status_code":418}]}],"errors":{"routes":[{"handle":[{"handler":"static_response","status_code":299}]}]}}`, "")
	if a := ask(t, errs, rehearsal.Question{URL: "http://a.example:8080/"}); a.Status != 299 {
		t.Errorf("errors of its own: %d (%v)", a.Status, a.Err)
	}
}

// TestOptions: a way to a policy may keep every OPTIONS away.
func TestOptions(t *testing.T) {
	for name, c := range map[string]struct {
		lines string
		want  bool
	}{
		"none":          {"cors " + page, false},
		"its matcher":   {"@m method GET\ncors @m " + page, true},
		"with OPTIONS":  {"@m method GET OPTIONS\ncors @m " + page, false},
		"around it":     {"@m method GET\nhandle @m {\nroute {\ncors " + page + "\n}\n}", true},
		"of another":    {"@m method GET\nheader @m X-A 1\ncors " + page, false},
		"named route":   {"http://api.localhost:8080 {\n@m method GET\nhandle @m {\ninvoke api\n}\n}\n&(api) {\ncors " + page + "\n}\n", false}, // others may invoke it
		"path":          {"cors /api/* " + page, false},
		"not OPTIONS":   {"@m not method OPTIONS\ncors @m " + page, true},
		"one set of it": {"@m {\nmethod GET\npath /a\n}\ncors @m " + page, true},
	} {
		t.Run(name, func(t *testing.T) {
			r := caddyfile(t, c.lines+"\n")
			for _, h := range r.Handlers {
				if h.Kind == "cors" && r.LeavesOutOptions(h) != c.want {
					t.Errorf("got %v", !c.want)
				}
			}
		})
	}
}
