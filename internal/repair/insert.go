package repair

import (
	"slices"
	"strconv"
	"strings"
)

// insertion is the new directive, in front of the first line that it replaces.
func (p *policy) insertion(src *sources, d *draft, pl plan) (e edit, word string, ok bool) { //nolint:gocognit,funlen // its cases stand in the order in which they are tried
	first := p.lines[0]
	if pl.move != nil {
		first = pl.move
	}
	if pl.target != nil {
		i := slices.IndexFunc(p.lines, func(l *line) bool { return slices.Contains(l.node.ancestors(), pl.target) })
		if i < 0 {
			return e, "", false
		}
		if first.node.parent == nil || !slices.Contains(first.node.ancestors(), pl.target) {
			first = p.lines[i]
		}
	}
	anchor := first.node
	for anchor.parent != pl.target {
		anchor = anchor.parent
	}
	if pl.target != nil && pl.target.name() == "route" { // there the order is literal
		for _, c := range pl.target.children {
			if !strings.HasPrefix(c.name(), "@") {
				anchor = c
				break
			}
		}
	}
	of := first // the matcher is that of a line of the policy itself
	for _, l := range p.lines {
		if l.key() == p.key && (pl.target == nil || slices.Contains(l.node.ancestors(), pl.target)) {
			of = l
			break
		}
	}
	matcher, def, ok := p.matcherFor(of, pl)
	if !ok {
		return e, "", false
	}
	raw := src.snippet(anchor.file, anchor.first) == src.snippet(first.node.file, first.node.first)
	var text []string
	if pl.move != nil {
		text = moved(src, pl.move.node, matcher)
	} else {
		text = d.text(matcher, raw)
	}
	indent := src.line(anchor.file, anchor.first)
	indent = indent[:len(indent)-len(strings.TrimLeft(indent, " \t"))]
	unit := "\t"
	if strings.HasPrefix(indent, " ") {
		unit = "    "
		if anchor.parent == nil && anchor.file == src.main {
			unit = indent
		}
	}
	with := make([]string, 0, len(def)+len(text))
	for _, l := range slices.Concat(def, text) {
		tabs := len(l) - len(strings.TrimLeft(l, "\t"))
		with = append(with, indent+strings.Repeat(unit, tabs)+l[tabs:])
	}
	return edit{file: anchor.file, first: anchor.first, last: anchor.first - 1, with: with}, matcher, true
}

// moved is a cors directive as it stands, with another matcher.
func moved(src *sources, n *node, matcher string) []string {
	head := strings.TrimLeft(src.line(n.file, n.first), " \t")
	head = strings.TrimSpace(strings.TrimPrefix(head, n.name()))
	if m := n.matcher(); m != "" {
		head = strings.TrimSpace(strings.TrimPrefix(head, m))
	}
	words := slices.DeleteFunc([]string{n.name(), matcher, head}, func(w string) bool { return w == "" })
	text := []string{strings.Join(words, " ")}
	base := len(src.line(n.file, n.first)) - len(strings.TrimLeft(src.line(n.file, n.first), " \t"))
	for i := n.first + 1; i <= n.last; i++ {
		l := src.line(n.file, i)
		text = append(text, l[min(base, len(l)-len(strings.TrimLeft(l, " \t"))):])
	}
	return text
}

// matcherFor is what is left of the matchers between a block and a line: a word
// for the directive, and a definition where a new one is needed.
func (p *policy) matcherFor(l *line, pl plan) (word string, def []string, ok bool) { //nolint:gocognit,funlen // its cases stand in the order in which they are tried
	var conds []*condition
	target := pl.target
	for _, c := range l.conds {
		outside := target != nil && (c.owner == target || slices.Contains(target.ancestors(), c.owner))
		if len(c.rest) > 0 && !outside {
			conds = append(conds, c)
		}
	}
	if pl.avoid {
		for _, other := range p.elsewhere() {
			if strings.ContainsAny(other, "\n&") {
				return "", nil, false
			}
			conds = append(conds, &condition{cut: true, rest: []string{"not " + strings.Replace(other, "handle_path", "path", 1)}})
		}
	}
	var rest []string
	kinds := map[string]bool{}
	for _, c := range conds {
		for _, r := range c.rest {
			kind, _, _ := strings.Cut(r, " ")
			if kind == "handle_path" {
				if len(conds) > 1 || c.rest[0] != r {
					return "", nil, false
				}
				r = "path " + strings.TrimPrefix(r, "handle_path ")
			}
			rest = append(rest, r)
		}
		for _, r := range c.rest {
			kind, _, _ := strings.Cut(r, " ")
			if len(conds) > 1 && kinds[kind] && kind != "not" {
				return "", nil, false // two of a kind in one matcher are an or
			}
		}
		for _, r := range c.rest {
			kind, _, _ := strings.Cut(r, " ")
			kinds[kind] = true
		}
	}
	switch path, isPath := strings.CutPrefix(strings.Join(rest, "\n"), "path "); {
	case len(rest) == 0:
		return "", nil, true
	case isPath && strings.HasPrefix(path, "/") && !strings.ContainsAny(path, " \n"):
		return path, nil, true
	case len(conds) == 1 && !conds[0].cut && strings.HasPrefix(conds[0].matcher, "@"):
		return conds[0].matcher, nil, true
	}
	word = freeName(p.site)
	if len(rest) == 1 {
		return word, []string{word + " " + rest[0]}, true
	}
	def = []string{word + " {"}
	for _, r := range rest {
		def = append(def, "\t"+r)
	}
	return word, append(def, "}"), true
}

// elsewhere are the conditions of the site's other policies, and of blocks that
// have no part in this one.
func (p *policy) elsewhere() (list []string) {
	for _, o := range p.inner {
		list = append(list, o.key)
	}
	defs := map[string]*node{}
	for _, n := range p.site.nodes {
		defs[n.name()] = n
	}
	for _, n := range p.site.nodes {
		has := slices.ContainsFunc(p.lines, func(l *line) bool { return slices.Contains(l.node.ancestors(), n) })
		if key := conditionOf(n.matcher(), defs).key(); blocks[n.name()] && key != "" && !has && !slices.Contains(list, key) {
			list = append(list, key)
		}
	}
	return list
}

// freeName is a matcher's name that the site does not have.
func freeName(s *site) string {
	taken := map[string]bool{}
	all(s.nodes, func(n *node) { taken[n.name()] = true })
	name := "@cors"
	for i := 2; taken[name]; i++ {
		name = "@cors" + strconv.Itoa(i)
	}
	return name
}
