package e2e

import (
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write the tables of docs/browsers.md")

// TestMain keeps Caddy's files out of the home directory.
func TestMain(m *testing.M) {
	flag.Parse()
	dir, err := os.MkdirTemp("", "caddy-cors-e2e-")
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
