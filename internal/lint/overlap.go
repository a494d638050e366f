package lint

import (
	"fmt"
	"slices"
	"strings"
)

func overlappingPolicies(a *audit) {
	type pair struct{ first, second *node }
	told := make(map[pair]bool)
	for _, x := range a.policies {
		for _, p := range a.probesOf(x) {
			for _, pr := range neighbours(sendThrough(a.routes(x), p, x.node), x.node) {
				if found := (pair{pr[0], pr[1]}); !told[found] && !narrower(pr[0], pr[1]) {
					told[found] = true
					a.reportOverlap(pr[0], pr[1])
				}
			}
		}
	}
}

func (a *audit) reportOverlap(first, second *node) {
	a.report(second.at, Finding{
		Problem: fmt.Sprintf("`%s` (%s) and `%s` (%s) meet the same requests, and the first one decides", first.firstLine(), first.at, second.firstLine(), second.at),
		Effect:  "pages that only the second one allows are refused there, in every browser; Caddy logs a warning at the first such request",
		Cure:    "make one policy of them, or give the one that comes first a path inside the other's",
	})
}

// neighbours pairs a cors handler with the others that a trip meets, in the
// order in which it meets them.
func neighbours(t *trip, n *node) [][2]*node {
	mine := t.index(n)
	if mine < 0 || !t.steps[mine].sure || n.cors.reportOnly {
		return nil
	}
	var pairs [][2]*node
	for i, s := range t.steps {
		switch {
		case s.node.kind != policy || !s.sure || i == mine || s.node.cors.reportOnly:
			// One that only reports is there to stand beside another.
		case i < mine:
			pairs = append(pairs, [2]*node{s.node, n})
		default:
			pairs = append(pairs, [2]*node{n, s.node})
		}
	}
	return pairs
}

// probesOf makes up requests for a cors handler: the usual one, and some whose
// paths also end like those of others (/api/* and *.json: /api/x.json).
func (a *audit) probesOf(x *subject) []probe {
	if x.actual == nil {
		return nil
	}
	probes := []probe{*x.actual}
	for _, y := range a.policies {
		paths, _ := placeOf(y.node)
		for _, tail := range paths {
			if p := *x.actual; strings.HasPrefix(tail, "*") && !strings.HasSuffix(p.path, tail[1:]) {
				p.path += strings.Trim(tail, "*")
				probes = append(probes, p)
			}
		}
	}
	return probes
}

// narrower tells whether a node meets fewer requests than another, and nothing
// that the other does not meet, as far as their matchers can be compared.
func narrower(a, b *node) bool {
	x, y := conditions(a), conditions(b)
	strictly := false
	for key, values := range y {
		mine, ok := x[key]
		if !ok || !covered(key, mine, values) {
			return false
		}
		strictly = strictly || !covered(key, values, mine)
	}
	return strictly || len(x) > len(y)
}

// conditions are what the matchers on the way to a node ask for. Several sets
// that are alternatives are one condition that equals only itself.
func conditions(n *node) map[string][]string {
	found := make(map[string][]string)
	prefix := ""
	for _, c := range n.chain() {
		switch {
		case len(c.match) == 1:
			for _, t := range c.match[0] {
				key := t.kind + " " + t.field
				values := t.values
				switch t.kind {
				case "path":
					values = nil
					for _, v := range t.values {
						values = append(values, prefix+v)
					}
				case "not":
					values = []string{fmt.Sprint(t.not)}
				}
				// The inner of two conditions of a kind is the narrower one.
				found[key] = values
			}
		case len(c.match) > 1:
			found["any of "+fmt.Sprint(c.match)] = nil
		}
		prefix += c.strips()
	}
	return found
}

// covered tells whether every value of a list is covered by one of another.
func covered(key string, inner, outer []string) bool {
	return !slices.ContainsFunc(inner, func(v string) bool {
		return !slices.ContainsFunc(outer, func(w string) bool {
			return v == w || strings.HasPrefix(key, "path ") && pathCovers(w, v)
		})
	})
}

// pathCovers tells whether a pattern of paths covers another.
func pathCovers(outer, inner string) bool {
	if outer == "*" || outer == "/*" {
		return true
	}
	head, ok := strings.CutSuffix(outer, "*")
	if !ok || strings.Contains(head, "*") {
		return false
	}
	return strings.HasPrefix(inner, head)
}
