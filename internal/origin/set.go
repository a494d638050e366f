package origin

import "strings"

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
	depths [2]uint64
}

// NewSet returns an empty set with room for about sizeHint patterns.
func NewSet(_ int) *Set {
	return &Set{schemes: make(map[string]*tables)}
}

// Add gives v to the origins that p matches. Adding a pattern again keeps the
// smaller value.
func (s *Set) Add(p Pattern, v Value) {
	t := s.schemes[p.Scheme]
	if t == nil {
		t = new(tables)
		s.schemes[p.Scheme] = t
	}
	if t.of(p).add(p, v) {
		s.len++
	}
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
	best := t.port.lookup(hostAndPort, len(o.Host), none)
	if best != 0 {
		best = t.anyPort.lookup(o.Host, len(o.Host), best)
	}
	return Value(best), best != none
}

// none is larger than every Value, so that the smaller one always wins.
const none uint64 = 1 << 32

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

// add reports whether the pattern is new.
func (t *table) add(p Pattern, v Value) bool {
	m, k := t.byDepth(p.Depth), key(p)
	if old, ok := (*m)[k]; ok {
		(*m)[k] = min(old, v)
		return false
	}
	if *m == nil {
		*m = make(map[string]Value)
	}
	(*m)[k] = v
	if p.Depth == AnyDepth {
		dots := strings.Count(p.Host, ".")
		t.depths[dots/64] |= 1 << (dots % 64)
	}
	return true
}

// lookup returns the smallest of best and the values of the patterns that match
// a key whose first hostLen bytes are the host.
func (t *table) lookup(key string, hostLen int, best uint64) uint64 {
	if v, ok := t.exact[key]; ok {
		best = min(best, uint64(v))
	}
	if len(t.oneLabel) > 0 {
		if i := strings.IndexByte(key[:hostLen], '.'); i >= 0 {
			if v, ok := t.oneLabel[key[i+1:]]; ok {
				best = min(best, uint64(v))
			}
		}
	}
	if len(t.anyDepth) == 0 || best == 0 {
		return best
	}
	for i, dots := hostLen-1, 0; i >= 0; i-- {
		if key[i] != '.' {
			continue
		}
		if t.depths[dots/64]&(1<<(dots%64)) != 0 {
			if v, ok := t.anyDepth[key[i+1:]]; ok {
				best = min(best, uint64(v))
			}
		}
		dots++
	}
	return best
}
