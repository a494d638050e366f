package e2e

import (
	"os"
	"strings"
	"testing"
	"time"
)

const (
	// A browser may take this long for everything, and be this long silent.
	wholeTime = 3 * time.Minute
	quietTime = time.Minute
)

// spoilName is the environment variable that puts a broken handler behind
// everything, to see the tests fail.
const spoilName = "CORS_SPOIL"

// TestBrowsers lets every browser that is installed run all cases, and judges
// what it reports.
func TestBrowsers(t *testing.T) {
	checkNames(t)
	if testing.Short() {
		t.Skip("browsers take a while")
	}
	seed := seed(t)
	for i := range engines {
		e := &engines[i]
		t.Run(e.name, func(t *testing.T) {
			e.test(t, seed)
		})
	}
}

// test runs everything in one browser.
func (e *engine) test(t *testing.T, seed uint64) {
	program := e.program(t)
	table := allCases()
	randoms, _ := randomTable(seed)
	w := newWorld(t, append(table, randoms...))
	named, drawn := w.cases[:len(table)], w.cases[len(table):]
	var broken []spoiled
	run := e.name
	if name := os.Getenv(spoilName); name != "" {
		if spoilers[name].serve == nil {
			t.Fatalf("%s: there is no spoiler %q", spoilName, name)
		}
		run += "~" + name
	} else {
		broken = w.spoil(t, named)
	}

	var plans []casePlan
	for i := range w.cases {
		plans = append(plans, w.casePlan(&w.cases[i], run))
	}
	for _, s := range broken {
		plans = append(plans, w.casePlan(s.c, run+"~"+s.name))
	}
	w.lay(plans)
	began := time.Now()
	e.run(t, program, w)
	t.Logf("%s: %d cases, %d random ones and %d against broken handlers in %s",
		e.version(program), len(named), len(drawn), len(broken), time.Since(began).Round(100*time.Millisecond))
	for _, line := range w.desk.said() {
		t.Log("the page: " + line)
	}

	t.Run("cases", func(t *testing.T) { e.judgeNamed(t, w, named, run, program) })
	t.Run("random", func(t *testing.T) { e.judgeRandom(t, w, drawn, run) })
	t.Run("broken", func(t *testing.T) { e.judgeBroken(t, w, broken, run) })
}

func (w *world) casePlan(c *testCase, run string) casePlan {
	return casePlan{Key: key(c, run), Settle: c.settle, Slow: c.slow(), Steps: w.plan(c, run)}
}

// reported puts together what the browser and the server say of a case.
func (w *world) reported(c *testCase, run string) *report {
	h, ok := w.desk.handedIn(key(c, run))
	if !ok || len(h.Results) == 0 {
		return &report{Results: []result{{Outcome: "no-report"}}}
	}
	r := &report{Wires: w.log.of(h.UsedKey), Results: h.Results, Reached: w.log.reachedBy(h.UsedKey)}
	for i := range r.Results {
		r.Results[i].settle()
	}
	return r
}

// judgeNamed holds the table against the browser. A difference is a failure
// unless docs/browsers.md has it.
func (e *engine) judgeNamed(t *testing.T, w *world, cases []testCase, run, program string) {
	rows, versions := readDocs(t)
	measured := make(map[string]string)
	for i := range cases {
		c := &cases[i]
		got := w.reported(c, run)
		complaints := c.complaints(got, w.simulate(c, "simulator-"+run))
		cell, known := rows[e.name][c.id]
		switch {
		case len(complaints) == 0:
			if known {
				t.Logf("%s now follows the standard in %q; update %s", e.name, c.id, docsFile)
			}
			continue
		case c.deviation() != nil:
			measured[c.id] = c.cell(got)
		}
		if *update && c.deviation() != nil || known && cell == c.cell(got) {
			continue
		}
		t.Errorf("%s\n%s\nthe page says %q\npolicy: %s\nrecorded: %s", c.id, strings.Join(complaints, "\n"), got.details(), w.names.Replace(c.site), cell)
	}
	t.Logf("%d of %d cases as the standard says", len(cases)-len(measured), len(cases))
	if *update {
		rows[e.name], versions[e.name] = measured, e.version(program)
		writeDocs(t, rows, versions)
	}
}

// judgeRandom holds the simulator against the browser.
func (e *engine) judgeRandom(t *testing.T, w *world, cases []testCase, run string) {
	odd := 0
	for i := range cases {
		c := &cases[i]
		got, simulated := w.reported(c, run), w.simulate(c, "simulator-"+run)
		if c.want != "" && simulated.String() != c.want {
			t.Errorf("%s: the simulator says %s, want %s", c.id, simulated, c.want)
		}
		if got.Full() == simulated.Full() {
			continue
		}
		// By the letter no; by what all engines do?
		odd++
		if quirky := w.simulate(c, "quirks-"+run, quirks...); got.Full() != quirky.Full() {
			t.Errorf("%s\ngot       %s\nsimulator %s\n%s\nthe page says %q\npolicy: %s\nrequest: %+v",
				c.id, got.Full(), simulated.Full(), simulated.Why, got.details(), w.names.Replace(c.site), c.steps[0])
		}
	}
	t.Logf("%d of %d cases as the simulator says, the others as all engines agree (docs/browsers.md)", len(cases)-odd, len(cases))
}

// judgeBroken wants the browser to notice every broken handler.
func (e *engine) judgeBroken(t *testing.T, w *world, broken []spoiled, run string) {
	rows, _ := readDocs(t)
	noticed := make(map[string]int)
	for _, s := range broken {
		got := w.reported(s.c, run+"~"+s.name)
		_, deviates := rows[e.name][s.c.id]
		switch {
		case got.Full() == s.want:
			noticed[s.name]++
		case deviates:
		case spoilers[s.name].mayMiss:
			t.Logf("%s: %s does not mind in %q: %s", s.name, e.name, s.c.id, got.Full())
		default:
			t.Errorf("%s, %q\ngot       %s\nsimulator %s", s.name, s.c.id, got.Full(), s.want)
		}
	}
	for name := range spoilers {
		if len(broken) > 0 && noticed[name] < 2 {
			t.Errorf("the broken handler %s goes unnoticed", name)
		}
	}
	t.Logf("noticed %v", noticed)
}

// run starts the browser and waits until it has done its job.
func (e *engine) run(t *testing.T, program string, w *world) {
	t.Helper()
	p := e.launch(t, program, w.origin("app")+"/_e2e/top", w.net)
	deadline := time.After(wholeTime)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		why := ""
		select {
		case <-w.desk.done:
			return
		case <-p.exited:
			why = "the browser ended"
		case <-deadline:
			why = "not done after " + wholeTime.String()
		case <-tick.C:
			if w.desk.quiet() > quietTime {
				why = "nothing heard for " + quietTime.String()
			}
		}
		if why != "" {
			t.Fatalf("%s: %s; %s\nthe browser says:\n%s", e.name, why, w.desk.progress(), p.stderr.String())
		}
	}
}
