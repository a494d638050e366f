package repair_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/lint"
	"github.com/caddy-cors/caddy-cors/internal/repair"
)

var block = regexp.MustCompile("(?s)(<!-- [^>]* -->\n)?```caddyfile\n(.*?)```")

// TestMigration: docs/migration.md says that `lint --diff` repairs its old
// Caddyfiles. Of two it does not know whom they are for.
func TestMigration(t *testing.T) {
	text, err := os.ReadFile("../../docs/migration.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "lint --diff") {
		t.Error("the document does not say so")
	}
	olds := 0
	for _, m := range block.FindAllStringSubmatch(string(text), -1) {
		if m[1] != "" || !strings.Contains(m[2], "Access-Control-Allow-Origin") {
			continue
		}
		olds++
		found, err := lint.Caddyfile("Caddyfile", []byte(m[2]), lint.Options{})
		if err != nil {
			t.Fatal(err)
		}
		o := repair.Options{Findings: found.Findings}
		if strings.Contains(m[2], "Allow-Origin {header.Origin}") && !strings.Contains(m[2], "header_regexp") {
			if res, err := repair.Caddyfile("Caddyfile", []byte(m[2]), o); err != nil || res.Applies() {
				t.Errorf("%v: repaired without --origin:\n%s", err, m[2])
			}
			o.Origins = []string{"https://app.example.com"}
		}
		res, err := repair.Caddyfile("Caddyfile", []byte(m[2]), o)
		if err != nil || !res.Applies() {
			t.Errorf("%v, not repaired: %+v\n%s", err, res.Repairs, m[2])
			continue
		}
		after, err := lint.Caddyfile("Caddyfile", []byte(res.New["Caddyfile"]), lint.Options{})
		if err != nil || after.Worst() != "" && after.Worst() != lint.Note {
			t.Errorf("%v, the repaired one has findings: %+v\n%s", err, after.Findings, res.New["Caddyfile"])
		}
	}
	if olds < 4 {
		t.Errorf("only %d old configurations", olds)
	}
}
