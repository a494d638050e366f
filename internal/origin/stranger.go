package origin

import "regexp/syntax"

const (
	// tooLarge stands in for a witness, where a search did not end.
	tooLarge = "(too large to tell)"

	// maxVisits bounds the memory of one search.
	maxVisits = 200_000
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
	reach   []int     // closure's result
	tries   []byteSet // candidates' result: what to try for each of reach
	shapes  [2]shape  // room for the result of steps
	letters *letters
	known   []byteSet // what each instruction matches
	isKnown []bool
	budget  *int // tests that are left
	tooMuch bool
	goal    *goal // what is looked for instead, in an audit

	// For countNames.
	edges []edge // all steps that were seen
	at    int    // the visit that is being verified
}

// schemes are those that a search tries: the first one tells whether there is
// anything to be found, and one that a reader would expect to see is better to read.
var schemes = []string{"", "https", "http"}

// findStranger returns an origin under .invalid that r matches, tooLarge, or "".
func (a *audit) findStranger(r *Regexp) (witness string) {
	prog, err := a.compileProg(r.whole.String())
	if err != nil {
		return tooLarge // cannot happen: it was compiled from the same text
	}
	for _, scheme := range schemes {
		s := a.newSearch(prog, scheme, nil)
		w := s.run(r.matchesText)
		switch {
		case w != "":
			witness = w
		case s.tooMuch && witness == "":
			return tooLarge
		}
		if witness == "" || w != "" && scheme != "" {
			break
		}
	}
	return witness
}

func (a *audit) newSearch(prog *syntax.Prog, scheme string, g *goal) *search {
	a.budget -= len(prog.Inst)
	return &search{
		prog: prog, scheme: scheme, goal: g, letters: lettersOf(g), budget: &a.budget,
		seen: make(map[node]int), stamp: make([]uint32, len(prog.Inst)),
		known: make([]byteSet, len(prog.Inst)), isKnown: make([]bool, len(prog.Inst)),
	}
}

func (a *audit) compileProg(expr string) (*syntax.Prog, error) {
	parsed, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil, err
	}
	return a.compileTree(parsed)
}

// costOfInst is what compiling an instruction costs, in tests of a search.
const costOfInst = 10

func (a *audit) compileTree(tree *syntax.Regexp) (*syntax.Prog, error) {
	prog, err := syntax.Compile(tree.Simplify())
	if err == nil {
		a.budget -= costOfInst * len(prog.Inst)
	}
	return prog, err
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
				s.spend(len(w) * len(s.prog.Inst)) // what verifying may have cost
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
	v := s.visits[at]
	for i, next := range boundaries {
		s.closure(v.node, rune(next))
		all := s.candidates(v.shape, s.letters.beside[i])
		for ; all != (byteSet{}); all = all.not(all.firstOnly()) {
			s.advance(at, all.first(), next)
		}
	}
	s.tooMuch = *s.budget <= 0 || len(s.visits) > maxVisits
}

// advance visits what one more byte leads to, which stands at a position of the
// letters.
func (s *search) advance(at, letter int, next byte) {
	v, b := s.visits[at], s.letters.text[letter]
	for _, to := range s.steps(v.shape, b) {
		size, ok := s.grow(v, to, b)
		if !ok {
			continue
		}
		for i, pc := range s.reach {
			if !s.tries[i].has(letter) {
				continue
			}
			s.spend(1)
			inst := &s.prog.Inst[pc]
			if s.goal != nil {
				// What the expression can do, and who chose the byte, depends on the instruction.
				to.bits = mark(v.shape.bits, to.phase, b, isChoice(inst))
				if s.goal.kind == goalSpelled && to.bits&(freeName|freeSuffix) != 0 {
					continue
				}
			}
			s.link(at, b, visit{node: node{int(inst.Out), to, next}, from: at, byte: b, size: size})
		}
	}
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

// visit returns the index of the visit of that node, or of one from which
// everything can be reached that can be from there: the same, with no more bytes
// in its label and, as it came first, no more in its host. So a search of [a-z]+
// does not go through all lengths of a label.
func (s *search) visit(v visit) int {
	key := v.node
	if key.shape.len > 1 && s.isLabel(key.shape.phase) {
		key.shape.len = 1 // 0 is another: a label cannot end there
	}
	if at, ok := s.seen[key]; ok && s.visits[at].shape.len <= v.shape.len {
		return at
	}
	at := len(s.visits)
	s.seen[key] = at
	s.visits = append(s.visits, v)
	s.queues[v.shape.phase] = append(s.queues[v.shape.phase], at)
	return at
}

// isLabel reports whether the length of a shape is that of a label, and of nothing
// but a label: countNames tells names apart by it.
func (s *search) isLabel(p phase) bool {
	return p == inHost || p == inName && s.goal.kind != goalSpelled
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
		s.spend(1)
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

// matchesAtEnd reports whether the program accepts if nothing follows n.
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
