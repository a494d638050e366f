package corstest

import (
	"os"
	"testing"

	"github.com/caddyserver/caddy/v2"
)

// ChildProcess is the environment variable that a test sets, to any value, for
// a process of its own test binary that shall share its storage.
const ChildProcess = "CORS_TEST_CHILD"

// Main is the TestMain of a package that loads configurations: it keeps Caddy's
// files out of the home directory.
func Main(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "caddy-cors-test-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	for _, name := range []string{"HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"} {
		os.Setenv(name, dir)
	}
	if os.Getenv(ChildProcess) == "" {
		caddy.DefaultStorage.Path = caddy.AppDataDir() // Caddy looked for it before
	}
	return m.Run()
}
