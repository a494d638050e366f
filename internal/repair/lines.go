package repair

import (
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
	value []string

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

// named are the origins in that condition.
func (l *line) named() []claim {
	if a := l.audience(); a != nil {
		return a.origins
	}
	return nil
}

func (l *line) onlyOptions() bool {
	return slices.ContainsFunc(l.conds, func(c *condition) bool { return c.onlyOptions })
}

// onError reports whether a line runs for Caddy's own errors only.
func (l *line) onError() bool {
	if l.node == nil {
		return l.handler.ErrorRoute
	}
	return slices.ContainsFunc(l.node.ancestors(), func(b *node) bool { return b.name() == "handle_errors" })
}

// fromVariable reports whether a variable of the environment fills in the value, which
// has a default.
func (l *line) fromVariable() bool {
	return l.node != nil && len(l.node.words) > 1 && inRaw.MatchString(l.node.rawWord(len(l.node.words)-1))
}

func (l *line) tangled() bool {
	return slices.ContainsFunc(l.conds, func(c *condition) bool { return c.tangled })
}

var (
	blocks  = map[string]bool{"handle": true, "handle_path": true, "route": true, "handle_errors": true, "handle_response": true}
	proxies = map[string]bool{"reverse_proxy": true, "php_fastcgi": true, "forward_auth": true, "intercept": true}
	headers = map[string]bool{"header": true, "request_header": true}
)

// linesOf finds what does CORS in a site.
func linesOf(s *site) (lines []*line) {
	all(s.nodes, func(n *node) {
		l := n.line()
		if l == nil || slices.ContainsFunc(n.ancestors(), func(b *node) bool { return !blocks[b.name()] && !proxies[b.name()] && !headers[b.name()] }) {
			return
		}
		if l.conds = s.conds(l.dir); l.verb != answers || l.onlyOptions() {
			lines = append(lines, l)
		}
	})
	return lines
}

// conds are the matchers on the way to a directive, and its own.
func (s *site) conds(dir *node) (conds []*condition) {
	defs, level := map[string]*node{}, s.nodes
	for _, b := range append(dir.ancestors(), dir) {
		for _, n := range level {
			if strings.HasPrefix(n.name(), "@") {
				defs[n.name()] = n
			}
			if n.isOriginMap() {
				for _, output := range n.words[2:] {
					defs[output] = n
				}
			}
		}
		level = b.children
		word := b.matcher()
		if word == "" || b.name() == "handle_response" || b.name() == "map" {
			continue
		}
		c := conditionOf(word, defs)
		c.owner = b
		if b.name() == "handle_path" {
			c.rest = []string{"handle_path " + word}
		}
		conds = append(conds, c)
	}
	return conds
}

// line reads a line. Nil: it does nothing of CORS.
func (n *node) line() *line {
	switch name := n.name(); {
	case n.parent != nil && headers[n.parent.name()]:
		if name == "header_down" && len(n.words) > 1 { // by mistake
			return n.field(n.parent, n.words[1:])
		}
		return n.field(n.parent, n.words)
	case headers[name]:
		return n.field(n, n.args())
	case n.parent != nil && proxies[n.parent.name()] && (name == "header_down" || name == "header_up"):
		return n.field(n.parent, n.words[1:])
	case name == "respond":
		return &line{node: n, dir: n, verb: answers}
	case name == "cors":
		return &line{node: n, dir: n, verb: decides}
	case n.isOriginMap(), name == "vars" && len(n.args()) == 2:
		return &line{node: n, dir: n, verb: supplies}
	}
	return nil
}

func (n *node) isOriginMap() bool {
	return n.name() == "map" && len(n.words) > 2 && isOriginPlaceholder(n.words[1])
}

// field reads a line that names a field of CORS, in the last words of a node.
func (n *node) field(dir *node, words []string) *line {
	if len(words) == 0 || words[0] == "" {
		return nil
	}
	name := strings.TrimSuffix(strings.TrimLeft(words[0], "+-?>"), ":")
	if len(words) == 3 && words[2] == "defer" { // it makes a replacement of the value, and that was not meant
		words = words[:2]
	}
	l := &line{node: n, dir: dir, field: http.CanonicalHeaderKey(name), value: words[1:], ifMissing: words[0][0] == '?'}
	switch {
	case words[0][0] == '-':
		isCORS := httpwords.IsCORSResponseHeader(name) || strings.Contains(name, "*") && strings.HasPrefix("access-control-allow-origin", strings.ToLower(strings.Trim(name, "*")))
		if n.name() == "header_down" || n.name() == "header_up" || dir.name() == "request_header" || !isCORS {
			return nil
		}
		l.verb = deletes
	case httpwords.IsCORSResponseHeader(name), l.field == httpwords.Vary && variesByOriginOnly(words[1:]):
	default:
		return nil
	}
	return l
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
