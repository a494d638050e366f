package check_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/caddy-cors/caddy-cors/internal/check"
)

// TestApps: every origin that some client sends can be asked about.
func TestApps(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Access-Control-Allow-Methods", "PUT")
		h.Set("Access-Control-Allow-Credentials", "true")
		if origin := r.Header.Get("Origin"); r.URL.Path == "/echo" || r.URL.Path == "/app" && origin == "app://." {
			h.Set("Access-Control-Allow-Origin", origin)
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(srv.Close)
	tr := check.Transport{Timeout: 10 * time.Second, Send: true}
	if err := tr.Open(); err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	for _, origin := range []string{"app://.", "package://", "qrc://", "file://", "capacitor://localhost", "chrome-extension://abcdefghijklmnopabcdefghijklmnop"} {
		for path, want := range map[string]bool{"/echo": true, "/app": origin == "app://.", "/none": false} {
			for _, method := range []string{"GET", "PUT"} {
				q := check.Question{URL: srv.URL + path, Origin: origin, Method: method, Credentials: true}
				page, r, err := q.Parse()
				if err != nil {
					t.Fatal(err)
				}
				if readable := check.Exit(check.Play(page, r, &tr)) == check.ExitReadable; readable != want {
					t.Errorf("%s %s from %s: readable %v, want %v", method, path, origin, readable, want)
				}
			}
		}
	}
}
