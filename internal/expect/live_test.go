package expect_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/caddy-cors/caddy-cors/internal/check"
	"github.com/caddy-cors/caddy-cors/internal/expect"
)

// liveServer allows one page, also preflights, and counts the PUTs.
func liveServer(t *testing.T, puts *atomic.Int32) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			puts.Add(1)
		}
		if r.Header.Get("Origin") == "https://app.example.com" {
			w.Header().Set("Access-Control-Allow-Origin", "https://app.example.com")
			w.Header().Set("Access-Control-Allow-Methods", "PUT")
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestLive(t *testing.T) {
	t.Parallel()
	var puts atomic.Int32
	url := liveServer(t, &puts)
	for _, c := range []struct {
		name, text string
		send       bool
		status     int
		says       string
		puts       int32
	}{
		{"as expected", "allow https://app.example.com\nrefuse https://evil.example", false, 0, "2 passed", 0},
		{"not as expected", "allow https://evil.example", false, 1, "Cure: allow the origin: `cors https://evil.example`", 0},
		{"a preflight is enough", "allow https://app.example.com {\nmethod PUT\n}", false, 0, "1 passed", 0},
		{"but not to keep a page out", "refuse https://app.example.com {\nmethod PUT\n}", false, 1, "PREFLIGHT PASSED", 0},
		{"nor to read headers", "allow https://app.example.com {\nmethod PUT\nexpose Content-Type\n}", false, 2, "without a verdict", 0},
		{"without a preflight nothing is seen", "refuse https://evil.example {\nmethod POST\n}", false, 2, "add --send", 0},
		{"sent", "allow https://app.example.com {\nmethod PUT\nexpose Content-Type\n}", true, 0, "1 passed", 1},
		{"nobody tells it how to behave", "allow https://app.example.com {\nupstream down\n}\nrefuse https://evil.example", false, 0, "1 passed, 1 skipped", 0},
		{"nothing was asked", "allow https://app.example.com {\nupstream down\n}", false, 2, "0 passed, 1 skipped", 0},
	} {
		puts.Store(0)
		file := filepath.Join(t.TempDir(), "cors.expect")
		write(t, file, url+"/ {\n"+c.text+"\n}\n")
		var out bytes.Buffer
		status, err := expect.Run(&out, []string{file}, expect.Options{Live: &check.Transport{Send: c.send, Timeout: 20 * time.Second}})
		if status != c.status || err != nil || !strings.Contains(out.String(), c.says) || puts.Load() != c.puts {
			t.Errorf("%s: status %d, %v, %d PUT, want %d and %q in\n%s", c.name, status, err, puts.Load(), c.status, c.says, out.String())
		}
	}
}

// TestLiveControls: what a server writes is shown, and does nothing.
func TestLiveControls(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "https://\u009b2J\u202e.example<&>")
	}))
	t.Cleanup(s.Close)
	dir := t.TempDir()
	file, report := filepath.Join(dir, "cors.expect"), filepath.Join(dir, "junit.xml")
	write(t, file, s.URL+"/ {\nallow https://app.example.com\n}\n")
	for _, asJSON := range []bool{false, true} {
		var out bytes.Buffer
		status, err := expect.Run(&out, []string{file}, expect.Options{
			Live: &check.Transport{Timeout: 20 * time.Second}, JSON: asJSON, JUnit: report,
		})
		text := out.String() + read(t, report)
		if status != 1 || err != nil || strings.ContainsAny(text, "\u009b\u202e") || !strings.Contains(text, "2J") {
			t.Errorf("status %d, %v: %q", status, err, text)
		}
	}
}

// TestLiveOptions: a wrong option is an error of the transport.
func TestLiveOptions(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "cors.expect")
	write(t, file, "https://api.example.com/ {\nallow https://app.example.com\n}\n")
	var out bytes.Buffer
	if status, err := expect.Run(&out, []string{file}, expect.Options{Live: &check.Transport{}}); status != 2 || err == nil || !strings.Contains(err.Error(), "--timeout") {
		t.Errorf("status %d, %v", status, err)
	}
}
