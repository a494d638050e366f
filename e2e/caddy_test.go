package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	_ "github.com/caddyserver/caddy/v2/modules/standard"

	_ "github.com/caddy-cors/caddy-cors"
)

// The whole real chain of Caddy runs, error routes included, without a port of
// Caddy's: a Caddyfile is adapted and provisioned, and the server of its http
// app is an http.Handler.

// newCaddy returns Caddy's own server for the sites of a Caddyfile.
func newCaddy(t testing.TB, sites string) http.Handler {
	t.Helper()
	caddyfile := "{\n\tadmin off\n\tauto_https off\n\tlog {\n\t\toutput discard\n\t}\n}\n" + sites
	config, _, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte(caddyfile), map[string]any{"filename": "Caddyfile"})
	if err != nil {
		t.Fatalf("adapting %v", quoteLine(err, caddyfile))
	}
	var cfg caddy.Config
	if err := caddy.StrictUnmarshalJSON(config, &cfg); err != nil {
		t.Fatal(err)
	}
	ctx, err := caddy.ProvisionContext(&cfg)
	if err != nil {
		t.Fatalf("provisioning: %v", err)
	}
	app, err := ctx.App("http")
	if err != nil {
		t.Fatalf("provisioning: %v", err)
	}
	servers := app.(*caddyhttp.App).Servers
	if len(servers) != 1 {
		t.Fatalf("%d servers, want 1", len(servers))
	}
	for _, srv := range servers {
		return srv
	}
	panic("unreachable")
}

// quoteLine adds the line that an error names: the Caddyfile is nowhere on
// disk.
func quoteLine(err error, caddyfile string) error {
	_, rest, found := strings.Cut(err.Error(), "Caddyfile:")
	n := 0
	if _, scanned := fmt.Sscanf(rest, "%d", &n); !found || scanned != nil {
		return err
	}
	lines := strings.Split(caddyfile, "\n")
	if n < 1 || n > len(lines) {
		return err
	}
	return fmt.Errorf("%w\n\t%s", err, lines[n-1])
}

// sites writes the Caddyfile: a route for each case, by path, and a site for
// each that needs one.
func (w *world) sites() string {
	var shared, own strings.Builder
	for _, c := range w.cases {
		lines := w.names.Replace(c.site)
		if !c.alone {
			lines += "\nreverse_proxy " + w.behind.Listener.Addr().String()
		}
		if c.ownSite {
			fmt.Fprintf(&own, "http://%s {\n%s\n}\n", siteHost(c.number), lines)
			continue
		}
		fmt.Fprintf(&shared, "\thandle /p%d/* {\n%s\n}\n", c.number, lines)
	}
	return "http:// {\n" + shared.String() + "}\n" + own.String()
}

func siteHost(number int) string { return fmt.Sprintf("site%d.cors.localhost", number) }
