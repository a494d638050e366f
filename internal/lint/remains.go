package lint

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// remains are the places of hand-written lines that a cors block replaces.
type remains struct {
	paths    []string
	lines    map[string][]int
	imported bool // some are in other files
}

// collect finds the lines that do CORS by hand for requests like p.
func (a *audit) collect(r *remains, p probe) {
	r.lines = make(map[string][]int)
	all(slices.Concat(a.site.routes, a.site.errors), func(n *node) {
		if !n.fits(p) {
			return
		}
		switch n.kind {
		case header:
			r.header(n)
		case proxy:
			for _, o := range n.ops {
				if o.isCORS() && o.verb != remove {
					r.line(o.at, o.at.line)
				}
			}
		case group, respond:
			if goesAway(n) && (n.kind == group || n.onlyOPTIONS()) {
				r.line(n.at, n.last)
			}
		default: // has nothing to do with CORS
		}
	})
}

func (r *remains) header(n *node) {
	if goesAway(n) {
		r.line(n.at, n.last)
		return
	}
	for _, o := range n.ops {
		if o.replaced() {
			r.line(o.at, o.at.line)
		}
	}
}

// replaced tells whether a cors block makes the operation pointless.
func (o *op) replaced() bool {
	return isCORS(o.name) || o.name == headerVary && strings.EqualFold(strings.TrimSpace(o.value), headerOrigin)
}

// goesAway tells whether nothing is left of a node once its CORS is taken out.
func goesAway(n *node) bool {
	switch n.kind {
	case header:
		return !slices.ContainsFunc(n.ops, func(o *op) bool { return !o.replaced() })
	case group:
		return len(n.children) > 0 && !slices.ContainsFunc(n.children, func(c *node) bool { return !goesAway(c) })
	case respond:
		return n.onlyOPTIONS()
	default:
		return false
	}
}

// onlyOPTIONS tells whether a handler answers OPTIONS and nothing else.
func (n *node) onlyOPTIONS() bool {
	get := probe{method: http.MethodGet, path: anyPath, pathUnknown: true, origin: anyOrigin}
	options := get.asPreflight()
	takes := func(p probe) bool {
		for _, c := range n.chain() {
			if c.match.methods().eval(&p) == no {
				return false
			}
		}
		return true
	}
	return !takes(get) && takes(options)
}

// methods is what a matcher asks of the method alone.
func (m matcher) methods() matcher {
	out := make(matcher, 0, len(m))
	for _, s := range m {
		var kept set
		for _, t := range s {
			if t.kind == "method" || t.kind == "expression" || t.kind == "not" && t.aboutMethod() {
				kept = append(kept, t)
			}
		}
		out = append(out, kept)
	}
	return out
}

func (t *test) aboutMethod() bool {
	return slices.ContainsFunc(t.not, func(s set) bool {
		return len(s) == 1 && s[0].kind == "method"
	})
}

func (r *remains) line(at place, last int) {
	if at.path != "" {
		r.paths = appendNew(r.paths, at.path)
		return
	}
	r.imported = r.imported || at.imported
	for l := at.line; l <= max(last, at.line); l++ {
		if !slices.Contains(r.lines[at.file], l) {
			r.lines[at.file] = append(r.lines[at.file], l)
		}
	}
}

// String lists the places, lines as ranges.
func (r *remains) String() string {
	if len(r.paths) > 0 {
		return strings.Join(r.paths, ", ")
	}
	var parts []string
	for _, file := range sortedKeys(r.lines) {
		text := "lines " + ranges(r.lines[file])
		if len(r.lines[file]) == 1 {
			text = "line " + ranges(r.lines[file])
		}
		if len(r.lines) > 1 || r.imported {
			text += " of " + file
		}
		parts = append(parts, text)
	}
	return strings.Join(append(parts, "and what then nothing uses any more"), ", ")
}

func ranges(lines []int) string {
	slices.Sort(lines)
	var parts []string
	for i := 0; i < len(lines); {
		j := i
		for j+1 < len(lines) && lines[j+1] == lines[j]+1 {
			j++
		}
		if i == j {
			parts = append(parts, fmt.Sprint(lines[i]))
		} else {
			parts = append(parts, fmt.Sprintf("%d-%d", lines[i], lines[j]))
		}
		i = j + 1
	}
	return strings.Join(parts, ", ")
}
