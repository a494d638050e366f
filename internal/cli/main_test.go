package cli

import (
	"os"
	"testing"

	"github.com/spf13/cobra"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

// TestMain makes the test binary `caddy cors` where the environment says so: what
// stands on stderr is seen only from outside.
func TestMain(m *testing.M) {
	if os.Getenv("CORS_TEST_AS_COMMAND") == "" {
		corstest.Main(m)
		return
	}
	cmd := new(cobra.Command)
	Command().CobraFunc(cmd)
	cmd.SetArgs(os.Args[1:])
	if cmd.Execute() != nil {
		os.Exit(1)
	}
}
