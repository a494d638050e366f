package corstest

import (
	"flag"
	"os"
	"runtime"
	"strconv"
	"testing"

	"github.com/caddyserver/caddy/v2"
)

// ChildProcess is the environment variable that a test sets, to any value, for
// a process of its own test binary that shall share its storage.
const ChildProcess = "CORS_TEST_CHILD"

// Main is the TestMain of a package that loads configurations: it keeps Caddy's
// files out of the home directory, and runs tests that wait side by side.
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
	runMore()
	return m.Run()
}

// waiters is how many tests run at a time. Most of them wait for something: an
// endpoint that hangs, a file that changes.
const waiters = 8

// runMore lets as many tests run at a time, unless -parallel says how many.
func runMore() {
	flag.Parse()
	said := false
	flag.Visit(func(f *flag.Flag) { said = said || f.Name == "test.parallel" })
	if more := flag.Lookup("test.parallel"); !said && runtime.GOMAXPROCS(0) < waiters {
		_ = more.Value.Set(strconv.Itoa(waiters))
	}
}
