package rehearsal

import (
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/caddy-cors/caddy-cors/internal/neighbours"
)

// routesTo are the provisioned routes that lead to a handler, outermost first, as
// neighbours judges them. Nil where they cannot be seen.
func (r *Rehearsal) routesTo(h *Handler) []neighbours.Step {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ways == nil {
		r.ways = map[int][]neighbours.Step{}
		for _, srv := range r.app.Servers {
			neighbours.Walk(srv, func(way []neighbours.Step, h caddyhttp.MiddlewareHandler) {
				if m, ok := h.(*marker); ok && !m.Probe {
					r.ways[m.ID] = way
				}
			})
		}
	}
	return r.ways[h.ID]
}

// LeavesOutOptions reports whether a route on the way to a handler keeps every OPTIONS
// away.
func (r *Rehearsal) LeavesOutOptions(h *Handler) bool {
	for _, step := range r.routesTo(h) {
		if neighbours.LeavesOutOptions(step.Route().MatcherSets) {
			return true
		}
	}
	return false
}
