package cors

import (
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

// TestSurveyHeaders: what a `header` directive in front of cors does to its
// headers is told, and only that.
func TestSurveyHeaders(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"header Access-Control-Allow-Origin *":                        "cors replaces it",
		"header >Access-Control-Allow-Origin *":                       "last word",
		"header {\n\tAccess-Control-Allow-Methods PUT\n\tdefer\n}":    "last word",
		"header {\n\tAccess-Control-Max-Age 5\n\tmatch status 2xx\n}": "last word",
		"header Access-Control-Allow-Origin a b":                      "cors replaces it",
		"header -Access-Control-Allow-Origin":                         "takes away",
		"header -Access-Control-*":                                    "takes away",
		"header -*-Origin":                                            "takes away",
		"header -*allow*":                                             "takes away",
		"header ?Access-Control-Allow-Origin *":                       "for refused origins",
		"header >Vary Accept":                                         "`Vary: Origin` is lost",
		"header -Vary":                                                "`Vary: Origin` is lost",
		"header {\n\tVary Accept-Encoding\n\t-Server\n}":              "`Vary: Origin` is lost",
		"header Vary Accept":                                          "", // cors adds to it
		"header >Vary \"Accept, origin\"":                             "",
		"header >Vary *":                                              "",
		"header >+Vary Accept":                                        "",
		"header ?Vary Accept":                                         "",
		"header >Vary Accept Other":                                   "", // replaces a part
		"header {\n\t+Vary Accept\n\t-Server\n}":                      "",
		"header -Server":                                              "",
		"header X-Access-Control-Allow-Origin *":                      "",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			srv := corstest.Site(t, line+"\n"+oneLine+"\nrespond hello")
			got := corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.App))
			n := corstest.LogLines(t.Name()).Count("a header directive")
			if want == "" && n > 0 || want != "" && corstest.LogLines(t.Name()).Count("a header directive", want) != 1 {
				t.Errorf("want %q, got:\n%s", want, corstest.LogLines(t.Name()))
			}
			// The warning about Vary is right.
			if lost := corstest.VaryTokens(got.Header)["origin"] == 0 && corstest.VaryTokens(got.Header)["*"] == 0; lost != strings.Contains(want, "Vary") {
				t.Errorf("Vary: %q", got.Header.Values("Vary"))
			}
		})
	}
}
