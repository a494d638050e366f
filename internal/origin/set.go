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
// It consists of maps whose keys are whole hosts or whole suffixes of hosts, so
// that two patterns can never combine into a third, as they do in a tree of
// letters. No lookup walks over patterns, and none grows with an attacker's
// number of labels: see table.depths.
type Set struct {
	schemes map[string]*tables
	len     int
	hint    int // how many patterns are expected in all
}

// tables holds the patterns of one scheme.
type tables struct {
	port    table // keys end in ":port", or in nothing for the default port
	anyPort table // keys are hosts
}

// table holds patterns under their host without wildcard, with or without port.
type table struct {
	exact, oneLabel, anyDepth map[string]Value

	// depths has bit n set when a key of anyDepth has n dots in its host, so
	// that a lookup tries only as many suffixes as the configuration has kinds.
	// A host has at most 253 bytes and a trailing dot: 127 dots.
	depths  [2]uint64
	deepest int // the highest bit set
}

// NewSet returns an empty set with room for about sizeHint patterns.
func NewSet(sizeHint int) *Set {
	return &Set{schemes: make(map[string]*tables), hint: sizeHint}
}

// Add gives v to the origins that p matches, and reports whether the pattern is
// new. Adding one again keeps the smaller value.
func (s *Set) Add(p Pattern, v Value) (added bool) {
	t := s.schemes[p.Scheme]
	if t == nil {
		t = new(tables)
		s.schemes[p.Scheme] = t
	}
	added = t.of(p).add(p, v, s.hint-s.len)
	if added {
		s.len++
	}
	return added
}

// Has tells whether this very pattern was added.
func (s *Set) Has(p Pattern) bool {
	t := s.schemes[p.Scheme]
	if t == nil {
		return false
	}
	_, ok := (*t.of(p).byDepth(p.Depth))[key(p)]
	return ok
}

// Len returns the number of different patterns.
func (s *Set) Len() int { return s.len }

// Lookup returns the smallest value of the patterns that match o, which must
// come from Parse. It does not allocate.
func (s *Set) Lookup(o Origin) (Value, bool) {
	t := s.schemes[o.Scheme]
	if t == nil {
		return 0, false
	}
	hostAndPort := o.Raw[len(o.Scheme)+len(schemeSep):]
	best := t.port.lookup(hostAndPort, len(o.Host), match{})
	if !best.isFinal() {
		best = t.anyPort.lookup(o.Host, len(o.Host), best)
	}
	return best.value, best.found
}

// match is the smallest value found so far.
type match struct {
	value Value
	found bool
}

// isFinal tells that there is no smaller value to be found.
func (m match) isFinal() bool { return m.found && m.value == 0 }

// or returns the better of m and what a map answered.
func (m match) or(value Value, found bool) match {
	if found && (!m.found || value < m.value) {
		return match{value, true}
	}
	return m
}

func (t *tables) of(p Pattern) *table {
	if p.AnyPort {
		return &t.anyPort
	}
	return &t.port
}

// key is the part of a matching origin that decides. It shares p's memory
// unless there is a port.
func key(p Pattern) string {
	if p.AnyPort || p.Port == "" {
		return p.Host
	}
	return p.Host + ":" + p.Port
}

func (t *table) byDepth(d Depth) *map[string]Value {
	return [...]*map[string]Value{Exact: &t.exact, OneLabel: &t.oneLabel, AnyDepth: &t.anyDepth}[d]
}

// add reports whether the pattern is new. More says how many others may follow.
func (t *table) add(p Pattern, v Value, more int) bool {
	m, k := t.byDepth(p.Depth), key(p)
	if old, ok := (*m)[k]; ok {
		(*m)[k] = min(old, v)
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
	(*m)[k] = v
	if p.Depth == AnyDepth {
		dots := strings.Count(p.Host, ".")
		t.depths[dots/64] |= 1 << (dots % 64)
		t.deepest = max(t.deepest, dots)
	}
	return true
}

// worthRoom is the size at which a map gets room for all patterns to come.
// Earlier it may be the wrong one: the first pattern of a million is often
// http://localhost:*.
const worthRoom = 1024

// lookup returns the best of best and the patterns that match a key whose first
// hostLen bytes are the host.
func (t *table) lookup(key string, hostLen int, best match) match {
	value, found := t.exact[key]
	best = best.or(value, found)
	if len(t.oneLabel) > 0 && !best.isFinal() {
		if i := strings.IndexByte(key[:hostLen], '.'); i >= 0 {
			value, found = t.oneLabel[key[i+1:]]
			best = best.or(value, found)
		}
	}
	if len(t.anyDepth) == 0 || best.isFinal() {
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
