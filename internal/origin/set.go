package origin

import (
	"maps"
	"strings"
)

// Value is what a Set knows of an origin. When several patterns match, the
// smallest value is the answer.
type Value uint32

// Set looks up which value an origin has. Build it in one goroutine; from then
// on it is immutable and any number of goroutines may use it.
//
// It consists of maps whose keys are whole origins, whole hosts or whole suffixes
// of hosts, so that two patterns can never combine into a third, as they do in a
// tree of letters. No lookup walks over patterns, and none grows with an
// attacker's number of labels: see table.depths.
type Set struct {
	exact     map[string]Value // origins without any wildcard
	wildcards map[string]*tables
	len       int
	hint      int // how many patterns are expected in all
}

// tables holds the patterns of one scheme.
type tables struct {
	port    table // keys end in ":port", or in nothing for the default port
	anyPort table // keys are hosts

	hasLabels bool // one of them has patterns with a * inside a label; few policies do
}

// table holds patterns under their host without wildcard, with or without port.
type table struct {
	host, oneLabel, anyDepth map[string]Value // host: of any port

	labels labelTable // looked up apart, where there are any

	// depths has bit n set when a key of anyDepth has n dots in its host, so
	// that a lookup tries only as many suffixes as the configuration has kinds.
	// A host has at most 253 bytes and a trailing dot: 127 dots.
	depths  [2]uint64
	deepest int // the highest bit set
}

// NewSet returns an empty set with room for about sizeHint patterns.
func NewSet(sizeHint int) *Set { return &Set{hint: sizeHint} }

// Add gives v to the origins that p matches, and reports whether the pattern is
// new. Adding one again keeps the smaller value.
func (s *Set) Add(p Pattern, v Value) (added bool) {
	if !p.IsExact() && s.wildcards[p.Scheme] == nil {
		if s.wildcards == nil {
			s.wildcards = make(map[string]*tables)
		}
		s.wildcards[p.Scheme] = new(tables)
	}
	if p.Depth == InLabel {
		s.wildcards[p.Scheme].hasLabels = true
		added = s.wildcards[p.Scheme].of(p).labels.add(key(p), p.Label, v)
	} else {
		added = add(s.mapOf(p), key(p), v, s.hint-s.len)
	}
	if !added {
		return false
	}
	if p.Depth == AnyDepth {
		s.wildcards[p.Scheme].of(p).addDepth(p.Host)
	}
	s.len++
	return true
}

// Get returns the value of this very pattern, if it was added.
func (s *Set) Get(p Pattern) (v Value, ok bool) {
	if p.Depth == InLabel {
		if t := s.wildcards[p.Scheme]; t != nil {
			v, ok = t.of(p).labels.get(key(p), p.Label)
		}
		return v, ok
	}
	if m := s.mapOf(p); m != nil {
		v, ok = (*m)[key(p)]
	}
	return v, ok
}

// Len returns the number of different patterns.
func (s *Set) Len() int { return s.len }

// Lookup returns the smallest value of the patterns that match o, which must
// come from Parse. It does not allocate.
func (s *Set) Lookup(o Origin) (Value, bool) {
	m := s.Exact(o.Raw)
	if !m.IsFinal() {
		m = s.Wildcards(o, m)
	}
	return m.Value, m.Found
}

// Exact looks only at what was added without a wildcard, and therefore takes
// any string: what is there is one origin as browsers send it.
func (s *Set) Exact(raw string) Match {
	if len(raw) > MaxLength {
		return Match{}
	}
	value, found := s.exact[raw]
	return Match{value, found}
}

// Wildcards completes the answer of Exact with the other patterns.
func (s *Set) Wildcards(o Origin, best Match) Match {
	t := s.wildcards[o.Scheme()]
	switch {
	case t == nil:
		return best
	case t.hasLabels:
		return t.lookupLabels(o, best)
	}
	best = t.port.lookup(o.hostAndPort(), int(o.host), best)
	if !best.IsFinal() {
		best = t.anyPort.lookup(o.Host(), int(o.host), best)
	}
	return best
}

// lookupLabels is the rest of Wildcards where there are patterns with a * inside a
// label. It stands apart so that others do not pay for it.
//
//go:noinline
func (t *tables) lookupLabels(o Origin, best Match) Match {
	best = t.port.lookup(o.hostAndPort(), int(o.host), best)
	best = t.anyPort.lookup(o.Host(), int(o.host), best)
	if !best.IsFinal() {
		best = t.port.labels.lookup(o.hostAndPort(), int(o.host), best)
		best = t.anyPort.labels.lookup(o.Host(), int(o.host), best)
	}
	return best
}

// Match is the smallest value found so far.
type Match struct {
	Value Value
	Found bool
}

// IsFinal tells that there is no smaller value to be found.
func (m Match) IsFinal() bool { return m.Found && m.Value == 0 }

// or returns the better of m and what a map answered.
func (m Match) or(value Value, found bool) Match {
	if found && (!m.Found || value < m.Value) {
		return Match{value, true}
	}
	return m
}

// mapOf returns the map that p belongs to, or nil where there is none yet.
func (s *Set) mapOf(p Pattern) *map[string]Value {
	if p.IsExact() {
		return &s.exact
	}
	t := s.wildcards[p.Scheme]
	if t == nil {
		return nil
	}
	return t.of(p).byDepth(p.Depth)
}

func (t *tables) of(p Pattern) *table {
	if p.AnyPort {
		return &t.anyPort
	}
	return &t.port
}

// key is the part of a matching origin that decides. It shares p's memory where
// it can.
func key(p Pattern) string {
	if p.IsExact() && p.raw != "" {
		return p.raw
	}
	hostAndPort := p.Host
	if p.Port != "" && !p.AnyPort {
		hostAndPort += ":" + p.Port
	}
	if p.IsExact() {
		return p.Scheme + schemeSep + hostAndPort
	}
	return hostAndPort
}

func (t *table) byDepth(d Depth) *map[string]Value {
	return [...]*map[string]Value{Exact: &t.host, OneLabel: &t.oneLabel, AnyDepth: &t.anyDepth}[d]
}

// add reports whether the key is new. More says how many others may follow.
func add(m *map[string]Value, key string, v Value, more int) bool {
	if old, ok := (*m)[key]; ok {
		(*m)[key] = min(old, v)
		return false
	}
	switch len(*m) {
	case 0:
		*m = make(map[string]Value)
	case worthRoom:
		roomy := make(map[string]Value, worthRoom+max(more, 0))
		maps.Copy(roomy, *m)
		*m = roomy
	}
	(*m)[key] = v
	return true
}

// addDepth notes how many dots a key of anyDepth has in its host.
func (t *table) addDepth(host string) {
	dots := strings.Count(host, ".")
	t.depths[dots/64] |= 1 << (dots % 64)
	t.deepest = max(t.deepest, dots)
}

// worthRoom is the size at which a map gets room for all patterns to come.
// Earlier it may be the wrong one: the first pattern of a million is often
// http://localhost:*.
const worthRoom = 1024

// lookup returns the best of best and the patterns that match a key whose first
// hostLen bytes are the host.
func (t *table) lookup(key string, hostLen int, best Match) Match {
	value, found := t.host[key]
	best = best.or(value, found)
	if len(t.oneLabel) > 0 && !best.IsFinal() {
		if i := strings.IndexByte(key[:hostLen], '.'); i >= 0 {
			value, found = t.oneLabel[key[i+1:]]
			best = best.or(value, found)
		}
	}
	if len(t.anyDepth) == 0 || best.IsFinal() {
		return best
	}
	for i, dots := hostLen-1, 0; i >= 0 && dots <= t.deepest; i-- {
		if key[i] != '.' {
			continue
		}
		if t.depths[dots/64]&(1<<(dots%64)) != 0 {
			value, found = t.anyDepth[key[i+1:]]
			best = best.or(value, found)
		}
		dots++
	}
	return best
}
