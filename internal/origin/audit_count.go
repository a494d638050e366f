package origin

// minNames is how many different registrable names an expression may have in any
// case. Who has more, has a domain for each customer, and spells them out: so
// many names take at least as many bytes.
const minNames = 32

// edge is a step of a search from one visit to another.
type edge struct {
	from, to int
	byte     byte
}

// link visits a node, and notes the step where the search is to count names.
func (s *search) link(from int, b byte, v visit) {
	to := s.visit(v)
	if s.goal != nil && s.goal.kind == goalSpelled {
		s.edges = append(s.edges, edge{from, to, b})
	}
}

// countNames finds out whether an expression has more registrable names of the
// writer's own bytes than it can have spelled out, as [ab]?[ab]?[ab]?… has. It
// returns one then, and whether it stands under a company's suffix.
func (a *audit) countNames(w ways) (example string, isShared bool) {
	limit := max(minNames, len(w.r.expr))
	suffixes := w.suffixes[len(w.suffixes)-1]
	s := a.newSearch(w.prog, "", &goal{goalSpelled, suffixes})
	var ends, shared []int // the last visits of origins
	s.run(func(text string) bool {
		at := s.at
		if !w.r.matchesText(text) {
			return false
		}
		if s.isShared(at) {
			shared = append(shared, at)
		} else {
			ends = append(ends, at)
		}
		return false
	})
	var found []int
	switch {
	case s.tooMuch:
	case s.hasMoreNames(ends, limit):
		found = ends
	case s.hasMoreNames(shared, limit):
		found, isShared = shared, true
	default:
		return "", false
	}
	if s.tooMuch || a.budget <= 0 {
		return tooLarge, false
	}
	return s.witness(found[0]), isShared
}

// isShared reports whether the name of an origin stands under a company's suffix.
func (s *search) isShared(at int) bool {
	for s.visits[at].shape.phase == inPort {
		at = s.visits[at].from
	}
	return !s.goal.suffixes.nodes[s.visits[at].shape.node].icann
}

// hasMoreNames reports whether the origins that end in one of the visits have more
// than limit different names. It goes through the names by their length. As every
// beginning of a name that it keeps is that of one, more beginnings of the same
// length are enough, too.
func (s *search) hasMoreNames(ends []int, limit int) bool { //nolint:gocognit // its cases stand in the order in which they are tried
	names := s.namesTo(ends)
	level := []map[int]struct{}{{outside: {}}}
	found := 0
	for len(level) > 0 && len(level)+found <= limit {
		longer := make([]map[int]struct{}, 0, len(level))
		for _, set := range level {
			next := make(map[byte]map[int]struct{})
			for at := range set {
				for _, e := range names.steps[at] {
					if next[e.byte] == nil {
						next[e.byte] = make(map[int]struct{})
					}
					next[e.byte][e.to] = struct{}{}
				}
				s.spend(1 + len(names.steps[at]))
			}
			for _, to := range next {
				longer = append(longer, to)
				if names.isAnyEnd(to) {
					found++
				}
			}
		}
		level = longer
		if *s.budget <= 0 {
			return true
		}
	}
	return len(level)+found > limit
}

// outside stands for all visits in front of a name.
const outside = -1

// nameGraph has the steps of a search within names, and only such as lead on to
// the end of an origin.
type nameGraph struct {
	steps  map[int][]edge
	isDone map[int]bool // the name can end here
}

func (g nameGraph) isAnyEnd(set map[int]struct{}) bool {
	for at := range set {
		if g.isDone[at] {
			return true
		}
	}
	return false
}

func (s *search) namesTo(ends []int) nameGraph {
	into := make(map[int][]edge)
	for _, e := range s.edges {
		into[e.to] = append(into[e.to], e)
	}
	g := nameGraph{make(map[int][]edge), make(map[int]bool)}
	leads := make(map[int]bool)
	stack := make([]int, 0, len(ends))
	for _, at := range ends {
		leads[at] = true
		stack = append(stack, at)
		g.isDone[at] = isInName(s.visits[at])
	}
	for len(stack) > 0 {
		at := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, e := range into[at] {
			if isInName(s.visits[at]) {
				if !isInName(s.visits[e.from]) {
					g.steps[outside] = append(g.steps[outside], e)
					continue // what is in front of the name does not matter
				}
				g.steps[e.from] = append(g.steps[e.from], e)
			} else if isInName(s.visits[e.from]) {
				g.isDone[e.from] = true // a port follows
			}
			if !leads[e.from] {
				leads[e.from] = true
				stack = append(stack, e.from)
			}
		}
	}
	return g
}

func isInName(v visit) bool { return v.shape.phase == inName || v.shape.phase == inSuffix }
