package repair

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// verb is what a line does with its field.
type verb int

const (
	sets     verb = iota // or adds, or sets where the upstream did not
	deletes              // in a `header`; what strips an upstream's answer stays
	answers              // a `respond` to OPTIONS
	decides              // a cors directive
	supplies             // a map or a vars, whose output is a value elsewhere
)

// line is one line of CORS.
type line struct {
	node  *node // what would be removed
	dir   *node // its directive
	conds []*condition
	verb  verb
	field string // one of the six, or Vary
	value []claim

	ifMissing bool // ?

	// In JSON there are no nodes.
	handler *rehearsal.Handler
	path    string
}

// key says where in the site a line applies, whatever the origin and method.
func (l *line) key() string {
	var parts []string
	for _, c := range l.conds {
		if len(c.rest) > 0 && !c.ofSite { // what is asked for twice counts once
			parts = appendNew(parts, strings.Join(c.rest, "\n"))
		}
	}
	for i := range parts {
		parts[i] = strings.TrimPrefix(parts[i], "handle_") // handle_path is for a path, too
	}
	return strings.Join(parts, betweenConditions)
}

// audience is the condition that says for which origins a line is.
func (l *line) audience() *condition {
	for _, c := range slices.Backward(l.conds) {
		if c.aboutOrigin {
			return c
		}
	}
	return nil
}

func (l *line) onlyOptions() bool {
	return slices.ContainsFunc(l.conds, func(c *condition) bool { return c.onlyOptions })
}

func (l *line) tangled() bool {
	return slices.ContainsFunc(l.conds, func(c *condition) bool { return c.tangled })
}

// walker walks a site.
type walker struct{ lines []*line }

// linesOf finds what does CORS in a site.
func linesOf(s *site) []*line {
	var r walker
	r.block(s.nodes, nil, nil)
	return r.lines
}

var blocks = map[string]bool{"handle": true, "handle_path": true, "route": true, "handle_errors": true, "handle_response": true}

func (r *walker) block(nodes []*node, conds []*condition, defs map[string]*node) {
	own := maps.Clone(defs)
	if own == nil {
		own = map[string]*node{}
	}
	for _, n := range nodes {
		if strings.HasPrefix(n.name(), "@") {
			own[n.name()] = n
		}
		if n.isOriginMap() {
			for _, output := range n.words[2:] {
				own[output] = n
			}
		}
	}
	for _, n := range nodes {
		r.directive(n, conds, own)
	}
}

func (r *walker) directive(n *node, conds []*condition, defs map[string]*node) {
	name := n.name()
	if word := n.matcher(); word != "" && name != "handle_response" && name != "map" {
		c := conditionOf(word, defs)
		c.owner = n
		if name == "handle_path" {
			c.rest = []string{"handle_path " + word}
		}
		conds = append(slices.Clone(conds), c)
	}
	switch {
	case blocks[name]:
		r.block(n.children, conds, defs)
	case name == "header" || name == "request_header":
		r.header(n, conds)
	case name == "reverse_proxy" || name == "php_fastcgi" || name == "forward_auth" || name == "intercept":
		for _, o := range n.children {
			switch o.name() {
			case "header_down", "header_up":
				r.field(o, n, o.words[1:], conds)
			case "handle_response":
				r.block(o.children, conds, defs)
			}
		}
	case name == "respond":
		l := &line{node: n, dir: n, conds: conds, verb: answers}
		if l.onlyOptions() {
			r.lines = append(r.lines, l)
		}
	case name == "cors":
		r.lines = append(r.lines, &line{node: n, dir: n, conds: conds, verb: decides})
	case n.isOriginMap(), name == "vars" && len(n.args()) == 2:
		r.lines = append(r.lines, &line{node: n, dir: n, conds: conds, verb: supplies})
	}
}

func (n *node) isOriginMap() bool {
	return n.name() == "map" && len(n.words) > 2 && isOriginPlaceholder(n.words[1])
}

func (r *walker) header(n *node, conds []*condition) {
	r.field(n, n, n.args(), conds)
	for _, o := range n.children {
		words := o.words
		if words[0] == "header_down" && len(words) > 1 {
			words = words[1:]
		}
		r.field(o, n, words, conds)
	}
}

// field reads a line that names a field, in the last words of a node.
func (r *walker) field(n, dir *node, words []string, conds []*condition) {
	if len(words) == 0 || words[0] == "" {
		return
	}
	name := strings.TrimSuffix(strings.TrimLeft(words[0], "+-?>"), ":")
	l := &line{node: n, dir: dir, conds: conds, field: http.CanonicalHeaderKey(name), ifMissing: words[0][0] == '?'}
	for _, w := range words[1:] {
		l.value = append(l.value, claim{value: w})
	}
	switch {
	case words[0][0] == '-':
		isCORS := httpwords.IsCORSResponseHeader(name) || strings.Contains(name, "*") && strings.HasPrefix("access-control-allow-origin", strings.ToLower(strings.Trim(name, "*")))
		if n.name() == "header_down" || n.name() == "header_up" || dir.name() == "request_header" || !isCORS {
			return
		}
		l.verb = deletes
	case httpwords.IsCORSResponseHeader(name), l.field == httpwords.Vary && variesByOriginOnly(words[1:]):
	default:
		return
	}
	r.lines = append(r.lines, l)
}

// variesByOriginOnly reports whether a Vary has nothing that cors would not say.
func variesByOriginOnly(values []string) bool {
	return len(values) == 1 && !slices.ContainsFunc(splitList(values[0]), func(token string) bool {
		return !httpwords.EqualNames(token, httpwords.Origin) && !asksForPreflight(token)
	})
}

func splitList(v string) []string {
	return strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' || r == ';' || r == '|' })
}
