package repair

import (
	"slices"
	"strconv"
	"strings"
)

// insertion is the new directive, in front of the first line that it replaces.
func (p *policy) insertion(src *sources, d *draft, pl plan) (e edit, word string, ok bool) {
	first, of := p.linesIn(pl)
	if first == nil {
		return e, "", false
	}
	anchor := first.node
	for anchor.parent != pl.target {
		anchor = anchor.parent
	}
	if pl.target != nil && pl.target.name() == "route" && !pl.here { // there the order is literal
		if i := slices.IndexFunc(pl.target.children, func(c *node) bool { return !strings.HasPrefix(c.name(), "@") }); i >= 0 {
			anchor = pl.target.children[i]
		}
	}
	if pl.imports != nil {
		anchor = pl.imports[0]
	}
	matcher, text, ok := p.matcherFor(of, pl)
	if !ok {
		return e, "", false
	}
	if pl.move != nil {
		text = append(text, pl.move.node.moved(matcher)...)
	} else {
		text = append(text, d.text(strings.TrimSpace("cors "+matcher), func(c claim) string { return src.spelling(c, p.site, anchor) })...)
	}
	return edit{file: anchor.file, first: anchor.first, last: anchor.first - 1, with: src.indented(text, anchor)}, matcher, true
}

// linesIn are the first line of a policy inside of a plan's block, and the one
// whose matcher is that of the policy itself. Nil: none is inside.
func (p *policy) linesIn(pl plan) (first, of *line) {
	inside := func(l *line) bool { return pl.target == nil || slices.Contains(l.node.ancestors(), pl.target) }
	lines := which(p.lines, inside)
	if len(lines) == 0 {
		return nil, nil
	}
	first = lines[0]
	if i := slices.IndexFunc(lines, func(l *line) bool { return !slices.Contains(p.scope, l) }); i >= 0 {
		first = lines[i] // beside the directive for the policy around it
	}
	if pl.move != nil && inside(pl.move) {
		first = pl.move
	}
	if i := slices.IndexFunc(lines, func(l *line) bool { return l.key() == p.key }); i >= 0 {
		return first, lines[i]
	}
	return first, first
}

// indented gives lines the indentation of a place in the text.
func (src *sources) indented(text []string, at *node) []string {
	indent := src.line(at.file, at.first)
	indent = indent[:len(indent)-len(strings.TrimLeft(indent, " \t"))]
	unit := "\t"
	if strings.HasPrefix(indent, " ") {
		unit = "    "
		if at.parent == nil && at.file == src.main {
			unit = indent
		}
	}
	with := make([]string, 0, len(text))
	for _, l := range text {
		tabs := len(l) - len(strings.TrimLeft(l, "\t"))
		with = append(with, indent+strings.Repeat(unit, tabs)+l[tabs:])
	}
	return with
}

// moved is a cors directive as it stands, with another matcher.
func (n *node) moved(matcher string) []string {
	to := &node{words: []string{n.name()}, children: n.children}
	if matcher != "" {
		to.words = append(to.words, matcher)
	}
	for i := len(n.words) - len(n.args()); i < len(n.words); i++ {
		to.words = append(to.words, n.rawWord(i))
	}
	return textOf(to)
}

// matcherFor is what is left of the matchers between a block and a line: a word
// for the directive, and a definition where a new one is needed.
func (p *policy) matcherFor(l *line, pl plan) (word string, def []string, ok bool) {
	var conds []*condition
	for _, c := range l.conds {
		outside := pl.target != nil && (c.owner == pl.target || slices.Contains(pl.target.ancestors(), c.owner))
		if len(c.rest) > 0 && !outside {
			conds = append(conds, c)
		}
	}
	rest, ok := joined(conds)
	if !ok || len(rest) == 0 {
		return "", nil, ok
	}
	path, isPath := strings.CutPrefix(rest[0], "path ")
	switch {
	case len(rest) == 1 && isPath && strings.HasPrefix(path, "/") && !strings.Contains(path, " "):
		return path, nil, true
	case len(conds) == 1 && !conds[0].cut && strings.HasPrefix(conds[0].matcher, "@"):
		return conds[0].matcher, nil, true
	}
	word = p.freeName()
	if len(rest) == 1 {
		return word, []string{word + " " + rest[0]}, true
	}
	return word, braced(word, rest), true
}

// joined puts conditions into one matcher. Two of a kind there are an or, and a
// handle_path changes the path for those behind it: that cannot be.
func joined(conds []*condition) (rest []string, ok bool) {
	kinds := map[string]int{} // which condition has them
	for i, c := range conds {
		for _, r := range c.rest {
			kind, args, _ := strings.Cut(r, " ")
			if kind == "handle_path" {
				if len(conds) > 1 {
					return nil, false
				}
				r = "path " + args
			}
			if slices.Contains(rest, r) { // the same once more
				continue
			}
			if of, twice := kinds[kind]; twice && of != i && kind != "not" {
				return nil, false
			}
			kinds[kind] = i
			rest = append(rest, r)
		}
	}
	return rest, true
}

// freeName is a matcher's name that the site does not have, the same one each time.
func (p *policy) freeName() string {
	if p.name != "" {
		return p.name
	}
	taken := map[string]bool{}
	all(p.site.nodes, func(n *node) { taken[n.name()] = true })
	for _, o := range p.site.policies {
		taken[o.name] = true
	}
	p.name = "@cors"
	for i := 2; taken[p.name]; i++ {
		p.name = "@cors" + strconv.Itoa(i)
	}
	return p.name
}
