// Package origins has the sources of origins that change while Caddy runs: guest
// modules of the handler http.handlers.cors in the namespace http.cors.origins.
// `origins_from <name>` in a Caddyfile loads the module http.cors.origins.<name>.
//
// To write a source of your own, register a Caddy module with such an ID that
// implements [Source]; for Caddyfiles also caddyfile.Unmarshaler, which finds the
// source's name as its first token. Provision and Cleanup are called as for all
// modules of Caddy.
//
//	func init() { caddy.RegisterModule(new(Customers)) }
//
//	type Customers struct{ db *sql.DB }
//
//	func (*Customers) CaddyModule() caddy.ModuleInfo {
//		return caddy.ModuleInfo{
//			ID:  "http.cors.origins.customers",
//			New: func() caddy.Module { return new(Customers) },
//		}
//	}
//
//	func (c *Customers) AllowsOrigin(ctx context.Context, origin string) (bool, error) {
//		return c.isCustomer(ctx, origin)
//	}
package origins

import (
	"context"

	"github.com/caddy-cors/caddy-cors/internal/origin"
	"github.com/caddy-cors/caddy-cors/internal/policy"
)

// Namespace is where sources are registered.
const Namespace = "http.cors.origins"

// Source is a guest module of the namespace http.cors.origins: it adds origins
// that change while Caddy runs.
//
// A source only ever adds origins, with the policy's own permissions; exceptions
// and the rules about credentials apply to them as to all others. It is asked
// only about serialized origins that the policy does not allow by itself and
// that are not the site's own, never about null.
type Source interface {
	// AllowsOrigin reports whether pages of a serialized origin
	// ("https://app.example.com") may use the site. Many goroutines call it
	// at once, on the path of a request: it should answer from memory, and
	// must not take long where it cannot; ctx is the request's. An error means
	// that the source does not know (it is down, or was never read); the
	// origin is then refused, with the reason source_unavailable.
	AllowsOrigin(ctx context.Context, origin string) (bool, error)
}

// ruled is a source of this package. It is told the rules of the policy that it
// adds to, and starts only then.
type ruled interface {
	Source
	start(rules policy.SourceRules) error
	allows(q Question) (bool, error)
}

// Start starts a source of this package; others have started when they were
// provisioned.
func Start(s Source, rules policy.SourceRules) error {
	if r, ok := s.(ruled); ok {
		return r.start(rules)
	}
	return nil
}

// Question is what a source is asked about a request.
type Question struct {
	Origin origin.Origin
	Host   string // the request's Host header
}

// Ask asks a source. Those of this package need not parse the origin again.
func (q Question) Ask(ctx context.Context, s Source) (bool, error) {
	if r, ok := s.(ruled); ok {
		return r.allows(q)
	}
	return s.AllowsOrigin(ctx, q.Origin.Raw)
}

// ask answers AllowsOrigin for a source of this package, which knows no Host.
func ask(s ruled, raw string) (bool, error) {
	o, ok := origin.Parse(raw)
	if !ok {
		return false, nil
	}
	return s.allows(Question{Origin: o})
}
