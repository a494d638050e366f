package cli

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/check"
	"github.com/caddy-cors/caddy-cors/internal/lint"
	"github.com/caddy-cors/caddy-cors/internal/repair"
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
		Use:   "lint [--config F] [--adapter A] [--origin O]... [--json | --diff]",
		Short: "Finds what defeats CORS in a configuration",
		Long: `
Finds what defeats CORS in a whole configuration, hand-written or beside cors.

The configuration's own handlers are asked what pages would ask, with only the
edges replaced: no network, no certificates. A finding is a request that was
seen to fail, or to let somebody in; the request stands in it. The few findings
that were read instead say so.

Severities: security (somebody gets in whom you did not mean), broken (what you
evidently wanted fails), fragile (it works until an error, an upstream or a
cache comes into play), note (right, could be simpler).

Where the configuration does not say for whom it is, because it repeats whatever
origin asks, name the origins with --origin: questions and repairs are then for
them.

With --diff it prints the repairs as a patch for ` + "`patch -p0`" + ` (RFC 6902 for a
configuration in JSON). A repair was run beside the old lines: whom they let in
can read, and nobody else gains anything. What cannot be repaired stands in
front. Exit status with --diff: 1 if there is something to apply, 0 if
not, 2 where Caddy cannot load the configuration.

Exit status: 0 without findings or with notes only, 1 with others, 2 if there is
no configuration or Caddy cannot load it: then its error comes first, and what
can be judged without it is.`,
		Example: `caddy cors lint
caddy cors lint --config /etc/caddy/Caddyfile --json`,
		RunE: run(func(out io.Writer, _ []string) (int, error) {
			if diff {
				return Diff(out, os.Stderr, config, adapter, origins)
			}
			return Lint(out, config, adapter, asJSON, origins...)
		}),
	}
	cmd.Args = usageErrors(cmd, func(_ *cobra.Command, args []string) error {
		if len(args) > 0 {
			return fmt.Errorf("lint takes no %q: for a file, write --config %[1]s", args[0])
		}
		return nil
	})
	cmd.Flags().StringVarP(&config, "config", "c", "", "The configuration file (default: Caddyfile in this directory)")
	cmd.Flags().StringVarP(&adapter, "adapter", "a", "", "The name of its adapter")
	cmd.Flags().BoolVar(&asJSON, "json", false, "Print the findings as JSON")
	cmd.Flags().BoolVar(&diff, "diff", false, "Print the repairs as a patch, for patch -p0")
	cmd.Flags().StringArrayVarP(&origins, "origin", "o", nil, "An origin that the site is for, where the configuration does not say; may be repeated")
	return cmd
}

// Lint prints what defeats CORS in a configuration, and returns the exit status of
// the command. The error is Caddy's, where it cannot load the configuration.
func Lint(out io.Writer, configFile, adapter string, asJSON bool, origins ...string) (int, error) {
	if err := checkWanted(origins); err != nil {
		return check.ExitUsage, err
	}
	// A short life with much garbage: a third of the time would go into collecting it.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	var repairs *repair.Result
	report, err := lint.File(configFile, adapter, lint.Options{Origins: origins, Progress: progress(os.Stderr), Repair: repairsBeside(configFile, origins, &repairs)})
	if err != nil {
		if asJSON {
			err = cmp.Or(check.WriteJSON(out, []lint.Finding{}), err)
		}
		return check.ExitUsage, err
	}
	if asJSON {
		findings := report.Findings
		if findings == nil {
			findings = []lint.Finding{} // an empty list, not null
		}
		err = check.WriteJSON(out, findings)
	} else {
		printFindings(terminal{out}, report)
		printRepairs(terminal{out}, repairs)
	}
	switch worst := report.Worst(); {
	case report.Err != nil:
		return check.ExitUsage, report.Err
	case worst != "" && worst != lint.Note:
		return exitFindings, err
	}
	return exitClean, err
}

// checkWanted wants origins as browsers send them. A * may stand for a part of a name.
func checkWanted(origins []string) error {
	for _, name := range origins {
		o, err := browser.ParseOrigin(strings.ReplaceAll(name, "*", "x"))
		switch {
		case err != nil || name == "*":
			return fmt.Errorf("--origin %q: write scheme://host or scheme://host:port, as https://app.example.com", name)
		case o.String() != strings.ReplaceAll(name, "*", "x"):
			return fmt.Errorf("--origin %q: browsers send it as %s", name, o)
		}
	}
	return nil
}

// progress tells people at a terminal how far it is, once it takes longer than a
// second.
func progress(to *os.File) func(done, of int) {
	info, err := to.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	return progressOn(to, time.Now)
}

// progressOn counts the sites on one line, which goes in the end.
func progressOn(to io.Writer, clock func() time.Time) func(done, of int) {
	next := clock().Add(time.Second)
	shown := false
	return func(done, of int) {
		switch now := clock(); {
		case done == of:
			if shown {
				fmt.Fprint(to, "\r\x1b[K")
			}
		case now.After(next):
			shown, next = true, now.Add(time.Second/4)
			fmt.Fprintf(to, "\r%d of %d sites", done, of)
		}
	}
}

func printFindings(out io.Writer, report *lint.Report) {
	if report.Err != nil {
		fmt.Fprintf(out, "Caddy cannot load this configuration: %v\n\n", report.Err)
	}
	for _, f := range report.Findings {
		fmt.Fprintf(out, "%s: %s: %s [%s]\n", f.Place(), f.Severity, f.Problem, f.ID)
		for _, line := range [][2]string{{"line", f.Text}, {"site", f.Site}, {"request", f.Request}, {"effect", f.Effect}, {"cure", f.Cure}, {"repair", repairNumber(f.Repair)}} {
			if line[1] != "" {
				fmt.Fprintf(out, "  %-8s%s\n", line[0], line[1])
			}
		}
		fmt.Fprintln(out)
	}
	if len(report.Unjudged) > 0 {
		fmt.Fprintf(out, "Not judged: %s.\n", strings.Join(report.Unjudged, ", "))
	}
	switch n := len(report.Findings); {
	case n == 1:
		fmt.Fprintln(out, "1 finding")
	case n > 1:
		fmt.Fprintf(out, "%d findings\n", n)
	case report.Err != nil:
		fmt.Fprintln(out, "Nothing was found in the rest.")
	case report.Asked == 0 && report.Silent():
		fmt.Fprintln(out, "Nothing was asked: what is here about CORS names no origin that pages could have, only reports, or is for errors only.")
	case report.Asked == 0:
		fmt.Fprintln(out, "There is no CORS in this configuration: no cors policy, and no Access-Control-* line.")
	default:
		fmt.Fprintln(out, "Nothing here defeats CORS.")
	}
}
