package judges_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

// Vectors that say what the site around the directive is, or that need more of an
// upstream than one answer, run in a Caddy of their own, over a connection and a
// reverse_proxy.

// siteName is the host name of the site; the vectors write {site}. It can be
// registered, so it counts as verified only where the site names it.
const siteName = "site.vectors.example"

// vectorPlace is what a site is.
type vectorPlace struct {
	Address        string   `json:"address"` // name or none
	Hosts          []string `json:"hosts"`   // in the address, if not its name
	TLS            bool     `json:"tls"`
	TrustedProxies bool     `json:"trusted_proxies"`
	Matcher        string   `json:"matcher"`
	Handle         bool     `json:"handle"` // the matcher is on a `handle` around
	Before         []string `json:"before"`
	Behind         []string `json:"behind"`
}

// vectorSource is an `ask` with its endpoint.
type vectorSource struct {
	Ask struct {
		Allows vectorAllows `json:"allows"`
		Fails  bool         `json:"fails"`
	} `json:"ask"`

	url string
}

func (s *vectorSource) directive() string {
	if s == nil {
		return ""
	}
	perHost := ""
	if s.Ask.Allows.byHost != nil {
		perHost = "\tper_host\n"
	}
	return "origins_from ask " + s.url + " {\n\ttimeout 10s\n" + perHost + "}\n"
}

// ServeHTTP implements http.Handler.
func (s *vectorSource) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	allowed := s.Ask.Allows.always
	if s.Ask.Allows.byHost != nil {
		allowed = s.Ask.Allows.byHost[q.Get("host")]
	}
	switch {
	case s.Ask.Fails:
		w.WriteHeader(http.StatusInternalServerError)
	case !slices.Contains(allowed, q.Get("origin")):
		w.WriteHeader(http.StatusForbidden)
	}
}

// isPlaced reports whether a vector needs a site of its own.
func (v *vector) isPlaced() bool {
	u := v.Upstream
	return v.Site != nil || v.Env != nil || v.Request.Host != "" || v.Request.Target != "" || v.Config.OriginsFrom != nil ||
		u != nil && (u.At != nil || u.Error != "" || u.Status == http.StatusSwitchingProtocols)
}

// placedSite is a site, its upstream and its endpoint.
type placedSite struct {
	url       string
	transport *http.Transport
	upstream  atomic.Pointer[vectorUpstream]
	reached   atomic.Int32
	asked     atomic.Int32
}

// runPlaced runs the one request, or the steps, of a vector.
func runPlaced(t *testing.T, v *vector) {
	t.Helper()
	s := newPlacedSite(t, v)
	steps := v.Steps
	if len(steps) == 0 {
		steps = []vectorStep{v.vectorStep}
	}
	for i := range steps {
		step := &steps[i]
		s.upstream.Store(step.Upstream)
		asked := s.asked.Load()
		step.judge(t, v.Config, s.ask(t, &step.Request))
		if n := int(s.asked.Load() - asked); step.Expect.Asked != nil && n != *step.Expect.Asked {
			t.Errorf("the endpoint was asked %d times, want %d", n, *step.Expect.Asked)
		}
	}
}

func newPlacedSite(t *testing.T, v *vector) *placedSite {
	t.Helper()
	s := new(placedSite)
	for name, value := range v.Env {
		os.Setenv(name, value) //nolint:usetesting // the tests are parallel, and each name has one value
	}
	if from := v.Config.OriginsFrom; from != nil {
		from.url = "http://" + corstest.Upstream(t, func(w http.ResponseWriter, r *http.Request) {
			s.asked.Add(1)
			from.ServeHTTP(w, r)
		})
	}
	upstream := corstest.Upstream(t, s.answer)
	if v.Upstream != nil && v.Upstream.Error != "" {
		upstream = deadAddress
	}
	place := v.Site
	if place == nil {
		place = new(vectorPlace)
	}
	options := ""
	if place.TrustedProxies {
		options = "servers {\ntrusted_proxies static 127.0.0.1/32\n}\n"
	}
	srv := httptest.NewUnstartedServer(corstest.ChainWith(t, options, strings.ReplaceAll(place.caddyfile(&v.Config), "{upstream}", upstream)))
	s.transport = &http.Transport{DisableCompression: true}
	if place.TLS {
		srv.StartTLS()
		s.transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: true, ServerName: siteName}
	} else {
		srv.Start()
	}
	t.Cleanup(srv.Close)
	t.Cleanup(s.transport.CloseIdleConnections)
	s.url = srv.URL
	return s
}

// caddyfile is that of the one site. TLS ends in the test's server.
func (p *vectorPlace) caddyfile(c *vectorConfig) string {
	hosts := p.Hosts
	switch {
	case p.Address == "none":
		hosts = []string{""}
	case len(hosts) == 0:
		hosts = []string{siteName}
	}
	addresses := make([]string, 0, len(hosts))
	for _, host := range hosts {
		addresses = append(addresses, "http://"+host)
	}
	behind := "reverse_proxy {upstream}"
	if p.Behind != nil {
		behind = strings.Join(p.Behind, "\n")
	}
	named, matcher := "", ""
	if p.Matcher != "" {
		named, matcher = "@own "+p.Matcher, "@own"
	}
	before := named + "\n" + strings.Join(p.Before, "\n") + "\n"
	lines := before + c.directive(matcher) + behind
	if p.Handle {
		lines = before + "handle @own {\n" + c.directive("") + behind + "\n}"
	}
	return strings.Join(addresses, ", ") + " {\n" + lines + "\n}\n"
}

// answer is the upstream. What it answers on other paths does not count as
// reached: that is somebody who is asked on the way.
func (s *placedSite) answer(w http.ResponseWriter, r *http.Request) {
	u := s.upstream.Load()
	if u != nil && u.At[r.URL.Path] != nil {
		u = u.At[r.URL.Path]
	} else {
		s.reached.Add(1)
	}
	if u == nil || u.Status != http.StatusSwitchingProtocols {
		u.ServeHTTP(w, r)
		return
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	header := make(http.Header)
	addAll(header, u.Headers, r)
	fmt.Fprint(conn, "HTTP/1.1 101 Switching Protocols\r\n")
	_ = header.Write(conn)
	fmt.Fprint(conn, "\r\n")
}

// ask sends a request and reads the answer.
func (s *placedSite) ask(t *testing.T, r *vectorRequest) *answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), r.Method, s.url+r.Target, strings.NewReader(r.Body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header, req.Host = r.header(1), r.Host
	if r.Host == "" {
		req.Host = siteName
	}
	before := s.reached.Load()
	res, err := s.transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	a := &answer{status: res.StatusCode, header: res.Header}
	if res.StatusCode != http.StatusSwitchingProtocols {
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		a.body, a.trailer = string(body), res.Trailer
	}
	a.reached = s.reached.Load() > before
	return a
}
