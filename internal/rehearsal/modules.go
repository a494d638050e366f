package rehearsal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp/caddyauth"
	"go.uber.org/zap"

	"github.com/caddy-cors/caddy-cors/internal/neighbours"
)

// register makes the modules of this package known to Caddy when the first
// rehearsal needs them, and not before: `caddy list-modules` shows what may stand
// in a configuration, and these may not.
var register = sync.OnceFunc(func() {
	for _, m := range []caddy.Module{new(marker), new(subroute), new(upstream), new(doorkeeper), new(silentSource), new(logCore)} {
		caddy.RegisterModule(m)
	}
})

// errOutside is the answer of the modules of this package where they stand in a
// configuration that serves.
var errOutside = errors.New("the module " + moduleName + " is for `caddy cors explain`, `lint` and `test` only; take it out of the configuration")

// marker stands in front of a handler and notes that a request came by. As a
// probe it stands in front of a route, and notes what the matchers make of it.
type marker struct {
	ID    int  `json:"id"`
	Probe bool `json:"probe,omitempty"`
	matchers
}

// matchers are those of one route.
type matchers struct {
	MatchRaw caddyhttp.RawMatcherSets `json:"match,omitempty" caddy:"namespace=http.matchers"`

	sets caddyhttp.MatcherSets
}

func (m *matchers) load(ctx caddy.Context) error {
	sets, err := ctx.LoadModule(m, "MatchRaw")
	if err != nil {
		return err
	}
	return m.sets.FromInterface(sets)
}

// LeavesOutOptions reports whether the matchers on the way to a handler keep every OPTIONS
// away.
func (r *Rehearsal) LeavesOutOptions(h *Handler) bool {
	return slices.ContainsFunc(h.Matchers, func(sets any) bool {
		var m matchers
		raw, err := json.Marshal(map[string]any{"match": sets})
		return err == nil && json.Unmarshal(raw, &m) == nil && m.load(r.ctx) == nil && neighbours.LeavesOutOptions(m.sets)
	})
}

// CaddyModule returns the Caddy module information.
func (*marker) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers." + moduleName, New: func() caddy.Module { return new(marker) }}
}

// Provision loads the matchers of a probe. A marker logs which handler comes
// next.
func (m *marker) Provision(ctx caddy.Context) error {
	if !m.Probe {
		ctx.Logger().Warn("mark", zap.Int("id", m.ID))
		return nil
	}
	return m.load(ctx)
}

// ServeHTTP implements caddyhttp.MiddlewareHandler.
func (m *marker) ServeHTTP(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	run := runOf(r.Context())
	switch {
	case run == nil:
		return caddyhttp.Error(http.StatusInternalServerError, errOutside)
	case m.Probe:
		run.probe(m, r)
		return next.ServeHTTP(w, r)
	default:
		return run.pass(m.ID, w, r, next)
	}
}

// upstream is the transport of every proxy: it plays the upstream.
type upstream struct {
	Authenticates bool `json:"authenticates,omitempty"`
}

// CaddyModule returns the Caddy module information.
func (*upstream) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.reverse_proxy.transport." + moduleName, New: func() caddy.Module { return new(upstream) }}
}

// RoundTrip implements http.RoundTripper.
func (u *upstream) RoundTrip(r *http.Request) (*http.Response, error) {
	run := runOf(r.Context())
	if run == nil {
		return nil, errOutside
	}
	if u.Authenticates {
		return run.authorize(r), nil
	}
	run.answer.Upstream = true
	res, err := run.question.Person.play(r)
	if err == nil {
		for _, name := range run.question.Carries {
			res.Header[http.CanonicalHeaderKey(name)] = []string{"1"}
		}
	}
	return res, err
}

// doorkeeper stands in for every provider of authentication.
type doorkeeper struct {
	Kinds []string `json:"kinds,omitempty"`
}

// CaddyModule returns the Caddy module information.
func (*doorkeeper) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.authentication.providers." + moduleName, New: func() caddy.Module { return new(doorkeeper) }}
}

// Authenticate implements caddyauth.Authenticator.
func (d *doorkeeper) Authenticate(w http.ResponseWriter, r *http.Request) (caddyauth.User, bool, error) {
	run := runOf(r.Context())
	if run == nil {
		return caddyauth.User{}, false, errOutside
	}
	run.answer.Authentication = true
	basic := len(d.Kinds) == 1 && d.Kinds[0] == "http_basic"
	scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch {
	case basic && strings.EqualFold(scheme, "Basic") || run.question.SignedIn && !run.question.preflight(),
		!basic && (scheme != "" || run.question.Credentials && !run.question.preflight()):
		return caddyauth.User{ID: "somebody"}, true, nil
	case basic:
		w.Header().Set("Www-Authenticate", `Basic realm="restricted"`)
	}
	return caddyauth.User{}, false, nil
}

// silentSource stands in for a source of origins that nobody may ask.
type silentSource struct {
	Name string `json:"name,omitempty"`
}

// CaddyModule returns the Caddy module information.
func (*silentSource) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.cors.origins." + moduleName, New: func() caddy.Module { return new(silentSource) }}
}

// AllowsOrigin is what the cors handler wants of a source.
func (s *silentSource) AllowsOrigin(ctx context.Context, _ string) (bool, error) {
	if run := runOf(ctx); run != nil {
		run.answer.NotAsked = appendNew(run.answer.NotAsked, s.Name)
	}
	return false, fmt.Errorf("%s is not asked", s.Name)
}

// Interface guards.
var (
	_ caddyhttp.MiddlewareHandler = (*marker)(nil)
	_ caddy.Provisioner           = (*marker)(nil)
	_ http.RoundTripper           = (*upstream)(nil)
	_ caddyauth.Authenticator     = (*doorkeeper)(nil)
)
