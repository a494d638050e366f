// Package cli has the commands of `caddy cors`.
package cli

import (
	"fmt"
	"io"
	"os"
	"strings"

	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	"github.com/spf13/cobra"

	"github.com/caddy-cors/caddy-cors/internal/check"
	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// Command is `caddy cors`.
func Command() caddycmd.Command {
	return caddycmd.Command{
		Name:  "cors",
		Short: "Finds out why a browser blocks a request",
		Long: `
Tells what browsers make of the CORS of a live server (check), of that of a
configuration before it runs (explain), and what in a configuration defeats it
(lint); holds both to what pages may do (test); and edits the lists of origins in
Caddy's storage (origins).`,
		CobraFunc: func(cmd *cobra.Command) {
			cmd.AddCommand(checkCommand(), explainCommand(), lintCommand(), testCommand(), originsCommand())
		},
	}
}

// askFlags are the flags of the question that check and explain have in common.
type askFlags struct {
	question check.Question
	verbose  bool
	json     bool
}

func (f *askFlags) register(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVarP(&f.question.Origin, "origin", "o", "", "The page's origin, e.g. https://app.example.com (required)")
	fl.StringVarP(&f.question.Method, "method", "X", "", "The method that the page asks for (default GET)")
	fl.StringArrayVarP(&f.question.Headers, "header", "H", nil, "A request header that the page sets, as 'Name: value'; may be repeated")
	fl.BoolVar(&f.question.Credentials, "credentials", false, "The page asks with credentials: 'include'")
	fl.BoolVarP(&f.verbose, "verbose", "v", false, "Show all headers of the exchange")
	fl.BoolVar(&f.json, "json", false, "Print the verdict as JSON")
	cmd.Args = usageErrors(cmd, cobra.ExactArgs(1))
}

// usageErrors lets wrong flags and arguments end with the exit status for
// wrong questions, not with cobra's.
func usageErrors(cmd *cobra.Command, args cobra.PositionalArgs) cobra.PositionalArgs {
	fail := func(cmd *cobra.Command, err error) error {
		fmt.Fprintf(cmd.ErrOrStderr(), "%v\n\n%s", err, cmd.UsageString())
		os.Exit(check.ExitUsage)
		return err
	}
	cmd.SetFlagErrorFunc(fail)
	return func(cmd *cobra.Command, given []string) error {
		if err := args(cmd, given); err != nil {
			return fail(cmd, err)
		}
		return nil
	}
}

// run makes a command function of one that returns an exit status.
func run(f func(out io.Writer, args []string) (int, error)) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		status, err := f(cmd.OutOrStdout(), args)
		if err != nil {
			fmt.Fprintf(terminal{cmd.ErrOrStderr()}, "%v\n", err)
		}
		if status != 0 {
			os.Exit(status)
		}
		return nil
	}
}

// terminal is a writer for people. What a configuration may hold that moves their
// cursor, or turns the direction of a line, becomes dots.
type terminal struct{ io.Writer }

func (t terminal) Write(p []byte) (int, error) {
	lines := strings.Split(string(p), "\n")
	for i := range lines {
		lines[i] = httpwords.Printable(lines[i])
	}
	_, err := io.WriteString(t.Writer, strings.Join(lines, "\n"))
	return len(p), err
}
