package cors

import (
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// TestForInChain: every response says that it depends on the origin.
func TestForInChain(t *testing.T) {
	t.Parallel()
	const lines = "origins *\nheaders X-A\nmax_age 10m\nexpose X-B\nexcept https://no.a.example\n" +
		"for https://a.example https://*.a.example {\ncredentials\nmethods PUT\n}\n" +
		"for https://x.a.example https://b.example {\nheaders none\nmax_age off\nexpose X-C\n}"
	srv := corstest.Site(t, "cors {\n"+lines+"\n}\nrespond hello")
	res := corstest.Ask(t, "GET", srv.URL, corstest.From("https://a.example"))
	corstest.WantHeader(t, res.Header, httpwords.AllowOrigin, "https://a.example")
	corstest.WantHeader(t, res.Header, httpwords.AllowCredentials, "true")
	corstest.WantVary(t, res.Header, "Origin")
	res = corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.Evil))
	corstest.WantHeader(t, res.Header, httpwords.AllowOrigin, "*")
	corstest.WantHeader(t, res.Header, httpwords.AllowCredentials)
	corstest.WantVary(t, res.Header, "Origin")
	res = corstest.Ask(t, "GET", srv.URL)
	corstest.WantNothing(t, res.Header)
	corstest.WantVary(t, res.Header, "Origin")
}

// TestForMistakes: the rules hold for each `for` by itself.
func TestForMistakes(t *testing.T) {
	t.Parallel()
	for lines, want := range map[string]string{
		"for {\ncredentials\n}":                                                                                  "names no origin",
		"origins https://a.example\nfor * {\nmethods PUT\n}":                                                     "`for *` would be for everybody",
		"origins https://a.example\nfor http://b.example {\ncredentials\n}":                                      "http://b.example with credentials",
		"origins https://a.example\ncredentials\nfor http://b.example {\nmethods PUT\n}":                         "http://b.example with credentials",
		"origins https://a.example\nfor https://*.github.io {\ncredentials\n}":                                   "public suffix",
		"origins https://a.example\nfor null {\ncredentials\n}\ndangerously_allow null_origin":                   "null with credentials",
		"origins https://a.example\nfor https://b.example/ {\nmethods TRACE\n}":                                  "TRACE",
		"origins https://a.example\nfor https://b.example {\norigins https://c.example\n}":                       "outside of the `for`",
		"origins https://a.example\nfor https://b.example {\nmethods PUT\nmax_age 1m\nmax_age 2m\n}":             "max_age is given twice (lines 6 and 7)",
		"origins https://a.example\nfor https://b.example {\nmethds PUT\n}":                                      "did you mean methods?",
		"origins https://a.example\nmethods GET PUT\nfor https://b.example {\nmethods\n}\nfor https://c.example": "methods needs at least one value",
	} {
		_, err := corstest.Adapt("http:// {\ncors {\n" + lines + "\n}\n}\n")
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), ", at Caddyfile:") {
			t.Errorf("%q: %v, want %q", lines, err, want)
		}
	}
}
