package page

import (
	"bytes"
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

func TestMain(m *testing.M) { corstest.Main(m) }

// adapt reads a Caddyfile from a file, which it edits afterwards.
func adapt(t *testing.T, port int) []byte {
	t.Helper()
	name := filepath.Join(t.TempDir(), "Caddyfile")
	text := fmt.Sprintf("{\n\tadmin off\n}\nhttp://127.0.0.1:%d {\n\tbind 127.0.0.1\n\tdemo_policy /policy http://app.localhost\n}\n", port)
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	config, _, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte(text), map[string]any{"filename": name})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte("edited"), 0o600); err != nil {
		t.Fatal(err)
	}
	return config
}

// TestShowsWhatRuns: an edit without a reload is not shown.
func TestShowsWhatRuns(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	config := adapt(t, port)
	if _, err := corstest.Provision(t, config); err == nil || !strings.Contains(err.Error(), "another example") {
		t.Errorf("with the port taken: %v", err)
	}
	l.Close()
	app, err := corstest.Provision(t, config)
	if err != nil {
		t.Fatal(err)
	}
	for _, srv := range app.Servers {
		server := httptest.NewServer(srv)
		t.Cleanup(server.Close)
		res := corstest.Ask(t, "GET", server.URL+"/policy", corstest.Header{"Host", fmt.Sprintf("127.0.0.1:%d", port)})
		var body bytes.Buffer
		if _, err := body.ReadFrom(res.Body); err != nil || !strings.Contains(body.String(), "demo_policy") {
			t.Errorf("got %q, %v", body.String(), err)
		}
	}
}

func TestAnnounces(t *testing.T) {
	var out bytes.Buffer
	if err := (&announcer{"http://app.localhost:8080", &out}).Handle(t.Context(), caddy.Event{}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "Open http://app.localhost:8080\n") || !serving.Load() {
		t.Errorf("it says %q", out.String())
	}
	serving.Store(false)
}
