package e2e

import (
	"cmp"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/browser"
)

// world is the server side of everything: one Caddy with all policies on four
// ports, what stands behind it, and the pages. Hosts below localhost need no
// name server: browsers know that they are the machine itself.
type world struct {
	cases  []testCase
	behind *httptest.Server
	caddy  http.Handler
	ports  [4]string
	net    *network
	names  *strings.Replacer // <app> and the like
	log    logbook
	desk   desk // where browsers fetch their work and hand in results
}

// hosts of the servers and pages; the second port makes another origin of the
// same host.
//
// All of cors.localhost is one site, so that browsers which refuse cookies of
// third parties send them; evil.localhost is another.
//
// The third port speaks TLS and plain HTTP, and so does the fourth, where a
// balancer in front of Caddy ends TLS. The hosts that are not below localhost
// are a name that a stranger registered and pointed at this machine, and one of
// a home network.
var hosts = map[string]struct {
	name   string
	port   int
	scheme string
}{
	"app":           {"app.cors.localhost", 0, "http"},
	"port":          {"app.cors.localhost", 1, "http"},
	"other":         {"other.cors.localhost", 0, "http"},
	"deep":          {"a.b.cors.localhost", 0, "http"},
	"evil":          {"evil.localhost", 0, "http"},
	"ip":            {"127.0.0.1", 0, "http"},
	"idn":           {"xn--bcher-kva.cors.localhost", 0, "http"},
	"underscore":    {"under_score.cors.localhost", 0, "http"},
	"api":           {"api.cors.localhost", 1, "http"},
	"api2":          {"api2.cors.localhost", 1, "http"},
	"shop":          {"pr-7--shop.cors.localhost", 0, "http"},
	"site":          {"site.cors.localhost", 2, "https"},
	"site-http":     {"site.cors.localhost", 2, "http"},
	"front":         {"front.cors.localhost", 3, "https"},
	"front-http":    {"front.cors.localhost", 3, "http"},
	"rebound":       {"rebound.example", 0, "http"},
	"rebound-front": {"rebound.example", 3, "https"},
	"box":           {"box.local", 0, "http"},
}

// pages are where scripts run. Those of kind frame have the origin of the host
// by the same name.
var pages = map[string]struct{ kind, origin string }{
	"app":           {"top", "app"},
	"other":         {"frame", "other"},
	"port":          {"frame", "port"},
	"deep":          {"frame", "deep"},
	"evil":          {"frame", "evil"},
	"ip":            {"frame", "ip"},
	"idn":           {"frame", "idn"},
	"underscore":    {"frame", "underscore"},
	"shop":          {"frame", "shop"},
	"site":          {"frame", "site"},
	"site-http":     {"frame", "site-http"},
	"front":         {"frame", "front"},
	"front-http":    {"frame", "front-http"},
	"rebound":       {"frame", "rebound"},
	"rebound-front": {"frame", "rebound-front"},
	"box":           {"frame", "box"},
	"sandbox":       {"sandbox", "null"},
	"data":          {"data", "null"},
	"blob":          {"blob", "app"},
	"srcdoc":        {"srcdoc", "app"},
	"worker":        {"worker", "app"},
	"data-worker":   {"data-worker", "null"},
}

// newWorld starts the servers for the cases.
func newWorld(t testing.TB, cases []testCase) *world {
	t.Helper()
	w := &world{cases: cases}
	for i := range w.cases {
		w.cases[i].number = i
	}
	w.log.start()
	w.desk.start()
	w.behind = httptest.NewServer(http.HandlerFunc(w.serveBehind))
	t.Cleanup(w.behind.Close)
	w.net = newNetwork(t)
	var listeners [4]net.Listener
	for i := range listeners {
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		listeners[i] = l
		_, w.ports[i], _ = net.SplitHostPort(l.Addr().String())
	}
	w.name()
	w.caddy = newCaddy(t, w.sites())
	for i, l := range listeners {
		var handler http.Handler = w
		if i >= 2 {
			l = w.net.listenBothWays(l)
		}
		if i == 3 {
			handler = passOn("127.0.0.1:" + w.ports[0])
		}
		srv := &httptest.Server{Listener: l, Config: &http.Server{Handler: handler}}
		srv.Start()
		t.Cleanup(func() {
			srv.CloseClientConnections()
			srv.Close()
		})
	}
	return w
}

// name fills in names: <app> is an origin, <app-host> its host and port, <P> the
// port of pages.
func (w *world) name() {
	pairs := []string{"<P>", w.ports[0], "<behind>", w.behind.Listener.Addr().String()}
	for name, h := range hosts {
		pairs = append(pairs, "<"+name+">", w.origin(name), "<"+name+"-host>", h.name+":"+w.ports[h.port])
		if h.scheme == "https" {
			w.net.tls = append(w.net.tls, h.name+":"+w.ports[h.port])
		}
		if h.name != "127.0.0.1" && !strings.HasSuffix(h.name, ".localhost") {
			w.net.names = append(w.net.names, h.name)
		}
	}
	w.names = strings.NewReplacer(pairs...)
}

func (w *world) origin(host string) string {
	h := hosts[host]
	return h.scheme + "://" + h.name + ":" + w.ports[h.port]
}

// pageOrigin is the origin of a page.
func (w *world) pageOrigin(page string) browser.Origin {
	p, ok := pages[page]
	if !ok {
		panic("no page " + page)
	}
	if p.origin == "null" {
		return browser.Origin{}
	}
	o, err := browser.ParseOrigin(w.origin(p.origin))
	if err != nil {
		panic(err)
	}
	return o
}

// nameOf is the short name of an Origin header.
func (w *world) nameOf(lines []string) string {
	if len(lines) == 0 {
		return "none"
	}
	got := strings.Join(lines, " | ")
	for name := range hosts {
		if w.origin(name) == got {
			return name
		}
	}
	return got
}

// spread is over how many hosts the cases are spread, because browsers open
// only six connections to each.
const spread = 6

// url is where a step goes in a run; every run of every case has URLs of its
// own, so that nothing that a browser keeps reaches from one into another.
func (w *world) url(c *testCase, s *step, run string) string {
	name := cmp.Or(s.host, "api")
	h := hosts[name]
	host := h.name
	if strings.HasPrefix(name, "api") {
		host = strconv.Itoa(c.number%spread) + "." + host
		if c.ownSite {
			host = siteHost(c.number)
		}
	}
	scheme := h.scheme
	if s.Kind == "socket" {
		scheme = strings.Replace(scheme, "http", "ws", 1)
	}
	return fmt.Sprintf("%s://%s:%s%s/%s", scheme, host, w.ports[h.port], here(c, run), cmp.Or(s.path, "x"))
}

// here is the part of the path that a run of a case has for itself.
func here(c *testCase, run string) string { return fmt.Sprintf("/p%d/%s", c.number, key(c, run)) }

func key(c *testCase, run string) string { return run + "." + strconv.Itoa(c.number) }

// plan is the steps of a case with everything filled in.
func (w *world) plan(c *testCase, run string) []step {
	steps := make([]step, len(c.steps))
	for i, s := range c.steps {
		s.Page = cmp.Or(s.Page, "app")
		s.URL = w.url(c, &s, run)
		steps[i] = s
	}
	return steps
}

// caseOf finds the case and the run's key in the path of a request.
func (w *world) caseOf(path string) (c *testCase, key, rest string) {
	parts := strings.SplitN(path, "/", 4)
	if len(parts) < 4 || !strings.HasPrefix(parts[1], "p") {
		return nil, "", ""
	}
	n, err := strconv.Atoi(parts[1][1:])
	if err != nil || n < 0 || n >= len(w.cases) {
		return nil, "", ""
	}
	return &w.cases[n], parts[2], parts[3]
}

// ServeHTTP is what listens on the ports of Caddy.
func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	c, key, rest := w.caseOf(r.URL.Path)
	if c == nil {
		w.serveDesk(rw, r)
		return
	}
	w.log.add(key, w.wireOf(r, rest))
	if s := spoilerOf(key); s.serve != nil {
		s.serve(w.caddy, rw, r)
		return
	}
	w.caddy.ServeHTTP(rw, r)
}
