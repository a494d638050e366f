// Package corstest runs the whole real chain of Caddy in tests, error routes
// included, without opening a port of Caddy's: a Caddyfile is adapted and
// provisioned, and the server of its http app serves an httptest listener. What
// Caddy logs is kept. It knows nothing of the handler that is tested, which its
// user imports.
package corstest

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	_ "github.com/caddyserver/caddy/v2/modules/standard" // what a Caddyfile may name

	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// Patience bounds how long a test waits for what must come. It is long for a
// busy machine, and short for whoever waits for a test that fails. The race detector
// makes everything several times slower.
const Patience = 10 * time.Second * slowness

// Adapt turns a Caddyfile into JSON.
func Adapt(caddyfile string) ([]byte, error) {
	adapter := caddyconfig.GetAdapter("caddyfile")
	config, _, err := adapter.Adapt([]byte(caddyfile), map[string]any{"filename": "Caddyfile"})
	return config, err
}

// Provision loads a JSON config without starting it.
func Provision(t testing.TB, config []byte) (*caddyhttp.App, error) {
	t.Helper()
	ctx, err := provision(config)
	if err != nil {
		return nil, err
	}
	app, err := ctx.App("http")
	if err != nil {
		return nil, err
	}
	return app.(*caddyhttp.App), nil
}

func provision(config []byte) (caddy.Context, error) {
	rehearsal.Provisioning.Lock()
	defer rehearsal.Provisioning.Unlock()
	var cfg caddy.Config
	if err := caddy.StrictUnmarshalJSON(config, &cfg); err != nil {
		return caddy.Context{}, err
	}
	return caddy.ProvisionContext(&cfg)
}

// Context is one of Caddy's that logs nowhere, to load single modules with.
func Context(t testing.TB) caddy.Context {
	t.Helper()
	ctx, err := provision([]byte(`{"admin": {"disabled": true}, "logging": {"logs": {"default": {"writer": {"output": "discard"}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	return ctx
}

// Chain returns Caddy's own server for a Caddyfile with one server in it. What
// it logs is in LogLines(t.Name()).
func Chain(t testing.TB, caddyfile string) *caddyhttp.Server {
	t.Helper()
	return ChainWith(t, "", caddyfile)
}

// ChainWith is Chain with more lines in the global options.
func ChainWith(t testing.TB, options, caddyfile string) *caddyhttp.Server {
	t.Helper()
	id := t.Name()
	t.Cleanup(LogLines(id).Reset) // for -count
	config, err := Adapt("{\n\tadmin off\n\tauto_https off\n\tlog {\n\t\toutput memory " + id + "\n\t\tlevel DEBUG\n\t}\n" + options + "\n}\n" + caddyfile)
	if err != nil {
		t.Fatalf("adapting %s: %v", caddyfile, err)
	}
	app, err := Provision(t, config)
	if err != nil {
		t.Fatalf("provisioning %s: %v", caddyfile, err)
	}
	if len(app.Servers) != 1 {
		t.Fatalf("%d servers, want 1", len(app.Servers))
	}
	for _, srv := range app.Servers {
		return srv
	}
	panic("unreachable")
}

// Serve starts a Caddyfile's server on a port of httptest's.
func Serve(t testing.TB, caddyfile string) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(Chain(t, caddyfile))
	t.Cleanup(srv.Close)
	return srv
}

// Site is serve with one site that has the lines in it.
func Site(t testing.TB, lines string) *httptest.Server {
	t.Helper()
	return Serve(t, "http:// {\n"+lines+"\n}\n")
}
