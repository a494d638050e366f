package repair

import (
	"slices"
	"strings"
)

// ends reports whether a node answers OPTIONS with something that is no CORS: with
// a text, or at the end of a block for OPTIONS that has other lines.
func (s *site) ends(n *node) bool {
	if n.name() != "respond" {
		return false
	}
	lines := linesOf(s)
	i := slices.IndexFunc(lines, func(l *line) bool { return l.node == n })
	if i < 0 {
		return false
	}
	b := lines[i].block()
	return n.hasText() || b != nil && !isIdle(b, aboutCORS(lines))
}

// aboutCORS are the nodes of lines, and the headers that have no others.
func aboutCORS(lines []*line) map[*node]bool {
	of := map[*node]bool{}
	for _, l := range lines {
		of[l.node] = true
	}
	for _, l := range lines {
		if h := l.node.parent; h != nil && h.name() == "header" && isIdle(h, of) {
			of[h] = true
		}
	}
	return of
}

// hasText reports whether a respond has a body.
func (n *node) hasText() bool {
	if slices.ContainsFunc(n.children, func(c *node) bool { return c.name() == "body" }) {
		return true
	}
	args := n.args()
	return len(args) > 0 && args[0] != "" && (len(args[0]) != 3 || strings.Trim(args[0], "0123456789") != "")
}

// block is the block for OPTIONS that a line stands in. Nil: it has a matcher of
// its own.
func (l *line) block() *node {
	i := slices.IndexFunc(l.conds, func(c *condition) bool { return c.onlyOptions && c.owner != l.node })
	if i < 0 {
		return nil
	}
	return l.conds[i].owner
}
