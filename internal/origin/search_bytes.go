package origin

import (
	"math/bits"
	"regexp/syntax"
	"strings"
)

// letters are the bytes that a search tries, in the order in which it prefers them.
type letters struct {
	text   string
	at     [128]int8  // where each byte stands in text; -1: nowhere
	word   byteSet    // host bytes that \b takes for a letter
	beside [2]byteSet // what \b takes for a letter, and the rest
}

// boundaries are the bytes that stand for all that \b treats alike, in the order
// of letters.beside.
var boundaries = [2]byte{'a', '-'}

func newLetters(text string) *letters {
	l := &letters{text: text}
	for i := range l.at {
		l.at[i] = -1
	}
	for i := range len(text) {
		b := text[i]
		l.at[b] = int8(i)
		if !syntax.IsWordChar(rune(b)) {
			l.beside[1].add(i)
			continue
		}
		l.beside[0].add(i)
		if class[b]&isHostByte != 0 {
			l.word.add(i)
		}
	}
	return l
}

var (
	originLetters = newLetters(alphabet)
	// appxexample.com shows better than appaexample.com what is wrong.
	lookalikeLetters = newLetters("x" + strings.Replace(alphabet, "x", "", 1))
	auditLetters     = newLetters(alphabet + "[]")
	printableLetters = newLetters(printable)
)

// lettersOf returns those of a search; nil is that for names under .invalid.
func lettersOf(g *goal) *letters {
	switch {
	case g == nil:
		return originLetters
	case g.kind >= goalNear:
		return printableLetters
	case g.kind == goalLookalike:
		return lookalikeLetters
	}
	return auditLetters
}

// byteSet is a set of positions in letters.
type byteSet [2]uint64

func (s *byteSet) add(i int)     { s[i/64] |= 1 << (i % 64) }
func (s byteSet) has(i int) bool { return s[i/64]&(1<<(i%64)) != 0 }

func (s byteSet) and(t byteSet) byteSet { return byteSet{s[0] & t[0], s[1] & t[1]} }
func (s byteSet) or(t byteSet) byteSet  { return byteSet{s[0] | t[0], s[1] | t[1]} }
func (s byteSet) not(t byteSet) byteSet { return byteSet{s[0] &^ t[0], s[1] &^ t[1]} }

// first returns the smallest position; 128 for the empty set.
func (s byteSet) first() int {
	if s[0] != 0 {
		return bits.TrailingZeros64(s[0])
	}
	return 64 + bits.TrailingZeros64(s[1])
}

// firstOnly leaves the smallest position.
func (s byteSet) firstOnly() (first byteSet) {
	if s[0] != 0 {
		return byteSet{s[0] & -s[0], 0}
	}
	return byteSet{0, s[1] & -s[1]}
}

// bytesOf returns the bytes that an instruction matches.
func (s *search) bytesOf(pc int) byteSet {
	if s.isKnown[pc] {
		return s.known[pc]
	}
	inst := &s.prog.Inst[pc]
	var set byteSet
	if inst.Op != syntax.InstMatch {
		for i := range len(s.letters.text) {
			if inst.MatchRune(rune(s.letters.text[i])) {
				set.add(i)
			}
		}
	}
	s.spend(len(s.letters.text))
	s.isKnown[pc], s.known[pc] = true, set
	return set
}

// candidates sets tries to the bytes worth trying for each of reach, and returns
// them all together. Of bytes that lead to the same place, the first is enough:
// that is what makes a search of [a-z]+ no dearer than one of a.
func (s *search) candidates(from shape, beside byteSet) (all byteSet) {
	s.tries = s.tries[:0]
	alike, wanted := s.alike(from)
	wanted = wanted.and(beside)
	for _, pc := range s.reach {
		set := s.bytesOf(pc).and(wanted)
		set = set.not(alike).or(set.and(alike).firstOnly())
		s.tries = append(s.tries, set)
		all = all.or(set)
		s.spend(1)
	}
	return all
}

// alike returns the bytes that all lead from a shape to the same shapes, and
// those that lead anywhere.
func (s *search) alike(from shape) (same, alive byteSet) {
	alive = byteSet{^uint64(0), ^uint64(0)}
	switch {
	case s.goal == nil && from.phase == inHost:
		same = s.letters.word
		if from.tail == tailDot || int(from.tail) < len(tld) {
			next := tld[from.tail%tailDot]
			same = same.not(s.letters.setOf(next))
		}
	case s.goal == nil || s.goal.kind >= goalNear:
	case from.phase == inSuffix:
		alive = s.suffixBytes(from.node)
	case s.goal.kind == goalHost && from.phase == inHost:
		same = numeral(from.node).alikeIn(s.letters)
	case from.phase == inHost && s.goal.kind != goalAddress, from.phase == inName && s.goal.kind != goalSpelled:
		same = s.letters.word
	}
	return same, alive
}

func (l *letters) setOf(b byte) (set byteSet) {
	if i := l.at[b]; i >= 0 {
		set.add(int(i))
	}
	return set
}

// suffixBytes returns the bytes that go on from a node of the suffixes, or end it.
func (s *search) suffixBytes(node uint16) byteSet {
	set := s.letters.setOf(':')
	for b := range s.goal.suffixes.nodes[node].next {
		set = set.or(s.letters.setOf(b))
	}
	return set
}
