package cli

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/caddy-cors/caddy-cors/internal/check"
)

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
	registerTransport(cmd.Flags(), &t)
	return cmd
}
