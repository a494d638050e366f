package cli

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/caddy-cors/caddy-cors/internal/explain"
)

func explainCommand() *cobra.Command {
	var (
		flags   askFlags
		options explain.Options
	)
	cmd := &cobra.Command{
		Use:   "explain <url> --origin <origin> [--config F] [--adapter A] [--method M] [--header 'K: V']... [--credentials] [--ask] [--json]",
		Short: "Says what a configuration would answer a page, and why",
		Long: `
Asks a configuration what "check" asks a live server. The configuration's own
handlers run, as Caddy provisions them; no listener is opened and nobody is
contacted. Says which policy governs the URL (file and line where the
configuration is a Caddyfile), which matchers led there, the decision with its
reason, the headers, and the browser's verdict. Where no policy governs it, says
which is the nearest, and what kept the request from it.

The upstream is taken for one that knows nothing of CORS; where another one
would change the verdict, that is said. Authentication lets requests with
credentials of its kind pass, and no preflight. Sources of origins other than
files are asked only with --ask.

Exit status: 0 if the page could read the response, 1 if not, 2 if the question
or the configuration was wrong, or where only a source could tell.`,
		Example: `caddy cors explain https://api.example.com/items --origin https://app.example.com`,
		RunE: run(func(out io.Writer, args []string) (int, error) {
			flags.question.URL = args[0]
			return runExplain(out, flags, options)
		}),
	}
	flags.register(cmd)
	cmd.Flags().StringVarP(&options.Config, "config", "c", "", "The configuration file (default: Caddyfile in this directory)")
	cmd.Flags().StringVarP(&options.Adapter, "adapter", "a", "", "The name of its adapter")
	cmd.Flags().BoolVar(&options.Ask, "ask", false, "Let origins_from sources be asked")
	return cmd
}

func runExplain(out io.Writer, flags askFlags, options explain.Options) (int, error) {
	options.Verbose, options.JSON = flags.verbose, flags.json
	if !options.JSON {
		out = terminal{out}
	}
	return explain.Run(out, flags.question, options)
}
