package e2e

import (
	"maps"
	"slices"
	"testing"
)

// perSpoiler is how many cases each browser runs against each broken handler.
const perSpoiler = 8

// spoiled is a case that must go wrong under a spoiler.
type spoiled struct {
	name string // of the spoiler
	c    *testCase
	want string // what comes of it by the standard
}

// spoil finds, with the simulator, cases that notice each spoiler, evenly over
// the table.
func (w *world) spoil(t *testing.T, cases []testCase) (list []spoiled) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(spoilers)) {
		var noticed []spoiled
		for i := range cases {
			c := &cases[i]
			if c.unsimulated != "" || c.slow() || !slices.Contains(spoilers[name].groups, c.group()) {
				continue
			}
			if rep := w.simulate(c, "simulator~"+name); rep.String() != c.want || len(c.namesShown(rep)) > 0 {
				noticed = append(noticed, spoiled{name, c, rep.Full()})
			}
		}
		t.Logf("%-15s is noticed by %d cases of %v", name, len(noticed), spoilers[name].groups)
		if len(noticed) < 3 {
			t.Errorf("only %d cases notice the broken handler %s", len(noticed), name)
		}
		n := min(perSpoiler, len(noticed))
		for i := range n {
			list = append(list, noticed[i*len(noticed)/n])
		}
	}
	return list
}

// TestSpoilers breaks the handler on purpose: the table must notice.
func TestSpoilers(t *testing.T) {
	w := newWorld(t, allCases())
	w.spoil(t, w.cases)
}
