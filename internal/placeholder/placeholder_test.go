package placeholder

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFind: braces of regular expressions are none of ours.
func TestFind(t *testing.T) {
	t.Parallel()
	for value, want := range map[string][3]string{
		"https://a.example":       {"https://a.example", "", ""},
		"a{env.B}c":               {"a", "env.B", "c"},
		`[0-9]{2,5}{env.B}`:       {`[0-9]{2,5}`, "env.B", ""},
		`\p{Greek}`:               {`\p{Greek}`, "", ""},
		"{}{.a}{env.B}{file.C}":   {"{}{.a}", "env.B", "{file.C}"},
		"{env.B":                  {"{env.B", "", ""},
		"{{env.B}}":               {"{", "env.B", "}"},
		"{http.request.host}.com": {"", "http.request.host", ".com"},
	} {
		before, key, after, found := Find(value)
		if got := [3]string{before, key, after}; got != want || found != (want[1] != "") {
			t.Errorf("%q: got %q, %t, want %q", value, got, found, want)
		}
	}
}

// TestLater: what is known only when the configuration is loaded is left to
// that, but what a request would fill in is refused at once.
func TestLater(t *testing.T) {
	t.Parallel()
	for value, known := range map[string]bool{"https://a.example": true, "x{2,5}": true, "{env.A}": false, "https://{env.A}.example": false} {
		if got, isKnown, err := Later(value); err != nil || isKnown != known || known && got != value {
			t.Errorf("%q: got %q, %t, %v", value, got, isKnown, err)
		}
	}
	for _, value := range []string{"https://{http.request.host}", "{env.A}{http.request.header.Origin}"} {
		if _, known, err := Later(value); known || err == nil || !strings.Contains(err.Error(), "depends on the request") {
			t.Errorf("%q: got %t, %v", value, known, err)
		}
	}
}

// TestExpand fills in what does not depend on a request.
func TestExpand(t *testing.T) {
	t.Setenv("CORS_TEST_SUB", "app")
	t.Setenv("CORS_TEST_BRACES", "{env.CORS_TEST_SUB}")
	file := filepath.Join(t.TempDir(), "origins.txt")
	if err := os.WriteFile(file, []byte("https://d.example\nhttps://e.example\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for value, want := range map[string]string{
		"https://a.example":                               "https://a.example",
		"https://{env.CORS_TEST_SUB}.c.example":           "https://app.c.example",
		"{env.CORS_TEST_SUB}-{env.CORS_TEST_SUB}[0-9]{2}": "app-app[0-9]{2}",
		"{file." + file + "}":                             "https://d.example\nhttps://e.example",
		"{env.CORS_TEST_BRACES}":                          "{env.CORS_TEST_SUB}", // filled in once
	} {
		got, known, err := Expand(value)
		if err != nil || !known || strings.TrimSpace(got) != want {
			t.Errorf("%q: got %q, %t, %v, want %q", value, got, known, err, want)
		}
	}
	for value, want := range map[string]string{
		"{env.CORS_TEST_UNSET}":          "became empty",
		"https://{env.CORS_TEST_UNSET}/": "became empty",
		"{nonsense.key}":                 "is an unknown placeholder",
		"https://{http.request.host}":    "depends on the request",
	} {
		if got, known, err := Expand(value); known || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %q, %t, %v, want %q", value, got, known, err, want)
		}
	}
}
