// Package neighbours judges what stands around a cors handler in provisioned routes:
// matchers that keep preflights away, `header` directives that write its headers. The
// warnings at run time and the commands have these judgments in common.
//
// Two things stay separate. How the routes are found: a handler remembers those that
// lead to it while it is provisioned, and a rehearsal, whose marks stand in front of all
// handlers, walks. And what the commands say they have seen a configuration do, in a
// rehearsal that a process that serves must not have: which of two policies decides, what
// the browser makes of the answer. A handler has no question to ask, and warns of what
// can happen.
package neighbours

import (
	"slices"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// Step is one route on the way to a handler: Routes[Index].
type Step struct {
	Routes caddyhttp.RouteList
	Index  int
}

// Route is the route itself.
func (s Step) Route() caddyhttp.Route { return s.Routes[s.Index] }

// Walk visits every handler of a server with the routes that lead to it, outermost
// first: in the routes of requests, in those of errors, and in the named ones that others
// invoke. What a plugin or a proxy (`handle_response`) runs inside of itself cannot be
// seen.
func Walk(srv *caddyhttp.Server, visit func(way []Step, handler caddyhttp.MiddlewareHandler)) {
	for _, routes := range chains(srv) {
		walk(routes, nil, visit)
	}
}

func chains(srv *caddyhttp.Server) []caddyhttp.RouteList {
	all := []caddyhttp.RouteList{srv.Routes}
	if srv.Errors != nil {
		all = append(all, srv.Errors.Routes)
	}
	for _, named := range srv.NamedRoutes {
		all = append(all, caddyhttp.RouteList{*named})
	}
	return all
}

func walk(routes caddyhttp.RouteList, way []Step, visit func([]Step, caddyhttp.MiddlewareHandler)) {
	for i, route := range routes {
		here := append(slices.Clone(way), Step{routes, i})
		for _, handler := range route.Handlers {
			visit(here, handler)
			switch sub := handler.(type) {
			case *caddyhttp.Subroute:
				walk(sub.Routes, here, visit)
			case interface{ Inside() caddyhttp.RouteList }: // what stands in for one in a rehearsal
				walk(sub.Inside(), here, visit)
			}
		}
	}
}
