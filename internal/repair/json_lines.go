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
		for _, isOrigin := range []bool{true, false} { // places of a policy are told by the first one
			for _, o := range s.Operations {
				if isOrigin == (o.Field == httpwords.AllowOrigin) {
					st.lines = append(st.lines, linesOfOperation(o)...)
				}
			}
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
	l := &line{handler: o.Handler, field: o.Field, value: o.Values, conds: condsOf(o.Handler), ifMissing: o.Fallback, path: o.Place.Path}
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
		c := conditionOfJSON(rehearsal.List(sets))
		c.ofSite = i == 0 && !slices.ContainsFunc(c.left, func(set any) bool { return len(rehearsal.Map(set)) != 1 || rehearsal.Dig(set, "host") == nil })
		conds = append(conds, c)
	}
	return conds
}

// conditionOfJSON reads the matcher sets of a route. Several sets are an or,
// which has no place in one condition.
func conditionOfJSON(sets []any) *condition {
	c := &condition{}
	for _, set := range sets {
		left := map[string]any{}
		for _, name := range slices.Sorted(maps.Keys(rehearsal.Map(set))) {
			config := rehearsal.Dig(set, name)
			one, words := condition{}, wordsOfJSON(map[string]any{name: config})
			if expr := rehearsal.Words(config, "expr"); name == "expression" && expr != nil {
				words = []string{name, expr[0]}
			}
			if one.line(&node{words: words}); len(one.rest) > 0 {
				left[name] = config
			}
			c.cut, c.aboutOrigin, c.onlyOptions = c.cut || one.cut, c.aboutOrigin || one.aboutOrigin, c.onlyOptions || one.onlyOptions
			c.origins, c.except = append(c.origins, one.origins...), append(c.except, one.except...)
			c.tangled = c.tangled || one.tangled
		}
		if len(left) > 0 {
			c.left = append(c.left, left)
		}
	}
	c.tangled = c.tangled || len(sets) > 1 && c.cut
	if len(c.left) > 0 {
		c.rest = []string{rehearsal.Compact(c.left)}
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
