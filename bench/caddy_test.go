package bench

import (
	"os"
	"sync"
	"testing"

	"github.com/caddyserver/caddy/v2"
	_ "github.com/caddyserver/caddy/v2/modules/standard"
)

// TestMain keeps Caddy's files out of the home directory.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "caddy-cors-bench-")
	if err != nil {
		panic(err)
	}
	for _, name := range []string{"HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"} {
		os.Setenv(name, dir)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// discardLogs has Caddy's usual level, and writes nowhere.
const discardLogs = `{"logs": {"default": {"writer": {"output": "discard"}}}}`

// caddyContext is what Caddy provisions a handler with.
func caddyContext(t testing.TB) caddy.Context {
	t.Helper()
	ctx, err := sharedContext()
	if err != nil {
		t.Fatal(err)
	}
	return ctx
}

var sharedContext = sync.OnceValues(func() (caddy.Context, error) {
	var cfg caddy.Config
	if err := caddy.StrictUnmarshalJSON([]byte(`{"admin": {"disabled": true}, "logging": `+discardLogs+`}`), &cfg); err != nil {
		return caddy.Context{}, err
	}
	return caddy.ProvisionContext(&cfg)
})
