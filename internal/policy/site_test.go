package policy

import (
	"net/http"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// TestSameOrigin: the site's own pages are no strangers, whatever the policy.
func TestSameOrigin(t *testing.T) {
	t.Parallel()
	p := policyOf(t, "origins https://a.example")
	for _, c := range []struct {
		host, origin, fetchSite string
		want                    Verdict
	}{
		{"b.example", "https://b.example", "", VerdictSameOrigin},
		{"b.example:443", "https://b.example", "", VerdictSameOrigin},
		{"B.example:8443", "https://b.example:8443", "", VerdictSameOrigin},
		{"b.example", "http://b.example", "", VerdictSameOrigin},
		{"b.example:80", "https://b.example", "", VerdictRefused},
		{"b.example", "https://b.example:8443", "", VerdictRefused},
		{"b.example:8443", "https://b.example", "", VerdictRefused},
		{"b.example", "https://c.example", "", VerdictRefused},
		{"\u212A.example", "https://k.example", "", VerdictRefused}, // a Kelvin sign is no k
		{"b.example", "https://c.example", "same-origin", VerdictSameOrigin},
		{"b.example", "https://c.example", "same-site", VerdictRefused},
		{"b.example", "null", "", VerdictRefused},
		{"[::1]:3000", "http://[::1]:3000", "", VerdictSameOrigin},
		{"b.example", "https://a.example", "same-origin", VerdictAllowed},
	} {
		r := getFrom(c.origin)
		r.Host = c.host
		if c.fetchSite != "" {
			r.Header = http.Header{httpwords.SecFetchSite: {c.fetchSite}}
		}
		if d := p.decide(&r); d.Verdict != c.want || d.Verdict == VerdictSameOrigin && (d.Reason != ReasonNone || d.AllowOrigin != "") {
			t.Errorf("%+v: got %s, %q, %q", c, d.Verdict, d.Reason, d.AllowOrigin)
		}
	}
}

// TestHostNotVerified: under enforce the Host must be known to be the site's, as a
// page can point a name of its own at the server (DNS rebinding).
func TestHostNotVerified(t *testing.T) {
	t.Parallel()
	const rebound = "rebound.example"
	for _, c := range []struct {
		name, block  string
		host, origin string
		fetchSite    string
		tls, matched bool
		webSocket    bool
		want         Verdict
		reason       Reason
	}{
		{name: "no host in the address", host: rebound, origin: "http://" + rebound, want: VerdictRefused, reason: ReasonHostNotVerified},
		{name: "and the browser calls it the site", host: rebound, origin: "http://" + rebound, fetchSite: "same-origin", want: VerdictRefused, reason: ReasonHostNotVerified},
		{name: "and the browser calls it nobody's", host: rebound, origin: "http://" + rebound, fetchSite: "none", want: VerdictRefused, reason: ReasonHostNotVerified},
		{name: "another port of the rebound name", host: rebound + ":8080", origin: "http://" + rebound + ":8080", want: VerdictRefused, reason: ReasonHostNotVerified},
		{name: "hosts in the address, or a wildcard of them", host: rebound, origin: "http://" + rebound, matched: true, want: VerdictSameOrigin},
		{name: "TLS, on_demand too", host: rebound, origin: "https://" + rebound, tls: true, want: VerdictSameOrigin},
		{name: "a TLS balancer in front", host: rebound, origin: "https://" + rebound, want: VerdictSameOrigin},
		{name: "a null origin of the site", host: rebound, origin: "null", fetchSite: "same-origin", want: VerdictRefused, reason: ReasonHostNotVerified},
		{name: "localhost", host: "localhost:3000", origin: "http://localhost:3000", want: VerdictSameOrigin},
		{name: "an address", host: "192.0.2.1", origin: "http://192.0.2.1", want: VerdictSameOrigin},
		{name: "an IPv6 address", host: "[2001:db8::1]:80", origin: "http://[2001:db8::1]", want: VerdictSameOrigin},
		{name: "a printer", host: "printer.local", origin: "http://printer.local", want: VerdictSameOrigin},
		{name: "a single label", host: "nas", origin: "http://nas", want: VerdictSameOrigin},
		{name: "what only ends like one", host: "notlocal", origin: "http://a.notlocal", want: VerdictRefused, reason: ReasonOriginNotAllowed},
		{name: "below a name like one", host: "a.notlocal", origin: "http://a.notlocal", want: VerdictRefused, reason: ReasonHostNotVerified},
		{name: "an address with more behind it", host: "127.0.0.1." + rebound, origin: "http://127.0.0.1." + rebound, want: VerdictRefused, reason: ReasonHostNotVerified},
		{name: "cross-site in the browser's word", host: "localhost", origin: "http://localhost", fetchSite: "cross-site", want: VerdictRefused, reason: ReasonOriginNotAllowed},
		{name: "listed all the same", block: "origins http://" + rebound + "\nenforce requests", host: rebound, origin: "http://" + rebound, want: VerdictAllowed},
		{name: "websockets only: a request", block: "origins https://a.example\nenforce websockets", host: rebound, origin: "http://" + rebound, want: VerdictSameOrigin},
		{name: "websockets only: a handshake", block: "origins https://a.example\nenforce websockets", host: rebound, origin: "http://" + rebound, webSocket: true, want: VerdictRefused, reason: ReasonHostNotVerified},
		{name: "no enforce", block: "origins https://a.example", host: rebound, origin: "http://" + rebound, want: VerdictSameOrigin},
		{name: "http page of an https site", host: rebound, origin: "http://" + rebound, tls: true, want: VerdictRefused, reason: ReasonOriginNotAllowed},
		{name: "an app with the site's name", host: "localhost", origin: "capacitor://localhost", want: VerdictRefused, reason: ReasonOriginNotAllowed},
	} {
		block := c.block
		if block == "" {
			block = "origins https://a.example\nenforce requests"
		}
		r := getFrom(c.origin)
		r.Host, r.TLS, r.HostVerified, r.WebSocket = c.host, c.tls, c.matched, c.webSocket
		if c.fetchSite != "" {
			r.Header = http.Header{httpwords.SecFetchSite: {c.fetchSite}}
		}
		if d := policyOf(t, block).decide(&r); d.Verdict != c.want || d.Reason != c.reason {
			t.Errorf("%s: got %s, %q, want %s, %q", c.name, d.Verdict, d.Reason, c.want, c.reason)
		}
	}
}

// TestHandshakesBesideStar: a handshake carries cookies, so an origin that only
// `*` lets in opens none.
func TestHandshakesBesideStar(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		block, origin string
		want          Verdict
	}{
		{"origins *", "https://any.example", VerdictRefused},
		{"origins * https://a.example", "https://any.example", VerdictRefused},
		{"origins * https://a.example", "https://a.example", VerdictAllowed},
		{"origins * https://*.a.example", "https://x.a.example", VerdictAllowed},
		{"origins * https://*-shop.a.example", "https://my-shop.a.example", VerdictAllowed},
		{"origins * https://*-shop.a.example", "https://shop.a.example", VerdictRefused},
		{"origins *\nfor https://a.example {\nmethods PUT\n}", "https://a.example", VerdictAllowed},
		{"origins *\nfor https://a.example {\nmethods PUT\n}", "https://any.example", VerdictRefused},
		{"origins * https://a.example\nexcept https://a.example", "https://a.example", VerdictRefused},
		{"origins *\norigin_regexp https://[a-z]+\\.a\\.example", "https://x.a.example", VerdictAllowed},
		{"origins *", "null", VerdictRefused},
		{"origins *", "app://.", VerdictRefused},
		{"origins * app://.", "app://.", VerdictAllowed},
		{"origins *", "https://ws.example", VerdictSameOrigin}, // over TLS its own
	} {
		p := policyOf(t, c.block+"\nenforce websockets")
		r := getFrom(c.origin)
		r.Host, r.TLS, r.WebSocket = "ws.example", true, true
		d := p.decide(&r)
		if d.Verdict != c.want || d.Verdict != VerdictAllowed && (d.AllowOrigin != "" || d.Permissions != nil) {
			t.Errorf("%q, %s: got %+v, want %s", c.block, c.origin, d, c.want)
		}
		if refuses := p.Refuses(&d, &r); refuses != (c.want == VerdictRefused) {
			t.Errorf("%q, %s: Refuses() = %v", c.block, c.origin, refuses)
		}
		r.WebSocket = false
		if d := p.decide(&r); p.Refuses(&d, &r) {
			t.Errorf("%q, %s: a request that is no handshake is refused", c.block, c.origin)
		}
	}
}

// TestKeepIsNotStatic: what an upstream makes of Origin, nobody knows.
func TestKeepIsNotStatic(t *testing.T) {
	t.Parallel()
	for block, want := range map[string]bool{
		"origins *":                                true,
		"origins *\nupstream override":             true,
		"origins *\nupstream keep":                 false,
		"origins *\nexcept https://a.example":      false,
		"origins *\nexcept null":                   false,
		"origins *\nfor https://a.example {\n}":    false,
		"origins https://a.example\nupstream keep": false,
		"origins *\nenforce websockets":            true,
		"origins * https://a.example":              true,
	} {
		p := policyOf(t, block)
		d := p.decide(&Request{Method: http.MethodGet})
		if p.IsStatic() != want || (d.AllowOrigin == "*") != want {
			t.Errorf("%q: static %v, and without an Origin it says %q", block, p.IsStatic(), d.AllowOrigin)
		}
	}
}
