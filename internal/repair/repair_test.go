package repair_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/lint"
	"github.com/caddy-cors/caddy-cors/internal/repair"
)

// TestAgain: what was repaired needs no repair, and lint finds nothing in it.
func TestAgain(t *testing.T) {
	t.Setenv("CORS_TEST_ORIGIN", "https://app.example.com") // some configurations read it
	files, _ := filepath.Glob("testdata/*.txt")
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, want, _ := strings.Cut(string(content), divider)
		for strings.HasPrefix(want, "# Caddyfile:") {
			_, want, _ = strings.Cut(want, "\n")
		}
		if want == "" || strings.Contains(string(content), "\n-- ") || strings.Contains(string(content), "no repair") {
			continue
		}
		if again := mend(t, want); again.Applies() {
			t.Errorf("%s: repaired once more:\n%s", file, again.New["Caddyfile"])
		}
		report, err := lint.Caddyfile("Caddyfile", []byte(want), lint.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range report.Findings { // a named route that loses handlers stays as it is; a forwarded preflight is tried where lint is not asked
			if f.Severity != lint.Note && f.ID != "lost" && !strings.Contains(f.Problem, "preflight forward") {
				t.Errorf("%s: lint finds %s", file, f.Problem)
			}
		}
	}
}

// TestLines: a repair knows the lines that it replaces, and no others.
func TestLines(t *testing.T) {
	res := mend(t, "api.example.com {\n\theader {\n\t\tAccess-Control-Allow-Origin https://app.example.com\n\t\tX-Other 1\n\t}\n\trespond ok\n}\n")
	if len(res.Repairs) != 1 || !res.Repairs[0].Covers("Caddyfile", 3) || res.Repairs[0].Covers("Caddyfile", 4) || res.Repairs[0].Covers("other", 3) {
		t.Errorf("got %+v", res.Repairs)
	}
	if want := []string{"\tcors https://app.example.com"}; !slices.Equal(res.Repairs[0].Text, want) {
		t.Errorf("got %q, want %q", res.Repairs[0].Text, want)
	}
}

// TestErrors: what Caddy refuses is not repaired.
func TestErrors(t *testing.T) {
	for _, text := range []string{"a.example {\n\tnonsense\n}\n", "a.example {\n\theader @x Access-Control-Allow-Origin *\n}\n"} {
		if _, err := repair.Caddyfile("Caddyfile", []byte(text), repair.Options{}); err == nil {
			t.Errorf("no error for %s", text)
		}
	}
}

// TestNamed: where the lines do not say whom they are for, --origin does, as in lint.
func TestNamed(t *testing.T) {
	const reflects = "api.example.com {\n\theader Access-Control-Allow-Origin {http.request.header.Origin}\n\trespond ok\n}\n"
	want := []string{"https://app.example.com", "https://b.example.com"}
	if got, err := repair.Named("Caddyfile", []byte(reflects), repair.Options{Origins: want}); err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, got %q, want %q", err, got, want)
	}
}

// TestWindows: the lines of a file from Windows end as they did, those of a repair too.
// Every eighth golden file is played, as it takes its time.
func TestWindows(t *testing.T) {
	t.Setenv("CORS_TEST_ORIGIN", "https://app.example.com")
	files, _ := filepath.Glob("testdata/*.txt")
	for i, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		old, _, _ := strings.Cut(string(content), divider)
		if i%8 != 0 || strings.Contains(old, "\n-- ") || strings.HasPrefix(old, origins) {
			continue
		}
		want := repaired(t, old)
		if got := repaired(t, strings.ReplaceAll(old, "\n", "\r\n")); strings.ReplaceAll(got, "\r\n", "\n") != want ||
			!strings.HasPrefix(got, "# ") && strings.Count(got, "\r\n") != strings.Count(got, "\n") {
			t.Errorf("%s: got\n%q", file, got)
		}
	}
}
