package judges_test

import (
	"cmp"
	"encoding/json"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"golang.org/x/net/http/httpguts"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/oracle"
)

// TestOracleInChain does for some configurations what TestOracle does, in
// Caddy's whole chain: its error routes, its writers and its own headers.
func TestOracleInChain(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	for loaded := 0; loaded < 400; {
		bytes := oracle.RandomBytes(rng)
		d := oracle.NewDice(bytes)
		c := d.Config()
		if c.Mistake() != "" || len(c.OriginRegexp) > 0 {
			continue
		}
		config, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		if filledIn.Match(config) || json.Unmarshal(config, &c) != nil {
			continue
		}
		loaded++
		site := chainSite{errorRoutes: loaded%2 == 0, another: loaded%3 == 0 && !c.ReportOnly}
		if loaded%5 < 2 {
			site.host = []string{"site.example", "*.a.example"}[loaded%5]
		}
		srv := site.chain(t, config)
		for range requests {
			e := exchange{request: d.Request(&c), upstream: d.Upstream(), hostVerified: site.host != ""}
			if site.host != "" {
				e.request.Host = strings.Replace(site.host, "*", "x", 1)
			}
			e.runInChain(t, srv)
			e.compare(t, &c)
			if t.Failed() {
				t.Fatalf("the bytes were %q\nconfiguration %s\nrequest %s to %q: %q\nupstream %q\nanswer %d, %q", bytes, config,
					e.request.Method, e.request.Host, e.request.Header, e.upstream, e.answer.status, e.answer.sent)
			}
		}
	}
}

// chainSite is what stands around the handler.
type chainSite struct {
	host        string // in the site's address; empty: none
	errorRoutes bool
	another     bool // policy behind, which must not matter
}

// chain returns the server for the JSON of a handler. The last handler is
// test_handler.
func (s *chainSite) chain(t *testing.T, handler []byte) *caddyhttp.Server {
	t.Helper()
	var fields map[string]any
	if err := json.Unmarshal(handler, &fields); err != nil {
		t.Fatal(err)
	}
	fields["handler"] = "cors"
	handle := []any{fields}
	if s.another {
		handle = append(handle, map[string]any{"handler": "cors", "origins": []string{"*"}, "expose": []string{"X-Other"}, "timing": true})
	}
	handle = append(handle, map[string]any{"handler": "test_handler", "id": t.Name()})
	route := map[string]any{"handle": handle}
	if s.host != "" {
		route["match"] = []any{map[string]any{"host": []string{s.host}}}
	}
	var sorry []any
	if s.errorRoutes {
		sorry = []any{map[string]any{"handle": []any{map[string]any{"handler": "static_response", "status_code": "{http.error.status_code}", "body": "sorry"}}}}
	}
	config, err := json.Marshal(map[string]any{
		"admin":   map[string]any{"disabled": true},
		"logging": map[string]any{"logs": map[string]any{"default": map[string]any{"writer": map[string]any{"output": "memory", "id": t.Name()}}}},
		"apps": map[string]any{"http": map[string]any{"servers": map[string]any{"srv": map[string]any{
			"listen": []string{"127.0.0.1:0"}, "logs": map[string]any{}, "automatic_https": map[string]any{"disable": true},
			"routes": []any{route}, "errors": map[string]any{"routes": sorry},
		}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	app, err := corstest.Provision(t, config)
	if err != nil {
		t.Fatalf("%v\n%s", err, config)
	}
	return app.Servers["srv"]
}

// runInChain does what run does with what reaches a handler, and turns the answers to errors back into the
// errors that they came from.
func (e *exchange) runInChain(t *testing.T, srv *caddyhttp.Server) {
	t.Helper()
	log := corstest.LogLines(t.Name())
	log.Reset()
	e.answer.header = make(http.Header)
	e.request.URL = &url.URL{Path: "/"}
	if isRefusedHost(e.request.Host) {
		e.request.Host = "site.example"
	}
	if !oracle.IsToken(e.request.Method) {
		e.request.Method = http.MethodGet
	}
	corstest.InChain(t, e.next)
	srv.ServeHTTP(&e.answer, e.request)
	e.decided = loggedDecision(t, log.String())
	switch {
	case e.passed && e.upstream.Style == "error" && e.answer.status == http.StatusInternalServerError:
		e.err = errUpstream
	case !e.passed && e.decided.kind == "actual" && e.answer.status == http.StatusForbidden:
		e.err, e.answer.status = caddyhttp.Error(http.StatusForbidden, nil), 0
	}
	if e.answer.sent == nil {
		e.answer.sent = e.answer.header
	}
}

// isRefusedHost knows the hosts that Caddy answers with 400 before any handler
// sees the request: what is none, and nothing but dots.
func isRefusedHost(hostAndPort string) bool {
	host, _, err := net.SplitHostPort(hostAndPort)
	if err != nil {
		host = hostAndPort
	}
	return !httpguts.ValidHostHeader(hostAndPort) || host != "" && strings.Trim(host, ".") == ""
}

// loggedDecision reads the field of the access log. Without one the request is
// none of CORS.
func loggedDecision(t *testing.T, lines string) decision {
	t.Helper()
	for line := range strings.Lines(lines) {
		var entry struct {
			Logger string
			CORS   *field `json:"cors"`
			Report *field `json:"cors_report_only"`
		}
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(entry.Logger, "http.log.access") {
			continue
		}
		if f := cmp.Or(entry.CORS, entry.Report); f != nil {
			return decision{f.Type, f.Decision, f.Reason}
		}
		return decision{kind: "none", verdict: "none"}
	}
	t.Fatalf("no access log in %s", lines)
	return decision{}
}

type field struct{ Type, Decision, Reason string }
