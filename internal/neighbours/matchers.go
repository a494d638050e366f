package neighbours

import (
	"net/http"
	"slices"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// OptionsLeftOut is what LeavesOutOptions means for a policy, and OptionsCure what
// helps.
const (
	OptionsLeftOut = "the matcher leaves out OPTIONS, so preflights never reach cors"
	OptionsCure    = "remove the method from the matcher"
)

// LeavesOutOptions reports whether no set of matchers lets an OPTIONS through.
func LeavesOutOptions(sets caddyhttp.MatcherSets) bool {
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
