// Package page is the part of the example that keeps its page honest: the page
// shows the Caddyfile that runs, not the file as it was edited since.
package page

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync/atomic"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyevents"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

func init() {
	caddy.RegisterModule(new(Policy))
	httpcaddyfile.RegisterHandlerDirective("demo_policy", parse)
	httpcaddyfile.RegisterDirectiveOrder("demo_policy", httpcaddyfile.Before, "respond")
}

// Policy answers with the Caddyfile that it was read from, as it was then. When
// Caddy serves, it says which address to open. It is for the example only.
type Policy struct {
	// The address of the page.
	Address string `json:"address"`
	// The text of the Caddyfile.
	Text string `json:"text"`
}

// parse reads `demo_policy <path> <address>`. The file is read here, while it is
// adapted, so the text is that of the policies that run.
func parse(h httpcaddyfile.Helper) (caddyhttp.MiddlewareHandler, error) {
	h.Next()
	file, p := h.File(), new(Policy)
	if !h.Args(&p.Address) {
		return nil, h.ArgErr()
	}
	text, err := os.ReadFile(file) //nolint:gosec // the Caddyfile that Caddy reads
	if err != nil {
		return nil, err
	}
	p.Text = string(text)
	return p, nil
}

// CaddyModule returns the Caddy module information.
func (*Policy) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers.demo_policy", New: func() caddy.Module { return new(Policy) }}
}

// serving reports whether this process has the ports already, as at a reload.
var serving atomic.Bool

// ListensElsewhere says that this process loads the example and listens on other
// ports, so that an example that runs beside it is none of its business. Tests do so.
func ListensElsewhere() { serving.Store(true) }

// Provision looks whether the ports are free. Caddy shares ports with other
// processes, so two examples would answer in turn, and nobody would know which.
func (p *Policy) Provision(ctx caddy.Context) error {
	if server, ok := ctx.Value(caddyhttp.ServerCtxKey).(*caddyhttp.Server); ok && !serving.Load() {
		for _, address := range server.Listen {
			if err := free(ctx, address); err != nil {
				// The example's log has only what cors says.
				fmt.Fprintln(os.Stderr, "Error:", err)
				return err
			}
		}
	}
	app, err := ctx.App("events")
	if err != nil {
		return err
	}
	events, ok := app.(*caddyevents.App)
	if !ok {
		return fmt.Errorf("the events app is a %T", app)
	}
	return events.On("started", &announcer{p.Address, os.Stderr})
}

func free(ctx context.Context, listen string) error {
	address, err := caddy.ParseNetworkAddress(listen)
	if err != nil {
		return err
	}
	l, err := new(net.ListenConfig).Listen(ctx, address.Network, address.JoinHostPort(0))
	if err != nil {
		return fmt.Errorf("%s is taken, perhaps by another example that still runs: stop it, or replace 808 by 909 in the whole Caddyfile.example (%w)",
			address.JoinHostPort(0), err)
	}
	return l.Close()
}

// ServeHTTP implements caddyhttp.MiddlewareHandler.
func (p *Policy) ServeHTTP(w http.ResponseWriter, _ *http.Request, _ caddyhttp.Handler) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, err := io.WriteString(w, p.Text)
	return err
}

// announcer prints the address once Caddy has started.
type announcer struct {
	address string
	out     io.Writer
}

// Handle implements caddyevents.Handler.
func (a *announcer) Handle(context.Context, caddy.Event) error {
	serving.Store(true)
	_, err := fmt.Fprintf(a.out, "\nThe example is served. Open %s\n\n", a.address)
	return err
}

// Interface guards.
var (
	_ caddy.Provisioner           = (*Policy)(nil)
	_ caddyhttp.MiddlewareHandler = (*Policy)(nil)
	_ caddyevents.Handler         = (*announcer)(nil)
)
