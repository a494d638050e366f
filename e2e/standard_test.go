package e2e

import "testing"

// TestStandard holds the table against the simulator and the handler, without
// a browser: what is written by hand is what the standard says.
func TestStandard(t *testing.T) {
	w := newWorld(t, allCases())
	t.Logf("%d cases", len(w.cases))
	seen := make(map[string]bool)
	for i := range w.cases {
		c := &w.cases[i]
		if seen[c.id] {
			t.Errorf("two cases are called %q", c.id)
		}
		seen[c.id] = true
		if c.unsimulated != "" {
			continue
		}
		t.Run(c.id, func(t *testing.T) {
			rep := w.simulate(c, "simulator")
			if got := rep.String(); got != c.want {
				t.Errorf("the simulator says %s\nwant %s\n%s\npolicy: %s", got, c.want, rep.Why, w.names.Replace(c.site))
			}
			if c.decides != 0 && rep.Decides != c.decides {
				t.Errorf("step %d decides (%s), want %d", rep.Decides, rep.Why, c.decides)
			}
			for _, complaint := range append(c.namesShown(rep), c.letThrough(rep)...) {
				t.Error(complaint)
			}
		})
	}
}

// TestRandom holds random policies and requests against the simulator, without
// a browser.
func TestRandom(t *testing.T) {
	cases, models := randomTable(seed(t))
	w := newWorld(t, cases)
	passed := 0
	for i := range w.cases {
		c := &w.cases[i]
		rep := w.simulate(c, "simulator")
		if got := rep.String(); c.want != "" && got != c.want {
			t.Errorf("%s: the simulator says %s\nwant %s\n%s\npolicy: %s\nrequest: %+v", c.id, got, c.want, rep.Why, w.names.Replace(c.site), models[i].step)
		}
		if rep.Decides == 0 {
			passed++
		}
	}
	t.Logf("%d of %d could be read", passed, len(cases))
	if passed < len(cases)/5 || passed > len(cases)*4/5 {
		t.Errorf("%d of %d could be read: the cases have become dull", passed, len(cases))
	}
}
