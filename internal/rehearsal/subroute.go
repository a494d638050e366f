package rehearsal

import (
	"net/http"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// subroute is Caddy's own, but for what it costs: Caddy makes a chain of all its routes
// for each request, and a site with two thousand of them is asked ten thousand times.
// Here a route is compiled once its matchers let the request in. All the rest, groups
// and terminal routes among it, is Caddy's.
type subroute struct{ caddyhttp.Subroute }

// CaddyModule returns the Caddy module information.
func (*subroute) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers." + subrouteName, New: func() caddy.Module { return new(subroute) }}
}

// ServeHTTP implements caddyhttp.MiddlewareHandler.
func (s *subroute) ServeHTTP(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	if s.Errors != nil {
		return s.Subroute.ServeHTTP(w, r, next)
	}
	return rest{s.Routes, next}.ServeHTTP(w, r)
}

// rest are the routes that a request has still before it.
type rest struct {
	routes caddyhttp.RouteList
	next   caddyhttp.Handler
}

func (r rest) ServeHTTP(w http.ResponseWriter, req *http.Request) error {
	for i := range r.routes {
		route := &r.routes[i]
		if matched, err := route.MatcherSets.AnyMatchWithError(req); matched || err != nil {
			return route.Compile(rest{r.routes[i+1:], r.next}).ServeHTTP(w, req)
		}
	}
	return r.next.ServeHTTP(w, req)
}

// Interface guards.
var _ caddyhttp.MiddlewareHandler = (*subroute)(nil)
