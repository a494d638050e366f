package origin

import (
	"regexp/syntax"
	"slices"
	"strings"
)

// wellKnown are public suffixes under which everybody registers names. Where an
// expression accepts names under a great many suffixes, these are searched first:
// https://a.com shows better what is wrong than https://a.ac.
var wellKnown = []string{
	"com", "net", "org", "io", "dev", "app", "co", "de", "fr", "eu", "us", "me", "ai", "info", "biz", "xyz", "shop", "online",
	"co.uk", "com.au", "co.jp", "com.br", "github.io", "netlify.app", "vercel.app", "pages.dev",
}

// fewSuffixes is how many suffixes are searched without the well-known ones first.
const fewSuffixes = 64

// suffixesOf returns the suffixes under which r may match names, in one trie or in
// two. All means that there are no others; else the budget was spent.
func (a *audit) suffixesOf(r *Regexp) (tries []*trie, all bool) {
	names, all := a.endings(r.whole.String())
	names = append(names, spelledSuffixes(r.expr)...)
	if len(names) > fewSuffixes {
		known := slices.DeleteFunc(slices.Clone(wellKnown), func(name string) bool { return !slices.Contains(names, name) })
		tries = append(tries, newTrie(known))
	}
	last := newTrie(names)
	return append(tries, last), all && !last.full
}

// endings returns the suffixes of the table that a name may end in that expr
// matches. It runs the expression backwards, from the end of the origin, along
// the table, and so sees no more of the table than the expression does. Anchors
// and boundaries count as matched, so there may be too many.
func (a *audit) endings(expr string) (names []string, all bool) {
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil, false // cannot happen: it was compiled from the same text
	}
	turnBack(tree)
	prog, err := a.compileTree(tree)
	if err != nil {
		return nil, false
	}
	w := &backwards{prog: prog, stamp: make([]uint32, len(prog.Inst)), budget: &a.budget}
	start := w.behindHost()
	w.walk(suffixTable(), 0, start)
	for _, u := range unlisted {
		w.walk([]string{u.example}, 0, start)
	}
	return w.found, a.budget > 0
}

// turnBack turns what a tree matches round, but for anchors and boundaries, which
// then match anywhere.
func turnBack(re *syntax.Regexp) {
	switch re.Op {
	case syntax.OpConcat:
		slices.Reverse(re.Sub)
	case syntax.OpLiteral:
		slices.Reverse(re.Rune)
	case syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		re.Op = syntax.OpEmptyMatch
	default:
	}
	for _, sub := range re.Sub {
		turnBack(sub)
	}
}

// backwards runs a program that was turned round along the table of suffixes. A
// position is a set of instructions that can consume a byte.
type backwards struct {
	prog   *syntax.Prog
	stamp  []uint32 // marks what the set being built has
	round  uint32
	budget *int
	found  []string
}

// behindHost returns where the program can be when only the host and what stands
// in front of it are left: behind a port, and behind the dot at a host's end.
func (w *backwards) behindHost() []uint32 {
	w.round++
	start := w.closure(nil, uint32(w.prog.Start)) //nolint:gosec // no negative
	sets := [][]uint32{start}
	port := start
	for range len("65535") {
		port = w.stepAny(port, "0123456789")
		sets = append(sets, w.step(port, ':'))
	}
	for _, set := range sets {
		sets = append(sets, w.step(set, '.'))
	}
	w.round++
	var all []uint32
	for _, set := range sets {
		for _, pc := range set {
			all = w.closure(all, pc)
		}
	}
	return all
}

// walk goes on behind the last n bytes, which are the same in all of the names. A
// suffix is found where a dot can stand in front of it.
func (w *backwards) walk(names []string, n int, set []uint32) {
	if len(names[0]) == n {
		if len(w.step(set, '.')) > 0 {
			w.found = append(w.found, names[0])
		}
		names = names[1:]
	}
	for len(names) > 0 && *w.budget > 0 {
		b := byte(byteFromEnd(names[0], n)) //nolint:gosec // the shorter name is gone
		same := endingIn(names, n, b)
		if next := w.step(set, b); len(next) > 0 {
			w.walk(same, n+1, next)
		}
		names = names[len(same):]
	}
}

func (w *backwards) step(set []uint32, b byte) []uint32 { return w.stepAny(set, string(b)) }

// stepAny returns the set after one of the bytes.
func (w *backwards) stepAny(set []uint32, bytes string) (next []uint32) {
	w.round++
	for _, pc := range set {
		*w.budget--
		inst := &w.prog.Inst[pc]
		for i := range len(bytes) {
			if inst.Op != syntax.InstMatch && inst.MatchRune(rune(bytes[i])) {
				next = w.closure(next, inst.Out)
			}
		}
	}
	return next
}

// closure adds to a set what can consume a byte at or behind pc.
func (w *backwards) closure(set []uint32, pc uint32) []uint32 {
	if w.stamp[pc] == w.round {
		return set
	}
	w.stamp[pc] = w.round
	*w.budget--
	switch inst := &w.prog.Inst[pc]; inst.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		return w.closure(w.closure(set, inst.Out), inst.Arg)
	case syntax.InstCapture, syntax.InstNop, syntax.InstEmptyWidth:
		return w.closure(set, inst.Out)
	case syntax.InstFail:
		return set
	default:
		return append(set, pc)
	}
}

// spelledSuffixes returns the public suffixes of what the expression spells out,
// with its dots read as dots. The table lacks those below a wildcard (*.ck).
func spelledSuffixes(expr string) []string {
	texts, _ := Samples(escapeDots(expr))
	suffixes := make([]string, 0, len(texts))
	for _, text := range texts {
		_, host, _ := strings.Cut(text, schemeSep)
		host, _, _ = strings.Cut(host, ":")
		suffixes = append(suffixes, publicSuffix(strings.Trim(host, ".")))
	}
	return suffixes
}
