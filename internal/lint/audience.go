package lint

import (
	"slices"
	"strings"
)

// audience is which origins get an answer, as far as matchers say.
type audience struct {
	tests []test // one of these accepts the origin; none: everybody
	open  bool   // somebody else gets it too
}

// everybody tells whether nothing keeps an origin out.
func (a audience) everybody() bool { return a.open || len(a.tests) == 0 }

// originTests are the conditions on Origin on the way to a node that let
// somebody in. What `not` keeps out makes no list of those who are let in.
func originTests(n *node) []test {
	var found []test
	for _, c := range n.chain() {
		for _, s := range c.match {
			for _, t := range s {
				found = append(found, t.onOrigin()...)
			}
		}
	}
	return found
}

func (t *test) onOrigin() []test {
	switch {
	case t.kind == "expression":
		var found []test
		for i := range t.parts {
			found = append(found, t.parts[i].onOrigin()...)
		}
		return found
	case t.field == headerOrigin && !t.absent:
		return []test{*t}
	}
	return nil
}

// letsAllIn tells whether a condition on Origin accepts every origin, like
// `header Origin *`, which only asks that there is one.
func (t *test) letsAllIn() bool {
	if t.kind == "header_regexp" {
		return slices.ContainsFunc(t.values, acceptsEverybody)
	}
	return len(t.values) == 0 || slices.Contains(t.values, "*")
}

// audienceOf finds out whom a grant is for.
func (a *audit) audienceOf(g *grant) audience {
	var au audience
	for _, t := range originTests(g.node) {
		if !t.letsAllIn() {
			au.tests = append(au.tests, t)
		}
	}
	if m := a.mapBehind(g); m != nil && len(au.tests) == 0 {
		for _, t := range m.inputs {
			if t.letsAllIn() {
				au.open = true
			}
		}
		au.tests = m.inputs
		au.open = au.open || isOriginPlaceholder(m.fallback)
	}
	return au
}

// mapBehind is the map that makes the placeholder in a grant's value.
func (a *audit) mapBehind(g *grant) *mapTable {
	var found *mapTable
	all(a.site.routes, func(n *node) {
		if n.kind == mapping && slices.Contains(n.mapping.targets, g.op.value) {
			found = n.mapping
		}
	})
	return found
}

// valueKind is what a value of Access-Control-Allow-Origin is.
type valueKind uint8

const (
	constant valueKind = iota
	star
	null
	reflection // whatever the request's Origin is
	derived    // made of the request's Origin in some way
	opaque     // cannot be told
)

func (a *audit) kindOf(g *grant) valueKind {
	v := strings.TrimSpace(g.op.value)
	switch {
	case v == "*":
		return star
	case v == "null":
		return null
	case isOriginPlaceholder(v):
		return reflection
	case strings.Contains(v, "{http.regexp."), a.mapBehind(g) != nil:
		return derived
	case v == "", strings.Contains(v, "{") && !isGlobal(v):
		return opaque
	}
	return constant
}

// isGlobal tells whether all placeholders of a value are the same for every
// request.
func isGlobal(v string) bool {
	for _, part := range strings.Split(v, "{")[1:] {
		if !strings.HasPrefix(part, "env.") && !strings.HasPrefix(part, "file.") && !strings.HasPrefix(part, "system.") && !strings.HasPrefix(part, "$") {
			return false
		}
	}
	return true
}

// varies tells whether the answer of a grant depends on the request's Origin.
func (a *audit) varies(g *grant) bool {
	k := a.kindOf(g)
	return k == reflection || k == derived || len(originTests(g.node)) > 0
}
