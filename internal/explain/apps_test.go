package explain_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/check"
	"github.com/caddy-cors/caddy-cors/internal/explain"
)

// TestApps is not parallel: Caddy redirects its default logger.
func TestApps(t *testing.T) {
	dir := t.TempDir()
	list := filepath.Join(dir, "origins.txt")
	if err := os.WriteFile(list, []byte("qrc://\nfile://\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "Caddyfile")
	if err := os.WriteFile(file, []byte(`listed.example.com {
	cors app://. package://
	respond hello
}
star.example.com {
	cors {
		origins *
		except package://
		for app://. {
			credentials
		}
		enforce websockets
	}
	respond hello
}
source.example.com {
	cors {
		origins_from file `+list+`
	}
	respond hello
}
`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		url, origin string
		credentials bool
		readable    bool
		want        string
	}{
		{"https://listed.example.com/", "app://.", false, true, "decision  allowed"},
		{"https://listed.example.com/", "package://", false, true, "decision  allowed"},
		{"https://listed.example.com/", "qrc://", false, false, "origin_not_allowed"},
		{"https://listed.example.com/", "file://", false, false, "origin_not_allowed"},
		{"https://star.example.com/", "app://.", true, true, "decision  allowed"},
		{"https://star.example.com/", "package://", false, false, "origin_not_allowed"},
		{"https://star.example.com/", "qrc://", false, true, "decision  allowed"},
		{"https://star.example.com/", "file://", false, true, "decision  allowed"},
		{"wss://star.example.com/", "qrc://", false, false, "origin_not_allowed"},
		{"https://source.example.com/", "qrc://", false, true, "decision  allowed"},
		{"https://source.example.com/", "file://", false, false, "origin_not_allowed"},
	} {
		q := check.Question{URL: c.url, Origin: c.origin, Credentials: c.credentials}
		text, status, err := explainAsking(t, file, q)
		if err != nil || (status == check.ExitReadable) != c.readable || !strings.Contains(text, c.want) {
			t.Errorf("%s from %s: status %d, %v; want %q in\n%s", c.url, c.origin, status, err, c.want, text)
		}
	}
}

// explainAsking is explainFile that lets sources be asked.
func explainAsking(t *testing.T, file string, q check.Question) (string, int, error) {
	t.Helper()
	var b bytes.Buffer
	status, err := explain.Run(&b, q, explain.Options{Config: file, Ask: true})
	return b.String(), status, err
}
