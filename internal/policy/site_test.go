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
