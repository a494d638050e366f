package repair

import (
	"cmp"
	"maps"
	"slices"
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
		if (l.verb != decides && l.verb != supplies || pl.move == l) && (!pl.leave || !l.onlyOptions()) {
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
func (p *policy) unused(gone map[*node]bool, keep string) { //nolint:gocognit // its cases stand in the order in which they are tried
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
		if !dead[n] && (!meets || n >= len(lines)) {
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
