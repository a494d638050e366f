// Package rehearsal runs a configuration of Caddy without the world around it.
//
// The configuration's own handlers answer, provisioned by Caddy itself: order,
// matchers, placeholders, error routes and deferred headers are the ones of
// production. Only the edges are replaced. A transport plays the upstream, in
// the person that a question asks for. Authentication lets those pass who have
// credentials of its kind. Files are the real ones where their root exists, and
// else played. Sources of origins other than files are not asked. Handlers of
// other plugins are left out. There is no listener, no certificate, no log, and
// of the apps only http, with a storage that is empty and stays so.
//
// What was replaced for an answer stands in the answer.
//
// Provisioning sets process-wide defaults of Caddy (the log, certmagic's
// storage), so this is for commands and tests, never for a process that serves.
package rehearsal

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap/zaptest/observer"
)

// Options say what a rehearsal is for.
type Options struct {
	Ask  bool // sources of origins may be asked
	Ways bool // note which matchers keep requests away from cors handlers
	// Parts: nothing is provisioned but what Part asks for.
	Parts bool
	// Tolerant: where Caddy cannot adapt a Caddyfile, the directives that it
	// names are left out, and so are modules that it does not have: what is left
	// is made ready beside the error.
	Tolerant bool
}

// Rehearsal is a configuration that is ready to be asked.
type Rehearsal struct {
	// Handlers are all handlers, in the order of the JSON.
	Handlers []*Handler
	// Lost are directives of named routes that Caddy's adapter drops.
	Lost []Place
	// LeftOut is what Caddy cannot adapt, or has no module for, in the order of its
	// errors.
	LeftOut []LeftOut
	// JSON is the configuration as Caddy adapts it.
	JSON []byte
	// Warnings are what cors handlers and their sources warned of while they were
	// provisioned.
	Warnings []Warning

	app     *caddyhttp.App
	probes  []*Route
	tls     map[string][]any // connection policies, by server
	files   *files
	raw     map[string]any // the http app, edited
	ctx     caddy.Context
	sources map[string][]byte // texts that are not in the file of their name
	log     *observer.ObservedLogs
	cancel  func()
	mu      sync.Mutex // one question at a time
}

// Load reads a configuration file as `caddy run` would, and gets it ready. An
// empty name is the Caddyfile of the working directory.
func Load(file, adapter string, o Options) (*Rehearsal, error) {
	asked := file
	if err := Hush(); err != nil {
		return nil, err
	}
	config, file, adapter, err := caddycmd.LoadConfig(file, adapter)
	if err != nil && o.Tolerant && config == nil {
		if body, e := os.ReadFile(cmp.Or(asked, "Caddyfile")); e == nil && !strings.HasSuffix(asked, ".json") {
			return tolerated(cmp.Or(asked, "Caddyfile"), body, o, err)
		}
	}
	if err != nil {
		return nil, err
	}
	if config == nil {
		return nil, errors.New("there is no configuration; name one with --config")
	}
	var p *places
	if adapter == "caddyfile" || adapter == "" && file == "Caddyfile" {
		if body, err := os.ReadFile(file); err == nil { //nolint:gosec // the file that the user named
			p = placesOf(file, body)
		}
	}
	return prepare(config, p, o)
}

// Caddyfile gets the text of a Caddyfile ready. The name is for places and for
// imports.
func Caddyfile(name string, body []byte, o Options) (*Rehearsal, error) {
	config, _, err := caddyconfig.GetAdapter("caddyfile").Adapt(body, map[string]any{"filename": name})
	if err != nil && o.Tolerant {
		return tolerated(name, body, o, err)
	}
	if err != nil {
		return nil, err
	}
	r, err := prepare(config, placesOf(name, body), o)
	if r != nil {
		r.sources = map[string][]byte{name: body}
	}
	return r, err
}

// JSON gets a configuration in JSON ready.
func JSON(config []byte, o Options) (*Rehearsal, error) { return prepare(config, nil, o) }

// Close lets go of everything that was provisioned.
func (r *Rehearsal) Close() { r.cancel() }

func prepare(config []byte, p *places, o Options) (*Rehearsal, error) {
	var doc map[string]any
	if err := decode(caddy.RemoveMetaFields(config), &doc); err != nil {
		return nil, err
	}
	app := Map(doc, "apps", "http")
	if app == nil {
		return nil, errors.New("the configuration has no http app, so it answers no page")
	}
	r := &Rehearsal{JSON: config, tls: map[string][]any{}}
	for name, srv := range mapsIn(app["servers"]) {
		r.tls[name] = List(srv, "tls_connection_policies")
	}
	e := &editor{places: p, options: o, roots: map[string]bool{}, systems: map[string]bool{"": true}}
	e.servers(app)
	var unknown error
	if len(e.unknown) > 0 {
		unknown = e.unknown[0].Err
	}
	if unknown != nil && !o.Tolerant {
		return nil, unknown
	}
	r.LeftOut = e.unknown
	r.Handlers, r.probes, r.Lost = e.handlers, e.probes, p.lost()
	r.files = &files{roots: slices.Sorted(maps.Keys(e.roots))}
	r.raw = app
	if err := r.open(doc, o); err != nil {
		return nil, err
	}
	if !o.Parts {
		if err := r.provision(app); err != nil {
			r.Close()
			return nil, err
		}
	}
	for name := range e.systems {
		r.ctx.FileSystems().Register(name, r.files)
	}
	return r, unknown
}

// open makes the context that apps are provisioned in. It is one of its own,
// because that of a whole configuration cannot be cancelled from here.
func (r *Rehearsal) open(doc map[string]any, o Options) error {
	storage := noStorage
	if o.Ask {
		storage = nil // Caddy's default
	}
	if given, err := json.Marshal(doc["storage"]); o.Ask && err == nil && doc["storage"] != nil {
		storage = given
	}
	outer, log, err := emptyContext(storage)
	if err != nil {
		return err
	}
	r.log = log
	r.ctx, r.cancel = caddy.NewContext(outer)
	return nil
}

// provision lets Caddy load the http app, or a part of it.
func (r *Rehearsal) provision(app map[string]any) error {
	raw, err := json.Marshal(app)
	if err != nil {
		return err
	}
	Provisioning.Lock()
	defer Provisioning.Unlock()
	r.log.TakeAll()
	loaded, err := r.load(raw)
	if err != nil {
		return plainError(err)
	}
	r.app, _ = loaded.(*caddyhttp.App)
	r.Warnings = r.warnings(r.log.TakeAll())
	return nil
}

// load is Caddy's loading of the http app. Some of its modules panic over a configuration
// that they do not expect, as an expression in JSON without a name.
func (r *Rehearsal) load(raw []byte) (loaded any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("caddy itself panics over the configuration: %v; `caddy validate` does so as well", p)
		}
	}()
	return r.ctx.LoadModuleByID("http", raw)
}

// plainError takes the words of the loading away that are the same for every
// error, and those of the rehearsal.
func plainError(err error) error {
	text := strings.TrimPrefix(err.Error(), "loading http app module: ")
	return errors.New(strings.ReplaceAll(strings.TrimPrefix(text, "provision http: "), subrouteName, "subroute"))
}

// decode reads JSON and keeps its numbers as they are written.
func decode(b []byte, to any) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	return dec.Decode(to)
}

func appendNew(list []string, item string) []string {
	if slices.Contains(list, item) {
		return list
	}
	return append(list, item)
}

type runKey struct{}

func runOf(ctx context.Context) *run {
	r, _ := ctx.Value(runKey{}).(*run)
	return r
}
