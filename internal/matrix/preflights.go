package matrix

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// PreflightOnly reports whether a matcher on the way to a handler lets only
// OPTIONS pass.
func PreflightOnly(h *rehearsal.Handler) bool {
	return slices.ContainsFunc(setsOf(h.Matchers), func(set any) bool {
		return slices.Equal(rehearsal.Words(set, "method"), []string{http.MethodOptions}) || slices.ContainsFunc(expressionsOf(set), func(e string) bool {
			return isOptions.MatchString(e) && !strings.Contains(e, "||")
		})
	})
}

// AboutPreflights reports whether a matcher on the way to a handler asks for OPTIONS, or
// for what a preflight asks for.
func AboutPreflights(h *rehearsal.Handler) bool {
	return PreflightOnly(h) || asksForPreflight.MatchString(rehearsal.Compact(h.Matchers))
}

// LeavesOutPreflights reports whether a matcher on the way to a handler, below the site's
// own, tells preflights apart by more than a path and the origin: so some are left out on
// purpose.
func LeavesOutPreflights(h *rehearsal.Handler) bool {
	for i, sets := range h.Matchers {
		for _, set := range rehearsal.List(sets) {
			for name, config := range rehearsal.Map(set) {
				if leavesOut(name, config) && (i > 0 || name != "host") {
					return true
				}
			}
		}
	}
	return false
}

func leavesOut(name string, config any) bool {
	switch name {
	case "method", "path", "path_regexp":
		return false
	case "header":
		for field, values := range rehearsal.Map(config) {
			isAny := slices.Equal(rehearsal.Words(values), []string{httpwords.Wildcard}) // each preflight has a method
			if !strings.EqualFold(field, httpwords.Origin) && (!isAny || !strings.EqualFold(field, httpwords.RequestMethod)) {
				return true
			}
		}
		return false
	case "not":
		return true
	}
	text := rehearsal.Compact(map[string]any{name: config})
	return !corsWords.MatchString(text) || asksForPreflight.MatchString(text) || name == "expression" && strings.Contains(text, "!")
}

var asksForPreflight = regexp.MustCompile(`(?i)Access-Control-Request-(Method|Headers)`)

var isOptions = regexp.MustCompile(`(?i)method(\}\s*==\s*|\()["']OPTIONS["']`)
