package repair_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/repair"
)

var update = flag.Bool("update", false, "write the golden files anew")

const (
	divider = "-----\n"
	origins = "# --origin " // in the first line of a golden file
)

// TestGolden repairs the Caddyfile in front of the divider. Behind it is what
// becomes of it, with what --diff says in front.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			old, want, _ := strings.Cut(string(content), divider)
			got := repaired(t, old)
			if *update {
				if err := os.WriteFile(file, []byte(old+divider+got), 0o600); err != nil { //nolint:gosec // a golden file
					t.Fatal(err)
				}
				return
			}
			if got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// repaired is the comments of the diff and the new text.
func repaired(t *testing.T, old string) string {
	t.Helper()
	res := mend(t, old)
	var diff bytes.Buffer
	res.Diff(&diff)
	var b strings.Builder
	for line := range strings.Lines(diff.String()) {
		if !strings.HasPrefix(line, "# ") {
			break
		}
		b.WriteString(line)
	}
	if res.Applies() {
		b.WriteString(res.New["Caddyfile"])
	}
	return b.String()
}

func mend(t *testing.T, old string) *repair.Result {
	t.Helper()
	var given []string
	if line, rest, ok := strings.Cut(old, "\n"); ok && strings.HasPrefix(line, origins) {
		given, old = strings.Fields(line[len(origins):]), rest
	}
	res, err := repair.Caddyfile("Caddyfile", []byte(old), repair.Options{Origins: given})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// TestAgain: what was repaired needs no repair.
func TestAgain(t *testing.T) {
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
		if want == "" {
			continue
		}
		if again := mend(t, want); again.Applies() && !strings.Contains(string(content), "no repair") {
			t.Errorf("%s: repaired once more:\n%s", file, again.New["Caddyfile"])
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
