package origin

import "regexp/syntax"

const (
	// tooLarge stands in for a witness: see Regexp.Stranger.
	tooLarge = "some origin under .invalid (too large to tell)"

	// The bounds of one search: a hundred times what everyday expressions need,
	// and used up in a fraction of a second.
	maxNodes = 200_000
	maxTests = 10_000_000
)

// node is a state of the product of the expression's program and the automaton
// of shapes: the bytes so far have the shape, and the program may be at pc.
// Following one pc at a time is enough to find out whether any path accepts.
type node struct {
	pc    int
	shape shape
	prev  byte // what \b sees to the left: 0 at the start, 'a' for a word byte, '-' for another
}

// visit is how the search reached a node for the first time.
type visit struct {
	node
	from int   // index of the visit before; -1 at the start
	byte byte  // the byte that led here
	size uint8 // bytes of the scheme or the host so far
}

// search looks for an origin that a program accepts and the shapes allow.
type search struct {
	prog    *syntax.Prog
	scheme  string       // only origins of this scheme, or of any if ""
	seen    map[node]int // the index of its visit
	visits  []visit
	queues  [phases][]int // visits to go on from, by phase: see run
	stamp   []uint32      // closure's mark of the round in which it saw a pc
	round   uint32
	reach   []int // closure's result
	tests   int
	tooMuch bool
	goal    *goal // what is looked for instead, in an audit

	// For countNames.
	edges []edge // all steps that were seen
	at    int    // the visit that is being verified
}

// findStranger returns an origin under .invalid that r matches, tooLarge, or "".
// It looks for an https one first, then http, then any, to name what a reader
// would expect to see.
func findStranger(r *Regexp) string {
	prog, err := compileProg(r.whole.String())
	if err != nil {
		return tooLarge // cannot happen: it was compiled from the same text
	}
	for _, scheme := range []string{"https", "http", ""} {
		s := newSearch(prog, scheme, nil)
		witness := s.run(r.matchesText)
		if witness != "" || s.tooMuch {
			if witness == "" {
				witness = tooLarge
			}
			return witness
		}
	}
	return ""
}

func newSearch(prog *syntax.Prog, scheme string, g *goal) *search {
	return &search{
		prog: prog, scheme: scheme, goal: g,
		seen: make(map[node]int), stamp: make([]uint32, len(prog.Inst)),
	}
}

func compileProg(expr string) (*syntax.Prog, error) {
	parsed, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil, err
	}
	return syntax.Compile(parsed.Simplify())
}

func (r *Regexp) matchesText(text string) bool {
	o, ok := Parse(text)
	return ok && r.Match(o)
}

// run goes through the nodes breadth first, and through the phases one after
// the other. So the first way to a node is the one with the shortest scheme
// and, within the host, the shortest host: if that one becomes too long, every
// other would too, and the search stays exact without counting lengths in nodes.
func (s *search) run(verify func(string) bool) string {
	start := node{pc: s.prog.Start}
	if s.goal != nil && s.goal.kind == goalText {
		start.shape.phase = inText
	}
	s.visit(visit{node: start, from: -1})
	for p := range s.queues {
		for len(s.queues[p]) > 0 {
			at := s.queues[p][0]
			s.queues[p] = s.queues[p][1:]
			if s.accepts(s.visits[at].shape) && s.matchesAtEnd(s.visits[at].node) {
				w := s.witness(at)
				if s.at = at; verify(w) {
					return w
				}
				s.tests += len(w) * len(s.prog.Inst) // what verifying may have cost
			}
			s.expand(at)
			if s.tooMuch {
				return ""
			}
		}
	}
	return ""
}

// expand visits what one more byte leads to.
func (s *search) expand(at int) {
	v, before := s.visits[at], s.tests
	letters := s.alphabet()
	for _, next := range []byte{'a', '-'} {
		s.closure(v.node, rune(next))
		for i := range len(letters) {
			b := letters[i]
			if besideBoundary(b) != next {
				continue
			}
			if s.goal != nil {
				s.advance(at, b, next)
				continue
			}
			shape := v.shape.next(b)
			size, ok := s.grow(v, shape, b)
			if !ok {
				continue
			}
			for _, pc := range s.reach {
				s.tests++
				if inst := &s.prog.Inst[pc]; inst.MatchRune(rune(b)) {
					s.visit(visit{node: node{int(inst.Out), shape, next}, from: at, byte: b, size: size})
				}
			}
		}
	}
	s.tooMuch = s.goal.isSpent(s.tests-before) || s.tests > maxTests || len(s.visits) > maxNodes
}

// grow returns the size after b, and whether it is within bounds.
func (s *search) grow(v visit, next shape, b byte) (size uint8, ok bool) {
	switch {
	case next.phase == dead:
		return 0, false
	case next.phase == inName || next.phase == inSuffix:
		return v.size + 1, v.size < maxHost || v.size == maxHost && b == '.'
	case next.phase != v.shape.phase:
		return 0, v.shape.phase != inScheme || s.scheme == "" || int(v.size) == len(s.scheme)
	case next.phase == inScheme:
		onTheWay := s.scheme == "" || int(v.size) < len(s.scheme) && s.scheme[v.size] == b
		return v.size + 1, onTheWay && v.size < maxScheme
	case next.phase == inHost:
		return v.size + 1, v.size < maxHost || v.size == maxHost && b == '.'
	}
	return 0, true // a port bounds itself
}

// visit returns the index of the visit of that node.
func (s *search) visit(v visit) int {
	if at, ok := s.seen[v.node]; ok {
		return at
	}
	at := len(s.visits)
	s.seen[v.node] = at
	s.visits = append(s.visits, v)
	s.queues[v.shape.phase] = append(s.queues[v.shape.phase], at)
	return at
}

// besideBoundary returns the byte that stands for all that \b treats like b.
func besideBoundary(b byte) byte {
	if syntax.IsWordChar(rune(b)) {
		return 'a'
	}
	return '-'
}

// closure sets reach to the instructions that can consume a byte (or match)
// after n without consuming one before, where next is what comes: -1 at the end.
func (s *search) closure(n node, next rune) {
	prev := rune(n.prev)
	if n.prev == 0 {
		prev = -1
	}
	flags := syntax.EmptyOpContext(prev, next)
	s.round++
	s.reach = s.reach[:0]
	stack := []int{n.pc}
	for len(stack) > 0 {
		pc := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if s.stamp[pc] == s.round {
			continue
		}
		s.stamp[pc] = s.round
		s.tests++
		inst := &s.prog.Inst[pc]
		switch inst.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			stack = append(stack, int(inst.Out), int(inst.Arg))
		case syntax.InstCapture, syntax.InstNop:
			stack = append(stack, int(inst.Out))
		case syntax.InstEmptyWidth:
			if inst.Arg&^uint32(flags) == 0 {
				stack = append(stack, int(inst.Out))
			}
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL, syntax.InstMatch:
			s.reach = append(s.reach, pc)
		case syntax.InstFail:
		}
	}
}

// matchesAtEnd tells whether the program accepts if nothing follows n.
func (s *search) matchesAtEnd(n node) bool {
	s.closure(n, -1)
	for _, pc := range s.reach {
		if s.prog.Inst[pc].Op == syntax.InstMatch {
			return true
		}
	}
	return false
}

// witness spells the way to a visit.
func (s *search) witness(at int) string {
	var b []byte
	for ; s.visits[at].from >= 0; at = s.visits[at].from {
		b = append(b, s.visits[at].byte)
	}
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}
