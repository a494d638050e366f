package repair

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/matrix"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// jsonSites are the sites of a configuration, with what does CORS in them.
func jsonSites(before *stage) (sites []*site) {
	for _, s := range before.sites {
		address := before.address(s)
		if address == "" {
			continue
		}
		st := &site{bases: []string{address}, lines: []*line{}}
		for _, o := range s.Operations {
			st.lines = append(st.lines, linesOfOperation(o)...)
		}
		for _, h := range s.Handlers {
			if h.Kind == "map" || h.Kind == "vars" {
				st.lines = append(st.lines, &line{handler: h, conds: condsOf(h), verb: supplies, path: h.Path})
			}
		}
		sites = append(sites, st)
	}
	return sites
}

// linesOfOperation are the places of an operation that have to go.
func linesOfOperation(o *matrix.Operation) (lines []*line) {
	l := &line{handler: o.Handler, field: o.Field, conds: condsOf(o.Handler), ifMissing: o.Fallback, path: o.Place.Path}
	for _, v := range o.Values {
		l.value = append(l.value, claim{value: v})
	}
	switch {
	case o.Field == httpwords.Vary && (o.Request || o.Deletes || !variesByOriginOnly(o.Values)):
		return nil
	case o.Handler.Kind == "static_response":
		l.path = o.Handler.Path + "/headers/" + escaped(o.Name)
	case o.Deletes: // what strips an upstream's answer stays
		if o.Handler.Kind != "headers" || o.Request {
			return nil
		}
		l.verb = deletes
		list, _ := valueAt(o.Handler.Config, strings.TrimPrefix(o.Place.Path, o.Handler.Path)).([]any)
		l.path += fmt.Sprint("/", slices.IndexFunc(list, func(v any) bool { return v == o.Name }))
	default:
		l.path = l.path[:len(l.path)-len(o.Name)] + escaped(o.Name)
	}
	return []*line{l}
}

// condsOf are the matchers on the way to a handler.
func condsOf(h *rehearsal.Handler) (conds []*condition) {
	for i, sets := range h.Matchers {
		c := conditionOfJSON(sets)
		c.ofSite = i == 0 && len(c.rest) == 1 && strings.HasPrefix(strings.TrimPrefix(c.rest[0], "["), `{"host":`)
		conds = append(conds, c)
	}
	return conds
}

// conditionOfJSON reads the matcher sets of a route. Several sets are an or,
// which has no place in one condition.
func conditionOfJSON(sets any) *condition {
	c := &condition{}
	list, _ := sets.([]any)
	for _, s := range list {
		set, _ := s.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(set)) {
			one, matcher := condition{}, map[string]any{name: set[name]}
			words := wordsOfJSON(matcher)
			if expr := rehearsal.Words(set, name, "expr"); name == "expression" && expr != nil {
				words = []string{name, expr[0]}
			}
			one.line(&node{words: words})
			if len(one.rest) > 0 {
				c.rest = append(c.rest, rehearsal.Compact(matcher))
			}
			c.cut, c.aboutOrigin, c.onlyOptions = c.cut || one.cut, c.aboutOrigin || one.aboutOrigin, c.onlyOptions || one.onlyOptions
			c.origins, c.except = append(c.origins, one.origins...), append(c.except, one.except...)
			c.tangled = c.tangled || one.tangled
		}
	}
	c.tangled = c.tangled || len(list) > 1 && c.cut
	if len(list) > 1 && !c.cut {
		c.rest, c.tangled = []string{rehearsal.Compact(sets)}, false
	}
	return c
}

// wordsOfJSON writes a matcher as a Caddyfile has it.
func wordsOfJSON(tree any) (words []string) {
	switch tree := tree.(type) {
	case []any:
		for _, v := range tree {
			words = append(words, wordsOfJSON(v)...)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(tree)) {
			words = append(append(words, key), wordsOfJSON(tree[key])...)
		}
	case nil:
	default:
		words = append(words, fmt.Sprint(tree))
	}
	return words
}
