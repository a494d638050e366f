package cli

import (
	"io"

	"github.com/spf13/pflag"
)

// RunTest runs caddy cors test, and leaves the process alone.
func RunTest(out io.Writer, args []string) (int, error) {
	var f testFlags
	fl := pflag.NewFlagSet("test", pflag.ContinueOnError)
	f.register(fl)
	if err := fl.Parse(args); err != nil {
		return -1, err
	}
	return f.run(out, fl, fl.Args())
}

// ProgressTo is who gets the progress of lint on a file, and ProgressOn what it
// writes.
var (
	ProgressTo = progress
	ProgressOn = progressOn
)
