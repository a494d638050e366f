package cors

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// TestOverlapKeepsSecrets: the warning of two policies names the matchers that lead
// to them. Of a matcher whose value may be a secret it shows the name alone.
func TestOverlapKeepsSecrets(t *testing.T) {
	t.Parallel()
	for shown, matcher := range map[string]string{
		`"header"`:        "header X-Token sesame",
		`"header_regexp"`: "header_regexp X-Token ^sesame$",
		`"query"`:         "query token=sesame",
		`"expression"`:    "expression `{header.X-Token} == 'sesame'`",
		`"vars"`:          "vars {header.X-Token} sesame",
		`"not"`:           "not header X-Token sesame-seed",
		`/api/*`:          "path /api/*\nheader X-Token sesame",
	} {
		t.Run(strings.Fields(matcher)[0], func(t *testing.T) {
			t.Parallel()
			srv := corstest.Site(t, "@secret {\n"+matcher+"\n}\ncors @secret "+corstest.App+"\n"+oneLine+"\nrespond hello")
			corstest.Ask(t, "GET", srv.URL+"/api/x?token=sesame", corstest.From(corstest.App), corstest.Header{"X-Token", "sesame"})
			const warning = "two cors handlers"
			log := corstest.LogLines(t.Name())
			if log.Count(warning, shown) != 1 {
				t.Errorf("no warning shows %s:\n%s", shown, log)
			}
			if log.Count(warning, "sesame") > 0 {
				t.Errorf("the warning has the secret:\n%s", log)
			}
		})
	}
}

// TestOverlapIsPrintable: neither the name of a policy nor the value of a matcher
// can write on a terminal what it likes.
func TestOverlapIsPrintable(t *testing.T) {
	t.Parallel()
	const hostile = "\x1b[31m\u009b\u202e"
	srv := corstest.Site(t, "@hostile path /api/* \"/"+hostile+"\"\ncors @hostile "+corstest.App+
		"\ncors "+corstest.App+" {\nname \"wide"+hostile+"\"\n}\nrespond hello")
	corstest.Ask(t, "GET", srv.URL+"/api/x", corstest.From(corstest.App))
	told := 0
	for line := range strings.Lines(corstest.LogLines(t.Name()).String()) {
		if !strings.Contains(line, "two cors handlers") {
			continue
		}
		told++
		fields := make(map[string]any) // zap escapes some control bytes, and a reader of the log undoes that
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprint(fields)
		if !strings.Contains(text, "wide.") || !strings.Contains(text, "/api/*") || strings.ContainsFunc(text, httpwords.IsControl) {
			t.Errorf("%q", text)
		}
	}
	if told != 1 {
		t.Errorf("%d warnings, want 1:\n%s", told, corstest.LogLines(t.Name()))
	}
}
