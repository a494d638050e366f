package cors

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// lookAround warns of what stands around the handler and defeats it: a matcher
// that keeps preflights away, a `header` that writes CORS headers too. While a
// configuration is loaded a handler cannot see all of its neighbours, so this
// runs when the first request passes. Once is enough, as a handler belongs to one
// server.
func (h *Handler) lookAround(ctx context.Context) {
	srv := serverOf(ctx)
	if srv == nil {
		return
	}
	for _, step := range pathTo(srv, h) {
		if leavesOutOptions(step.route().MatcherSets) {
			h.logger.Warn("the matcher leaves out OPTIONS, so preflights never reach cors; remove the method from the matcher",
				zap.String("policy", h.describe()))
		}
		for _, before := range step.routes[:step.index+1] {
			h.checkHeaderLines(before.Handlers)
		}
	}
}

// serverOf returns the server of a request or a configuration; nil outside Caddy.
func serverOf(ctx context.Context) *caddyhttp.Server {
	srv, _ := ctx.Value(caddyhttp.ServerCtxKey).(*caddyhttp.Server)
	return srv
}

// step is one route on the way to a handler: routes[index].
type step struct {
	routes caddyhttp.RouteList
	index  int
}

func (s step) route() caddyhttp.Route { return s.routes[s.index] }

// describeWay describes what leads to the handler in the server that a request
// came to.
func (h *Handler) describeWay(ctx context.Context) []string {
	srv := serverOf(ctx)
	if srv == nil {
		return nil
	}
	return describeMatchers(pathTo(srv, h))
}

// pathTo finds the routes that lead to a handler, outermost first.
func pathTo(srv *caddyhttp.Server, wanted *Handler) (found []step) {
	for _, routes := range chains(srv) {
		walkHandlers(routes, nil, func(path []step, h *Handler) {
			if h == wanted {
				found = path
			}
		})
	}
	return found
}

// chains are all the routes of a server: those of requests, those of errors,
// and the named ones that others invoke.
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

// walkHandlers visits every cors handler of provisioned routes with the routes
// that lead to it.
func walkHandlers(routes caddyhttp.RouteList, path []step, visit func([]step, *Handler)) {
	for i, route := range routes {
		here := append(slices.Clone(path), step{routes, i})
		for _, handler := range route.Handlers {
			switch handler := handler.(type) {
			case *Handler:
				visit(here, handler)
			case *caddyhttp.Subroute:
				walkHandlers(handler.Routes, here, visit)
			}
		}
	}
}

// describeMatchers names the matchers on the way to a handler.
func describeMatchers(path []step) []string {
	var all []string
	for _, s := range path {
		var sets []string
		for _, set := range s.route().MatcherSets {
			var matchers []string
			for _, m := range set {
				matchers = append(matchers, describeMatcher(m))
			}
			sets = append(sets, strings.Join(matchers, " and "))
		}
		if len(sets) > 0 {
			all = append(all, strings.Join(sets, ", or "))
		}
	}
	return all
}

// shownMatchers are those whose values may stand in a log. Others hold secrets:
// a token in a header, say.
var shownMatchers = []string{"host", "path", "method", "protocol"}

func describeMatcher(m any) string {
	mod, ok := m.(caddy.Module)
	if !ok {
		return fmt.Sprintf("%T", m)
	}
	name := mod.CaddyModule().ID.Name()
	value, err := json.Marshal(m)
	if err != nil || !slices.Contains(shownMatchers, name) {
		return name
	}
	return httpwords.Printable(name + " " + string(value))
}

// leavesOutOptions reports whether no set of matchers lets an OPTIONS through.
func leavesOutOptions(sets caddyhttp.MatcherSets) bool {
	return len(sets) > 0 && !slices.ContainsFunc(sets, func(set caddyhttp.MatcherSet) bool {
		return !slices.ContainsFunc(set, refusesOptions)
	})
}

func refusesOptions(matcher any) bool {
	switch m := matcher.(type) {
	case *caddyhttp.MatchMethod:
		return !slices.Contains(*m, http.MethodOptions)
	case caddyhttp.MatchMethod:
		return !slices.Contains(m, http.MethodOptions)
	case *caddyhttp.MatchNot:
		return slices.ContainsFunc(m.MatcherSets, func(set caddyhttp.MatcherSet) bool {
			return len(set) == 1 && matchesOptions(set[0])
		})
	}
	return false
}

// matchesOptions reports whether a lone matcher always accepts an OPTIONS.
func matchesOptions(matcher any) bool {
	switch matcher.(type) {
	case *caddyhttp.MatchMethod, caddyhttp.MatchMethod:
		return !refusesOptions(matcher)
	}
	return false
}
