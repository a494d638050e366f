package cors

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

// TestWarningsAreBounded: a configuration that smells in a thousand places does not
// fill the log, and says how much it leaves out.
func TestWarningsAreBounded(t *testing.T) {
	t.Parallel()
	var insecure strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&insecure, " http://h%d.example.com", i)
	}
	corstest.Chain(t, "http:// {\n"+oneLine+insecure.String()+"\n}\n")
	log := corstest.LogLines(t.Name())
	const warning, logger = `"level":"warn"`, `"http.handlers.cors"`
	if n := log.Count(warning, logger); n != maxWarnings+1 {
		t.Errorf("%d warnings, want %d and one that says so", n, maxWarnings)
	}
	if log.Count(warning, logger, fmt.Sprintf(`"not_shown":%d`, 1000-maxWarnings)) != 1 {
		t.Errorf("nothing says that %d are not shown:\n%.2000s", 1000-maxWarnings, log)
	}
}

// TestRefusalIsBounded: what a stranger writes in a request makes no long line in
// the log, whichever header it is in.
func TestRefusalIsBounded(t *testing.T) {
	t.Parallel()
	const longest = 200 + len("…") // bytes of one value
	long := strings.Repeat("a", 60)
	longer := strings.Repeat(long+".", 4)
	srv := corstest.Site(t, oneLine)
	for name, headers := range map[string][]corstest.Header{
		"origin_not_allowed":  {corstest.From("https://" + longer + "example"), {"Host", longer + "org"}},
		"origin_malformed":    {corstest.From(strings.Repeat("ö", 5000))},
		"method_not_allowed":  {corstest.From(corstest.App), corstest.AsksFor(strings.Repeat("M", 5000))},
		"headers_malformed":   {corstest.From(corstest.App), corstest.AsksFor("PUT"), {"Access-Control-Request-Headers", strings.Repeat("x", 5000)}},
		"origin_not_allowed ": {corstest.From("https://" + longer + "net"), corstest.AsksFor("PUT"), {"Access-Control-Request-Headers", strings.Repeat("x", 5000)}},
	} {
		method := "GET"
		if len(headers) > 1 && headers[1][0] != "Host" {
			method = "OPTIONS"
		}
		corstest.Ask(t, method, srv.URL, headers...)
		lines := 0
		for line := range strings.Lines(corstest.LogLines(t.Name()).String()) {
			if !strings.Contains(line, "refused a CORS request") {
				continue
			}
			lines++
			for value := range strings.SplitSeq(line, `"`) {
				if len(value) > longest || !utf8.ValidString(value) {
					t.Errorf("%s: %d bytes of the request are logged: %.300q", name, len(value), value)
				}
			}
		}
		if lines == 0 {
			t.Errorf("%s is not told", name)
		}
	}
}
