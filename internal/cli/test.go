package cli

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/caddy-cors/caddy-cors/internal/check"
	"github.com/caddy-cors/caddy-cors/internal/expect"
)

// testFlags are the flags of caddy cors test.
type testFlags struct {
	options    expect.Options
	transport  check.Transport
	live, init bool
}

// onlyConfig and onlyLive are the flags that mean something to one side only.
var (
	onlyConfig = []string{"config", "adapter", "ask", "init"}
	onlyLive   = []string{"send", "insecure", "resolve", "cookie", "timeout"}
)

func testCommand() *cobra.Command {
	var f testFlags
	cmd := &cobra.Command{
		Use:   "test [<file>...] [--config F | --live] [--ask] [--json] [--junit FILE] [--init]",
		Short: "Holds a configuration to what pages may do, and may not",
		Long: `
Reads expectations (this page may read this URL, with this method, these headers,
with credentials; that one may not) and asks a configuration as "explain" does, or
with --live the servers themselves as "check" does. What is not as expected is
shown beside what was seen, with the reason and the cure.

The file has the grammar of a Caddyfile:

	https://api.example.com/items {
		allow https://app.example.com {
			method PUT DELETE
			header Content-Type application/json
			credentials
		}
		refuse https://stranger.example
	}

--init writes such a file from what the configuration does today.

Exit status: 0 if everything is as expected, 1 if something is not, 2 if the
files or the configuration are wrong, or if there was no verdict.`,
		Example: `caddy cors test --init
caddy cors test --config /etc/caddy/Caddyfile --junit report.xml
caddy cors test staging.expect --live`,
	}
	cmd.Args = usageErrors(cmd, cobra.ArbitraryArgs)
	f.register(cmd.Flags())
	cmd.RunE = run(func(out io.Writer, args []string) (int, error) { return f.run(out, cmd.Flags(), args) })
	return cmd
}

func (f *testFlags) register(fl *pflag.FlagSet) {
	fl.StringVarP(&f.options.Config, "config", "c", "", "The configuration file (default: Caddyfile in this directory)")
	fl.StringVarP(&f.options.Adapter, "adapter", "a", "", "The name of its adapter")
	fl.BoolVar(&f.options.Ask, "ask", false, "Let origins_from sources be asked")
	fl.BoolVar(&f.init, "init", false, "Write the file from what the configuration does today")
	fl.BoolVar(&f.options.JSON, "json", false, "Print the results as JSON")
	fl.StringVar(&f.options.JUnit, "junit", "", "Write the results as JUnit's XML into this file, too")
	fl.BoolVar(&f.live, "live", false, "Ask the servers of the URLs, not a configuration")
	registerTransport(fl, &f.transport)
}

// check says which flags do not go together.
func (f *testFlags) check(fl *pflag.FlagSet, args []string) error {
	useless, why := onlyLive, "asks live servers; add --live, or leave it out"
	if f.live {
		useless, why = onlyConfig, "is about a configuration; leave it out, or --live"
	}
	var errs []error
	fl.Visit(func(flag *pflag.Flag) {
		if slices.Contains(useless, flag.Name) {
			errs = append(errs, fmt.Errorf("--%s %s", flag.Name, why))
		}
		if f.init && (flag.Name == "json" || flag.Name == "junit") {
			errs = append(errs, fmt.Errorf("--%s has no result to write with --init, which judges nothing; leave it out", flag.Name))
		}
	})
	if f.init && len(args) > 1 {
		errs = append(errs, fmt.Errorf("--init writes one file; name one of %s", strings.Join(args, ", ")))
	}
	return errors.Join(errs...)
}

func (f *testFlags) run(out io.Writer, fl *pflag.FlagSet, files []string) (int, error) {
	if err := f.check(fl, files); err != nil {
		return check.ExitUsage, err
	}
	if f.init {
		return expect.Init(out, files, f.options)
	}
	if f.live {
		f.options.Live = &f.transport
	}
	return expect.Run(out, files, f.options)
}

// registerTransport adds the flags of what asks live servers.
func registerTransport(fl *pflag.FlagSet, t *check.Transport) {
	fl.BoolVar(&t.Send, "send", false, "Send the request even if it could change something on the server")
	fl.BoolVarP(&t.Insecure, "insecure", "k", false, "Accept any certificate")
	fl.StringArrayVar(&t.Resolve, "resolve", nil, "Use this address for a host and port, as host:port:address; may be repeated")
	fl.StringVar(&t.Cookie, "cookie", "", "A Cookie header for requests with --credentials, as 'a=b; c=d'")
	fl.DurationVar(&t.Timeout, "timeout", 10*time.Second, "How long to wait for all answers together")
}
