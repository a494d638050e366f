package origin

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// The tests draw from so few letters that patterns and origins meet all the time.

func randomHost(r *rand.Rand, most int) string {
	labels := make([]string, 1+r.IntN(most))
	for i := range labels {
		labels[i] = []string{"a", "b", "ab", "aab", "a_b"}[r.IntN(5)]
	}
	return strings.Join(labels, ".")
}

func randomPattern(r *rand.Rand) Pattern {
	p := Pattern{
		Scheme:  []string{"https", "https", "http"}[r.IntN(3)],
		Host:    randomHost(r, 3),
		Depth:   Depth(r.IntN(4)),
		AnyPort: r.IntN(3) == 0,
	}
	if p.Depth == InLabel {
		p.Label = []string{"a*", "*b", "a*b", "ab*", "b*", "*ab"}[r.IntN(6)]
	}
	if !p.AnyPort {
		p.Port = []string{"", "1", "2"}[r.IntN(3)]
	}
	return p
}

func randomOrigin(t *testing.T, r *rand.Rand) Origin {
	origin := []string{"https", "http"}[r.IntN(2)] + "://" + randomHost(r, 5) +
		[]string{"", "", "", "."}[r.IntN(4)] + []string{"", ":1", ":2"}[r.IntN(3)]
	o, ok := Parse(origin)
	if !ok {
		t.Fatalf("%q does not parse", origin)
	}
	return o
}

// naive is what Set stands for.
type naive map[Pattern]Value

func (n naive) lookup(o Origin) (best Value, found bool) {
	for p, v := range n {
		if p.Matches(o) && (!found || v < best) {
			best, found = v, true
		}
	}
	return best, found
}

func TestSetAgreesWithDefinition(t *testing.T) {
	r := random(t)
	for range 2_000 {
		set, model := NewSet(r.IntN(3)), naive{}
		for range r.IntN(20) {
			p, v := randomPattern(r), Value(r.IntN(5))
			if r.IntN(10) == 0 {
				p.Host += "."
			}
			if old, ok := model[p]; !ok || v < old {
				model[p] = v
			}
			set.Add(p, v)
			if got, ok := set.Get(p); !ok || got != model[p] {
				t.Fatalf("%s was added, and Get returns %d, %v", p, got, ok)
			}
		}
		if set.Len() != len(model) {
			t.Fatalf("Len() = %d, want %d of %v", set.Len(), len(model), model)
		}
		for range 50 {
			o := randomOrigin(t, r)
			got, found := set.Lookup(o)
			want, wantFound := model.lookup(o)
			if got != want || found != wantFound {
				t.Fatalf("%v: Lookup(%s) = %d, %v, want %d, %v", model, o.Raw, got, found, want, wantFound)
			}
			p := randomPattern(r)
			_, added := model[p]
			if _, ok := set.Get(p); ok != added {
				t.Fatalf("%v: Get(%s) = %v", model, p, ok)
			}
		}
	}
}

// TestAddIsMonotone: a further pattern never takes an origin away, and gives
// none that it does not match itself.
func TestAddIsMonotone(t *testing.T) {
	r := random(t)
	for range 300 {
		set := NewSet(0)
		origins := make([]Origin, 100)
		for i := range origins {
			origins[i] = randomOrigin(t, r)
		}
		before := make(map[string]Value)
		for range 20 {
			p, v := randomPattern(r), Value(r.IntN(5))
			set.Add(p, v)
			for _, o := range origins {
				now, found := set.Lookup(o)
				was, had := before[o.Raw]
				switch {
				case had && (!found || now > was):
					t.Fatalf("adding %s changed %s from %d to %d, %v", p, o.Raw, was, now, found)
				case (found != had || now != was) && (!p.Matches(o) || now != v):
					t.Fatalf("adding %s = %d gave %s the value %d", p, v, o.Raw, now)
				}
				if found {
					before[o.Raw] = now
				}
			}
		}
	}
}

func TestSetGrows(t *testing.T) {
	for _, hint := range []int{0, 10, 5 * worthRoom} {
		for _, kind := range kinds {
			values := texts(kind.pattern, 5*worthRoom)
			s := build(t, append(values, values[0]), hint)
			if s.Len() != len(values) {
				t.Fatalf("%s: Len() = %d", kind.name, s.Len())
			}
			for i, origin := range texts(kind.hit, len(values)) {
				o, _ := Parse(origin)
				if v, ok := s.Lookup(o); !ok || v != Value(i+1) {
					t.Fatalf("Lookup(%s) = %d, %v", origin, v, ok)
				}
			}
			for _, origin := range texts(kind.miss, len(values)) {
				o, _ := Parse(origin)
				if v, ok := s.Lookup(o); ok {
					t.Fatalf("Lookup(%s) = %d", origin, v)
				}
			}
		}
	}
}

func TestEmptySet(t *testing.T) {
	s := NewSet(0)
	o, _ := Parse("https://example.com")
	for _, o := range []Origin{o, {}} {
		if v, ok := s.Lookup(o); ok {
			t.Errorf("Lookup(%q) = %d in an empty set", o.Raw, v)
		}
	}
	if _, ok := s.Get(Pattern{Scheme: "https", Host: "example.com"}); ok || s.Len() != 0 {
		t.Error("an empty set is not empty")
	}
}

// TestDeepest: the deepest pattern that there can be does not overrun the bits.
func TestDeepest(t *testing.T) {
	s := build(t, []string{"https://**." + longestHost[2:] + ".", "https://**." + longestHost[2:]}, 0)
	for origin, want := range map[string]Value{"https://" + longestHost + ".": 1, "https://" + longestHost: 2} {
		o, _ := Parse(origin)
		if v, _ := s.Lookup(o); v != want {
			t.Errorf("Lookup(%s) = %d, want %d", origin, v, want)
		}
	}
}
