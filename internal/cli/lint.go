package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	"github.com/spf13/cobra"

	"github.com/caddy-cors/caddy-cors/internal/check"
	"github.com/caddy-cors/caddy-cors/internal/lint"
)

// Exit statuses of lint.
const (
	exitClean    = 0
	exitFindings = 1
)

func lintCommand() *cobra.Command {
	var (
		config, adapter string
		asJSON, diff    bool
		origins         []string
	)
	cmd := &cobra.Command{
		Use:   "lint [--config F] [--adapter A] [--json]",
		Short: "Finds what defeats CORS in a configuration",
		Long: `
Finds what defeats CORS in a whole configuration: hand-written
Access-Control-* lines beside cors, a cors after authentication in a route, a
matcher that leaves out OPTIONS, policies that overlap, and hand-written
snippets that reflect any origin, lack Vary or lose their headers. Each finding
has a file and line, a stable id, what goes wrong in which browser, and the
lines to write instead.

Exit status: 0 without findings, 1 with findings, 2 if the configuration does
not load.`,
		Example: `caddy cors lint
caddy cors lint --config /etc/caddy/Caddyfile --json`,
		RunE: run(func(out io.Writer, _ []string) (int, error) {
			if diff {
				return Diff(out, os.Stderr, config, adapter, origins)
			}
			return Lint(out, config, adapter, asJSON)
		}),
	}
	cmd.Args = usageErrors(cmd, cobra.NoArgs)
	cmd.Flags().StringVarP(&config, "config", "c", "", "The configuration file (default: Caddyfile in this directory)")
	cmd.Flags().StringVarP(&adapter, "adapter", "a", "", "The name of its adapter")
	cmd.Flags().BoolVar(&asJSON, "json", false, "Print the findings as JSON")
	cmd.Flags().BoolVar(&diff, "diff", false, "Print the repairs as a patch, for patch -p0")
	cmd.Flags().StringArrayVarP(&origins, "origin", "o", nil, "An origin that the site is for, where the configuration does not say; may be repeated")
	return cmd
}

// Lint prints what defeats CORS in a configuration, and returns the exit status of
// the command.
func Lint(out io.Writer, configFile, adapter string, asJSON bool) (int, error) {
	findings, err := lintFile(configFile, adapter)
	if err != nil {
		return check.ExitUsage, err
	}
	if asJSON {
		if findings == nil {
			findings = []lint.Finding{} // an empty list, not null
		}
		err = writeJSON(out, findings)
	} else {
		printFindings(out, findings)
	}
	if len(findings) > 0 {
		return exitFindings, err
	}
	return exitClean, err
}

// lintFile reads a configuration. Caddy reads it too, so that its errors come
// before ours.
func lintFile(configFile, adapter string) ([]lint.Finding, error) {
	config, used, adapterUsed, err := caddycmd.LoadConfig(configFile, adapter)
	switch {
	case err != nil:
		return nil, err
	case config == nil:
		return nil, errors.New("there is no configuration; name one with --config")
	case adapterUsed != "caddyfile":
		return lint.JSON(config)
	}
	body, err := os.ReadFile(filepath.Clean(used))
	if err != nil {
		return nil, err
	}
	return lint.Caddyfile(used, body)
}

func printFindings(out io.Writer, findings []lint.Finding) {
	for _, f := range findings {
		place := f.Path
		if f.File != "" {
			place = fmt.Sprintf("%s:%d", f.File, f.Line)
		}
		fmt.Fprintf(out, "%s: %s [%s]\n", place, f.Problem, f.ID)
		if f.Site != "" {
			fmt.Fprintf(out, "  site    %s\n", f.Site)
		}
		fmt.Fprintf(out, "  effect  %s\n  cure    %s\n", f.Effect, f.Cure)
		if len(f.Instead) > 0 {
			fmt.Fprintf(out, "  instead\n\t%s\n", strings.Join(f.Instead, "\n\t"))
		}
		fmt.Fprintln(out)
	}
	switch len(findings) {
	case 0:
		fmt.Fprintln(out, "Nothing here defeats CORS.")
	case 1:
		fmt.Fprintln(out, "1 finding")
	default:
		fmt.Fprintf(out, "%d findings\n", len(findings))
	}
}
