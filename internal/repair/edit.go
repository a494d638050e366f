package repair

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// edit replaces lines of a file. Without any, it inserts before the first.
type edit struct {
	file        string
	first, last int
	with        []string
}

// plan is one way to write a repair down.
type plan struct {
	target *node // the block that the directive goes into; nil: the site
	bare   bool  // no directive is written: one is there already
	move   *line // a cors directive that stands in the wrong place
	avoid  bool  // leave out what the site's other policies and blocks are for
	leave  bool  // what answers OPTIONS by hand stays, for those others
}

// edits are what a plan does to the text. False: it cannot be done.
func (p *policy) edits(src *sources, d *draft, pl plan) (list []edit, ok bool) {
	var keep string
	if !pl.bare {
		insert, word, ok := p.insertion(src, d, pl)
		if !ok {
			return nil, false
		}
		list, keep = append(list, insert), word
	}
	gone := p.removed(pl, keep)
	for _, n := range keys(gone) {
		if gone[n.parent] {
			continue
		}
		if !n.braced {
			return nil, false
		}
		list = append(list, edit{file: n.file, first: n.first, last: n.last})
	}
	for _, n := range keys(p.emptied(gone)) {
		head := strings.TrimRight(strings.TrimSuffix(strings.TrimRight(src.line(n.file, n.first), " \t\r"), "{"), " \t")
		list = append(list, edit{file: n.file, first: n.first, last: n.first, with: []string{head}}, edit{file: n.file, first: n.last, last: n.last})
	}
	return list, true
}

// removed are the nodes that nothing is left of. The new directive may use one
// of the matchers.
func (p *policy) removed(pl plan, keep string) map[*node]bool {
	gone := map[*node]bool{}
	for _, l := range p.lines {
		if (l.verb != decides && l.verb != supplies || pl.move == l) && !(pl.leave && l.onlyOptions()) {
			gone[l.node] = true
		}
	}
	for changed := true; changed; {
		changed = false
		for n := range maps.Clone(gone) {
			if b := n.parent; b != nil && !gone[b] && b != pl.target && (blocks[b.name()] || b.name() == "header") && isSpent(b, gone) {
				gone[b], changed = true, true
			}
		}
	}
	p.unused(gone, keep)
	return gone
}

// isSpent reports whether a block does nothing any more.
func isSpent(b *node, gone map[*node]bool) bool {
	return !slices.ContainsFunc(b.children, func(c *node) bool {
		return !gone[c] && !strings.HasPrefix(c.name(), "@") && c.name() != "defer"
	})
}

// emptied are the directives that stay without their block.
func (p *policy) emptied(gone map[*node]bool) map[*node]bool {
	empty := map[*node]bool{}
	for n := range gone {
		if b := n.parent; b != nil && !gone[b] && !blocks[b.name()] && len(b.children) > 0 && !slices.ContainsFunc(b.children, func(c *node) bool { return !gone[c] }) {
			empty[b] = true
		}
	}
	return empty
}

// unused adds the definitions of matchers, and maps, that only what is gone has
// used.
func (p *policy) unused(gone map[*node]bool, keep string) {
	used, wasUsed := map[string]bool{keep: true}, map[string]bool{}
	var count func(nodes []*node, dead bool)
	count = func(nodes []*node, dead bool) {
		for _, n := range nodes {
			dead := dead || gone[n]
			to := used
			if dead {
				to = wasUsed
			}
			for _, w := range n.words[1:] {
				if strings.HasPrefix(w, "@") || strings.HasPrefix(w, "{") {
					to[w] = true
				}
			}
			count(n.children, dead)
		}
	}
	count(p.site.nodes, false)
	all(p.site.nodes, func(n *node) {
		if strings.HasPrefix(n.name(), "@") && wasUsed[n.name()] && !used[n.name()] {
			gone[n] = true
		}
	})
	for _, l := range p.lines {
		if l.verb != supplies || l.node.name() != "map" {
			continue
		}
		outputs := l.node.words[1:]
		if slices.ContainsFunc(outputs[1:], func(w string) bool { return !wasUsed[w] }) {
			continue
		}
		count := 0
		all(p.site.nodes, func(n *node) {
			for _, w := range n.words {
				if slices.Contains(outputs[1:], w) && !gone[n] {
					count++
				}
			}
		})
		if count == len(outputs)-1 { // its own words
			gone[l.node] = true
		}
	}
}

// insertion is the new directive, in front of the first line that it replaces.
func (p *policy) insertion(src *sources, d *draft, pl plan) (e edit, word string, ok bool) {
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
func (p *policy) matcherFor(l *line, pl plan) (word string, def []string, ok bool) {
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

// apply edits the texts. Edits that are there twice, from two sites that import
// the same lines, count once. False: they contradict each other.
func apply(src *sources, list []edit) (edited map[string]string, ok bool) {
	edited = map[string]string{}
	byFile := map[string][]edit{}
	for _, e := range list {
		byFile[e.file] = append(byFile[e.file], e)
	}
	for file, edits := range byFile {
		lines := strings.Split(src.texts[file], "\n")
		dead, with := make([]bool, len(lines)+2), map[bool]map[int][]string{true: {}, false: {}}
		for _, e := range edits {
			if e.first < 1 || e.last > len(lines) {
				return nil, false
			}
			for i := e.first; i <= e.last; i++ {
				dead[i] = true
			}
			if e.with == nil {
				continue
			}
			inserts := with[e.last < e.first]
			switch before, twice := inserts[e.first]; {
			case twice && slices.Equal(before, e.with):
			case twice && e.last >= e.first:
				return nil, false
			default: // two policies of one site may begin at one line
				inserts[e.first] = append(slices.Clip(before), e.with...)
			}
		}
		edited[file] = strings.Join(edit1(lines, dead, with), "\n")
	}
	return edited, true
}

// edit1 writes one file. Of two empty lines that meet, one goes.
func edit1(lines []string, dead []bool, with map[bool]map[int][]string) (out []string) {
	blank := func(s string) bool { return strings.TrimSpace(s) == "" }
	for i, l := range lines {
		n := i + 1
		out = append(append(out, with[true][n]...), with[false][n]...)
		meets := n > 1 && dead[n-1] && blank(l) && len(out) > 0 && (blank(out[len(out)-1]) || strings.HasSuffix(out[len(out)-1], "{"))
		if !dead[n] && !(meets && n < len(lines)) {
			out = append(out, l)
		}
	}
	return out
}

func keys[K comparable](m map[K]bool) (list []K) {
	for k := range m {
		list = append(list, k)
	}
	if nodes, ok := any(list).([]*node); ok {
		slices.SortFunc(nodes, func(a, b *node) int { return cmp.Or(strings.Compare(a.file, b.file), a.first-b.first) })
	}
	return list
}

// clashes reports whether two insertions into one snippet differ: it would then
// have both.
func (e edit) clashes(other edit, src *sources) bool {
	if e.last >= e.first || e.file != other.file {
		return false
	}
	in := src.snippet(e.file, e.first)
	return in != "" && in == src.snippet(other.file, other.first) && strings.HasPrefix(in, "(") && (e.first != other.first || !slices.Equal(e.with, other.with))
}
