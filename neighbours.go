package cors

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/neighbours"
)

// lookAround warns of what stands around the handler and defeats it: a matcher
// that keeps preflights away, a `header` that writes CORS headers too. While a
// configuration is loaded the neighbours are not there yet, so this runs when the
// first request passes. Once is enough, as a handler has one way.
func (h *Handler) lookAround() {
	for _, step := range h.way {
		if neighbours.LeavesOutOptions(step.Route().MatcherSets) {
			h.logger.Warn(neighbours.OptionsLeftOut+"; "+neighbours.OptionsCure, zap.String("policy", h.describe()))
		}
		for _, before := range step.Routes[:step.Index+1] {
			h.checkHeaderLines(before.Handlers)
		}
	}
}

// wayTo returns the routes that lead to the handler that is being provisioned,
// outermost first, as far as they can be seen: a named route, which others
// invoke, cannot. What the routes hold is complete once all is provisioned.
func wayTo(ctx caddy.Context) (way []neighbours.Step) {
	srv := serverOf(ctx)
	if srv == nil {
		return nil
	}
	lists := [][]caddyhttp.RouteList{withErrors(srv.Routes, srv.Errors)}
	for _, module := range ctx.Modules() {
		if sub, ok := module.(*caddyhttp.Subroute); ok {
			lists = append(lists, withErrors(sub.Routes, sub.Errors))
		}
	}
	for _, list := range lists {
		if step, ok := inProgress(list); ok {
			way = append(way, step)
		}
	}
	return way
}

// serverOf returns the server that is being provisioned; nil outside Caddy.
func serverOf(ctx caddy.Context) *caddyhttp.Server {
	srv, _ := ctx.Value(caddyhttp.ServerCtxKey).(*caddyhttp.Server)
	return srv
}

func withErrors(routes caddyhttp.RouteList, errors *caddyhttp.HTTPErrorConfig) []caddyhttp.RouteList {
	if errors == nil {
		return []caddyhttp.RouteList{routes}
	}
	return []caddyhttp.RouteList{routes, errors.Routes}
}

// inProgress finds the route whose handlers are being provisioned: the first
// that still has them in JSON, as Caddy (Route.ProvisionHandlers) clears that of
// each route when it is done with it.
func inProgress(lists []caddyhttp.RouteList) (found neighbours.Step, ok bool) {
	for _, routes := range lists {
		for i := range routes {
			if len(routes[i].HandlersRaw) > 0 {
				return neighbours.Step{Routes: routes, Index: i}, true
			}
		}
	}
	return neighbours.Step{}, false
}

// describeWay names the matchers on the way to the handler.
func (h *Handler) describeWay() []string {
	var all []string
	for _, s := range h.way {
		var sets []string
		for _, set := range s.Route().MatcherSets {
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
