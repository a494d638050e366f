package repair

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// edit replaces lines of a file. Without any, it inserts before the first. In
// JSON it is an operation.
type edit struct {
	file        string
	first, last int
	with        []string

	op   PatchOperation
	rank int // of two that are put in one place, the higher one is in front
}

// plan is one way to write a repair down.
type plan struct {
	target *node // the block that the directive goes into; nil: the site
	bare   bool  // no directive is written: one is there already
	move   *line // a cors directive that stands in the wrong place
	leave  leave // what is for OPTIONS only, and stays for those others
	// imports are those of the snippet with the lines: the directive goes in front
	// of the first one, as sites, or one of them several times, need different ones.
	imports []*node
	front   bool // in JSON: before everything else
	here    bool // in a route: where the first line stands, and not before everything else
}

// leave is what a plan leaves of the lines for OPTIONS only.
type leave int

const (
	_          leave = iota // nothing
	theAnswers              // and not the header lines around them, which would do nothing
	allLines                // another policy may need them
)

func (k leave) keeps(l *line) bool {
	return l.onlyOptions() && (k == allLines || k == theAnswers && l.verb == answers)
}

// plans implements document.
func (src *sources) plans(p *policy) (list []plan) {
	if ds := p.directives(); len(ds) > 0 {
		return p.plansBeside(ds[0])
	}
	var inner []plan
	for _, l := range p.lines {
		if l.verb == sets && l.field == httpwords.AllowOrigin {
			inner = l.plansAround(inner)
		}
	}
	list = append(inner, plan{})
	if p.key == "" {
		list = append([]plan{{}}, inner...)
	}
	if slices.ContainsFunc(p.site.policies, func(o *policy) bool { return o != p && len(o.directives()) > 0 }) {
		list = slices.Insert(list, 0, plan{bare: true})
	}
	at := p.site.at
	if imports := src.imports(at.file, src.snippet(p.lines[0].node), src.around(at.file, at.first)); imports != nil {
		list = append(list, plan{imports: imports})
	}
	if slices.ContainsFunc(p.lines, (*line).onlyOptions) {
		for _, pl := range list {
			if pl.leave = theAnswers; len(p.site.policies) > 1 {
				pl.leave = allLines
			}
			list = append(list, pl)
		}
	}
	return list
}

// plansBeside are those where a cors directive is there already: it moves, or
// the lines beside it go.
func (p *policy) plansBeside(l *line) []plan {
	cut := slices.ContainsFunc(l.conds, func(c *condition) bool { return c.cut })
	inRoute := l.node.parent != nil && l.node.parent.name() == "route"
	switch {
	case cut || inRoute:
		return []plan{{target: l.node.parent, move: l}, {move: l}}
	case slices.ContainsFunc(p.lines, func(l *line) bool { return l.verb != decides && l.verb != supplies }):
		return []plan{{bare: true}}
	}
	return nil
}

// plansAround adds the blocks around a line.
func (l *line) plansAround(list []plan) []plan {
	for b := l.node.parent; b != nil; b = b.parent {
		cut := slices.ContainsFunc(l.conds, func(c *condition) bool { return c.owner == b && c.cut })
		known := slices.ContainsFunc(list, func(pl plan) bool { return pl.target == b })
		if blocks[b.name()] && !cut && !known && b.name() != "handle_response" && b.name() != "handle_errors" {
			list = append(list, plan{target: b})
			if b.name() == "route" {
				list = append(list, plan{target: b, here: true})
			}
		}
	}
	return list
}

// edits implements document.
func (src *sources) edits(p *policy, d *draft, pl plan) (list []edit, text []string, reason string) {
	var keep string
	if !pl.bare {
		insert, word, ok := p.insertion(src, d, pl)
		if !ok {
			return nil, nil, stuck
		}
		list, keep, text = append(list, insert), word, insert.with
	}
	gone := p.removed(pl, keep)
	for _, n := range sorted(gone) {
		if gone[n.parent] {
			continue
		}
		if !n.braced {
			return nil, nil, stuck
		}
		list = append(list, edit{file: n.file, first: n.first, last: n.last})
		if kept := src.comments(n); kept != nil { // in front of what replaces it
			at := n.first
			if pl.move != nil && pl.move.node == n {
				at = list[0].first
			}
			list = slices.Insert(list, 0, edit{file: n.file, first: at, last: at - 1, with: kept})
		}
	}
	for _, n := range sorted(emptied(gone)) {
		head := strings.TrimRight(strings.TrimSuffix(strings.TrimRight(src.line(n.file, n.first), " \t\r"), "{"), " \t")
		list = append(list, edit{file: n.file, first: n.first, last: n.first, with: []string{head}}, edit{file: n.file, first: n.last, last: n.last})
	}
	if len(list) == 0 {
		return nil, nil, stuck
	}
	return list, text, src.linked(list)
}

// removed are the nodes that nothing is left of. The new directive may use one
// of the matchers.
func (p *policy) removed(pl plan, keep string) map[*node]bool {
	gone := map[*node]bool{}
	for _, l := range p.lines {
		if (l.verb != decides && l.verb != supplies || pl.move == l) && !pl.leave.keeps(l) && !p.site.ends(l.node) {
			gone[l.node] = true
		}
	}
	was := p.site.words()
	for before := -1; before < len(gone); {
		before = len(gone)
		lost := map[string]int{keep: -1}
		for n := range gone {
			n.count(lost)
		}
		all(p.site.nodes, func(n *node) {
			if n != pl.target && (gone[n.parent] || n.isSpent(gone, was, lost)) {
				gone[n] = true
			}
		})
	}
	return gone
}

// isSpent reports whether a node does nothing any more: a block of what is gone, a
// matcher or a map that only what is gone has used.
func (n *node) isSpent(gone map[*node]bool, was, lost map[string]int) bool {
	switch name := n.name(); {
	case strings.HasPrefix(name, "@"):
		return was[name] > 0 && was[name] == lost[name]
	case name == "map" && len(n.words) > 2: // which has its outputs itself, once
		return !slices.ContainsFunc(n.words[2:], func(w string) bool { return was[w] == 1 || was[w]-lost[w] > 1 })
	default:
		return (blocks[name] || name == "header") && isIdle(n, gone) && slices.ContainsFunc(n.children, func(c *node) bool { return gone[c] })
	}
}

var usedIn = regexp.MustCompile(`\{[^{}\s]+\}|@[^\s"]+`)

// words counts the matchers and placeholders in a site.
func (s *site) words() map[string]int {
	if s.used == nil {
		s.used = map[string]int{}
		all(s.nodes, func(n *node) { n.count(s.used) })
	}
	return s.used
}

// count adds the matchers and placeholders of one line.
func (n *node) count(used map[string]int) {
	for _, w := range usedIn.FindAllString(strings.Join(n.words[1:], " "), -1) {
		used[w]++
	}
}

// isIdle reports whether a block does nothing any more.
func isIdle(b *node, gone map[*node]bool) bool {
	return !slices.ContainsFunc(b.children, func(c *node) bool {
		return !gone[c] && !strings.HasPrefix(c.name(), "@") && c.name() != "defer"
	})
}

// emptied are the directives that stay without their block.
func emptied(gone map[*node]bool) map[*node]bool {
	empty := map[*node]bool{}
	for n := range gone {
		if b := n.parent; b != nil && !gone[b] && !blocks[b.name()] && !slices.ContainsFunc(b.children, func(c *node) bool { return !gone[c] }) {
			empty[b] = true
		}
	}
	return empty
}

// apply edits the texts. Edits that are there twice, from two sites that import
// the same lines, count once.
func (src *sources) apply(list []edit) map[string]string {
	byFile := map[string][]edit{}
	for _, e := range slices.Concat(list, src.spent(list)) {
		if !slices.ContainsFunc(byFile[e.file], func(o edit) bool { return o.first == e.first && o.last == e.last && slices.Equal(o.with, e.with) }) {
			byFile[e.file] = append(byFile[e.file], e)
		}
	}
	edited := map[string]string{}
	for file, edits := range byFile {
		edited[file] = applyTo(src.texts[file], edits)
	}
	return edited
}

// applyTo edits one text. Of two empty lines that meet, one goes, and one that comes
// to stand beside a brace.
func applyTo(text string, edits []edit) string {
	slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Compare(a.last-a.first, b.last-b.first) }) // what is put in front is first
	dead, with := map[int]bool{}, map[int][]string{}
	for _, e := range edits {
		for i := e.first; i <= e.last; i++ {
			dead[i] = true
		}
		with[e.first] = append(with[e.first], e.with...)
	}
	blank := func(s string) bool { return strings.TrimSpace(s) == "" }
	end := "\n"
	if strings.Count(text, "\r\n") == strings.Count(text, end) { // written on Windows
		end = "\r\n"
	}
	lines := strings.Split(text, end)
	var out []string
	for i, l := range lines {
		n := i + 1
		out = append(out, with[n]...)
		last := "{"
		if len(out) > 0 {
			last = out[len(out)-1]
		}
		meets := dead[i] && blank(l) && (blank(last) || strings.HasSuffix(last, "{"))
		if dead[i] && strings.TrimSpace(l) == "}" && blank(last) {
			out = out[:len(out)-1]
		}
		if !dead[n] && (!meets || n == len(lines)) {
			out = append(out, l)
		}
	}
	return strings.Join(out, end)
}
