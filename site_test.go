package cors

import (
	"crypto/tls"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// fetchSites are the words of Sec-Fetch-Site; the last one is that it is not
// there, as from plain-http pages and with Chromium's handshakes.
var fetchSites = [...]string{"same-origin", "same-site", "cross-site", "none", ""}

// siteDecisions abbreviates what comes of a request.
var siteDecisions = map[byte]string{
	'S': "decision=same_origin",
	'R': "decision=refused, reason=origin_not_allowed",
	'H': "decision=refused, reason=host_not_verified",
	'A': "decision=allowed",
}

// sitePage is a page that sends a request to a site, and what comes of it: a
// letter for each of fetchSites.
type sitePage struct{ host, origin, want string }

const enforceAll = "enforce requests websockets"

// siteSetups are the ways in which sites are served.
var siteSetups = []struct {
	name, address, tls string // lines of the site beside cors
	block              string
	isTLS              bool
	forwarded          http.Header // what a balancer in front adds
	pages              []sitePage
	sockets            []sitePage // where handshakes fare otherwise
}{
	{name: "no host, TLS ends here", address: ":443", block: enforceAll, isTLS: true, pages: underTLS},
	{name: "no host, any certificate", address: "https://", tls: "tls internal {\non_demand\n}", block: enforceAll, isTLS: true, pages: underTLS},
	{name: "a wildcard host, TLS ends here", address: "https://*.example.com", block: enforceAll, isTLS: true, pages: []sitePage{
		{"shop.example.com", "https://shop.example.com", "SRRSS"},
		{"shop.example.com", "http://shop.example.com", "SRRSR"},
		{"shop.example.com", "https://other.example.com", "SRRSR"},
	}},
	{name: "no host, plain http", address: "http://", block: enforceAll, pages: []sitePage{
		{"shop.example.com", "https://shop.example.com", "SRRSS"},
		{"shop.example.com", "http://shop.example.com", "HRRHH"},
		{"shop.example.com", "capacitor://shop.example.com", "HRRHR"},
		{"rebound.example", "http://rebound.example", "HRRHH"},
		{"rebound.example:8080", "http://rebound.example:8080", "HRRHH"},
		{"127.0.0.1.rebound.example", "http://127.0.0.1.rebound.example", "HRRHH"},
		{"localhost:3000", "http://localhost:3000", "SRRSS"},
		{"app.localhost", "http://app.localhost", "SRRSS"},
		{"printer.local", "http://printer.local", "SRRSS"},
		{"nas", "http://nas", "SRRSS"},
		{"192.0.2.7:8080", "http://192.0.2.7:8080", "SRRSS"},
		{"[2001:db8::1]", "http://[2001:db8::1]", "SRRSS"},
		{"localhost", "http://shop.example.com", "SRRSR"},
		{"localhost:3000", "http://localhost:4000", "SRRSR"},
		{"shop.example.com", "null", "HRRHR"},
	}},
	{name: "a named host, plain http", address: "http://shop.example.com", block: enforceAll, pages: namedHost},
	{name: "a wildcard host, plain http", address: "http://*.example.com", block: enforceAll, pages: namedHost},
	{name: "a balancer ends TLS, named host", address: "http://shop.example.com", block: enforceAll, forwarded: fromBalancer, pages: namedHost},
	{name: "a balancer ends TLS, no host", address: "http://", block: enforceAll, forwarded: fromBalancer, pages: []sitePage{
		{"shop.example.com", "https://shop.example.com", "SRRSS"},
		{"shop.example.com", "http://shop.example.com", "HRRHH"},
		{"rebound.example", "http://rebound.example", "HRRHH"}, // what it forwards is no proof
	}},
	{name: "localhost", address: "http://localhost:3000", block: enforceAll, pages: []sitePage{
		{"localhost:3000", "http://localhost:3000", "SRRSS"},
		{"localhost:3000", "http://localhost:4000", "SRRSR"},
		{"localhost:3000", "https://localhost:3000", "SRRSS"}, // TLS may end in front
	}},
	{name: "home network", address: "http://box.local", block: enforceAll, pages: []sitePage{
		{"box.local", "http://box.local", "SRRSS"},
		{"box.local", "http://other.local", "SRRSR"},
	}},
	{
		name: "excepted origins", address: ":443", isTLS: true,
		block: enforceAll + "\norigins https://*.example.com\nexcept https://shop.example.com https://evil.example.com", pages: []sitePage{
			{"shop.example.com", "https://shop.example.com", "SRRSS"},
			{"shop.example.com", "https://evil.example.com", "SRRSR"},
			{"shop.example.com", "https://app.example.com", "AAAAA"},
		},
	},
	{name: "the site's own origin is listed", address: "http://", block: enforceAll + "\norigins http://shop.example.com", pages: []sitePage{
		{"shop.example.com", "http://shop.example.com", "AAAAA"},
		{"shop.example.com", "https://shop.example.com", "SRRSS"},
	}},
	{
		name: "handshakes only", address: "http://", block: "origins https://a.example\nenforce websockets",
		pages: []sitePage{{"shop.example.com", "http://shop.example.com", "SRRSS"}}, sockets: []sitePage{{"shop.example.com", "http://shop.example.com", "HRRHH"}},
	},
	{
		name: "no enforce", address: "http://", block: "origins https://a.example",
		pages: []sitePage{{"rebound.example", "http://rebound.example", "SRRSS"}, {"shop.example.com", "capacitor://shop.example.com", "SRRSR"}},
	},
}

var fromBalancer = http.Header{"X-Forwarded-Proto": {"https"}, "X-Forwarded-Host": {"shop.example.com"}, "X-Forwarded-For": {"198.51.100.1"}}

// underTLS: somebody showed a certificate, whatever the name.
var underTLS = []sitePage{
	{"shop.example.com", "https://shop.example.com", "SRRSS"},
	{"SHOP.example.com:443", "https://shop.example.com", "SRRSS"},
	{"shop.example.com", "http://shop.example.com", "SRRSR"},
	{"shop.example.com", "capacitor://shop.example.com", "SRRSR"},
	{"shop.example.com", "https://shop.example.com:8443", "SRRSR"},
	{"rebound.example", "https://rebound.example", "SRRSS"},
	{"shop.example.com", "null", "SRRSR"},
}

// namedHost: only requests for the site's names come to the handler.
var namedHost = []sitePage{
	{"shop.example.com", "https://shop.example.com", "SRRSS"},
	{"shop.example.com", "http://shop.example.com", "SRRSS"},
	{"shop.example.com", "capacitor://shop.example.com", "SRRSR"},
	{"shop.example.com", "https://other.example.com", "SRRSR"},
	{"shop.example.com", "null", "SRRSR"},
}

// TestSite asks for the site's own pages and others in every way to serve a site,
// through Caddy's whole chain, with fetch and as a handshake, over HTTP/1.1 to 3.
func TestSite(t *testing.T) {
	t.Parallel()
	for _, setup := range siteSetups {
		t.Run(setup.name, func(t *testing.T) {
			t.Parallel()
			reached := false
			last := corstest.InChain(t, func(http.ResponseWriter, *http.Request) error {
				reached = true
				return nil
			})
			srv := corstest.ChainWith(t, "servers {\ntrusted_proxies static 192.0.2.0/24\n}",
				setup.address+" {\n"+setup.tls+"\ncors {\ndebug\n"+setup.block+"\n}\n"+last+"\n}\n")
			for _, proto := range []int{1, 2, 3} {
				for _, socket := range []bool{false, true} {
					pages := setup.pages
					if socket && setup.sockets != nil {
						pages = setup.sockets
					}
					for _, page := range pages {
						for i, fetchSite := range fetchSites {
							reached = false
							r := page.request(proto, socket, setup.isTLS)
							maps.Copy(r.Header, setup.forwarded)
							if fetchSite != "" {
								r.Header.Set(httpwords.SecFetchSite, fetchSite)
							}
							enforced := strings.Contains(setup.block, "enforce requests") || socket && strings.Contains(setup.block, "enforce")
							page.check(t, srv, r, page.want[i], enforced, &reached)
						}
					}
				}
			}
		})
	}
}

// request makes the request as net/http's server would.
func (p *sitePage) request(proto int, socket, isTLS bool) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("x"))
	r.Host, r.ProtoMajor, r.ProtoMinor = p.host, proto, 0
	r.Proto = []string{1: "HTTP/1.1", 2: "HTTP/2.0", 3: "HTTP/3.0"}[proto]
	r.Header.Set("Origin", p.origin)
	if isTLS {
		r.TLS = &tls.ConnectionState{ServerName: strings.ToLower(strings.TrimSuffix(p.host, ":443"))}
	}
	if !socket {
		return r
	}
	switch proto {
	case 1:
		r.ProtoMinor, r.Method = 1, http.MethodGet
		r.Header.Set("Connection", "Upgrade")
		r.Header.Set("Upgrade", "websocket")
	case 2:
		r.Method = http.MethodConnect
		r.Header[":protocol"] = []string{"websocket"}
	case 3:
		r.Method, r.Proto = http.MethodConnect, "websocket"
	}
	return r
}

func (p *sitePage) check(t *testing.T, srv *caddyhttp.Server, r *http.Request, want byte, enforced bool, reached *bool) {
	t.Helper()
	w := httptest.NewRecorder()
	srv.ServeHTTP(w, r)
	passes := want == 'S' || want == 'A' || !enforced
	got := w.Header().Get("Cors-Debug")
	if !strings.Contains(got+",", siteDecisions[want]+",") || *reached != passes || (w.Code == http.StatusForbidden) == passes {
		t.Errorf("%s %s from %s to %s, %s %q, TLS %v: status %d, reached %v, %s; want %s", r.Proto, r.Method, p.origin, r.Host,
			httpwords.SecFetchSite, r.Header.Get(httpwords.SecFetchSite), r.TLS != nil, w.Code, *reached, got, siteDecisions[want])
	}
	if want != 'A' {
		corstest.WantNothing(t, w.Header())
	}
	corstest.WantVary(t, w.Header(), "Origin")
}
