package lint_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/lint"
)

const corpus = "../../testdata/lint/*.caddyfile"

var wants = regexp.MustCompile(` *# want:.*`)

// TestCorpus: configurations as people write them. The expected findings stand in
// comments at the ends of their lines: `# want: id id`. Run the test with UPDATE=1
// to write these anew, and read the difference.
func TestCorpus(t *testing.T) {
	files, err := filepath.Glob(corpus)
	if err != nil || len(files) < 60 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".caddyfile"), func(t *testing.T) {
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			report, err := lint.File(file, "caddyfile", lint.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if unknown := strings.HasPrefix(string(body), "# adapt: no"); unknown != (report.Err != nil) {
				t.Errorf("Caddy says %v", report.Err)
			}
			if os.Getenv("UPDATE") != "" {
				update(t, file, string(body), report.Findings)
				return
			}
			if got, want := foundIn(report.Findings), wantedIn(string(body)); !slices.Equal(got, want) {
				t.Errorf("got  %v\nwant %v", got, want)
			}
		})
	}
}

func foundIn(findings []lint.Finding) (all []string) {
	for _, f := range findings {
		all = append(all, fmt.Sprintf("%d %s", f.Line, f.ID))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func wantedIn(body string) (all []string) {
	for i, line := range strings.Split(body, "\n") {
		if _, ids, ok := strings.Cut(line, "# want:"); ok {
			for id := range strings.FieldsSeq(ids) {
				all = append(all, fmt.Sprintf("%d %s", i+1, id))
			}
		}
	}
	slices.Sort(all)
	return all
}

func update(t *testing.T, file, body string, findings []lint.Finding) {
	t.Helper()
	lines := strings.Split(wants.ReplaceAllString(body, ""), "\n")
	for _, f := range foundIn(findings) {
		var n int
		var id string
		if _, err := fmt.Sscanf(f, "%d %s", &n, &id); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(lines[n-1], "# want:") {
			lines[n-1] += " # want:"
		}
		lines[n-1] += " " + id
	}
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
}
