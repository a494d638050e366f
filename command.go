package cors

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	"github.com/spf13/cobra"

	"github.com/caddy-cors/caddy-cors/internal/check"
)

func init() {
	caddycmd.RegisterCommand(caddycmd.Command{
		Name:  "cors",
		Short: "Finds out why a browser blocks a request",
		Long: `
Tells what browsers make of the CORS of a live server (check), of that of a
configuration before it runs (explain), and what in a configuration defeats it
(lint); and edits the lists of origins in Caddy's storage (origins).`,
		CobraFunc: func(cmd *cobra.Command) {
			cmd.AddCommand(checkCommand(), explainCommand(), lintCommand(), originsCommand())
		},
	})
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
			fmt.Fprintf(cmd.ErrOrStderr(), "%v\n", err)
		}
		if status != 0 {
			os.Exit(status)
		}
		return nil
	}
}

func checkCommand() *cobra.Command {
	var (
		flags askFlags
		t     check.Transport
	)
	cmd := &cobra.Command{
		Use:   "check <url> --origin <origin> [--method M] [--header 'K: V']... [--credentials] [--json]",
		Short: "Plays the browser against a live server",
		Long: `
Plays the browser against any live server, with this module or without: says
whether a preflight is needed and why, sends it, sends the request, applies the
Fetch Standard step by step, and ends in a verdict with the reason and the cure.
For a ws or wss URL it asks for the handshake of a WebSocket.

A request that could change something on the server (anything but GET, HEAD and
OPTIONS) is sent only with --send; without it the command stops after the
preflight. Cookies and credentials are sent only if you give them.

Exit status: 0 if the page could read the response, 1 if not, 2 if the question
was wrong or the server did not answer.`,
		Example: `caddy cors check https://api.example.com/items --origin https://app.example.com
caddy cors check https://api.example.com/items/1 -o https://app.example.com -X DELETE -H 'Authorization: Bearer x'`,
		RunE: run(func(out io.Writer, args []string) (int, error) {
			flags.question.URL = args[0]
			return check.Run(out, flags.question, &t, flags.verbose, flags.json)
		}),
	}
	flags.register(cmd)
	fl := cmd.Flags()
	fl.BoolVar(&t.Send, "send", false, "Send the request even if it could change something on the server")
	fl.BoolVarP(&t.Insecure, "insecure", "k", false, "Accept any certificate")
	fl.StringArrayVar(&t.Resolve, "resolve", nil, "Use this address for a host and port, as host:port:address; may be repeated")
	fl.StringVar(&t.Cookie, "cookie", "", "A Cookie header for requests with --credentials, as 'a=b; c=d'")
	fl.DurationVar(&t.Timeout, "timeout", 10*time.Second, "How long to wait for all answers together")
	return cmd
}

func writeJSON(out io.Writer, v any) error {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
