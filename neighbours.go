package cors

import (
	"net/http"
	"slices"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"
)

// lookAround warns of what stands around the handler and defeats it: a matcher
// that keeps preflights away, a `header` that writes CORS headers too. While a
// configuration is loaded the neighbours are not there yet, so this runs when the
// first request passes. Once is enough, as a handler has one way.
func (h *Handler) lookAround() {
	for _, step := range h.way {
		if leavesOutOptions(step.route().MatcherSets) {
			h.logger.Warn("the matcher leaves out OPTIONS, so preflights never reach cors; remove the method from the matcher",
				zap.String("policy", h.describe()))
		}
		for _, before := range step.routes[:step.index+1] {
			h.checkHeaderLines(before.Handlers)
		}
	}
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
