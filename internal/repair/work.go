package repair

import (
	"errors"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/lint"
	"github.com/caddy-cors/caddy-cors/internal/matrix"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// document is the text of a configuration: a Caddyfile with what it imports, or
// JSON.
type document interface {
	// edits are what a plan does to the text. The reason says why it cannot be.
	edits(p *policy, d *draft, pl plan) (list []edit, text []string, reason string)
	// load gets the edited configuration ready, its parts when they are asked.
	load(list []edit) (*rehearsal.Rehearsal, error)
	// plans are the ways to write a policy, the nearest first.
	plans(p *policy) []plan
	// finish puts the edited text into a result.
	finish(list []edit, res *Result)
}

// workshop works on all repairs of one configuration.
type workshop struct {
	doc    document
	before *stage
	jobs   []*job
	found  []lint.Finding // in the old configuration; nil: lint was not asked
	given  []string       // origins, with --origin
	close  func()
}

// load gets the old configuration ready.
func (w *workshop) load(o Options) (err error) {
	w.close, w.found, w.given = func() {}, o.Findings, o.Origins
	if o.Stage != nil {
		w.before = newStage(o.Stage, o.Sites)
	} else if w.before, err = w.stage(nil); err == nil {
		w.close = w.before.whole.Close
	}
	return err
}

// stage gets the edited configuration ready.
func (w *workshop) stage(list []edit) (*stage, error) {
	r, err := w.doc.load(list)
	if err != nil {
		return nil, err
	}
	return newStage(r, matrix.Sites(r, w.given...)), nil
}

// prepare finds what there is to repair, and writes the drafts.
func (w *workshop) prepare(sites []*site, o Options) {
	for _, s := range sites {
		policiesOf(s)
	}
	w.jobs = concerned(jobsOf(sites), o.Findings)
	var some []*site // only these are made ready
	for _, j := range w.jobs {
		for _, p := range j.policies {
			some = appendNew(some, p.site)
		}
	}
	for _, s := range some {
		w.apart(s)
	}
	w.jobs = concerned(jobsOf(some), o.Findings)
	if o.Most > 0 && len(w.jobs) > o.Most {
		w.jobs = nil
	}
	for _, s := range sites {
		if s.named { // it is asked where it is invoked
			s.bases = []string{}
			for _, other := range sites {
				if !other.named && other.invokes() {
					s.bases = append(s.bases, w.before.bases(other)...)
				}
			}
		}
	}
	for _, j := range w.jobs {
		w.draft(j, o.Origins)
	}
}

// work tries all jobs together. Those that failed beside a wrong try of another get
// their tries again, once, beside what is proved by then. Where that spoils what is
// proved, it stays as it was.
func (w *workshop) work() {
	w.rounds()
	proved := make([]job, 0, len(w.jobs))
	again := false
	for _, j := range w.jobs {
		proved = append(proved, *j)
		if j.edits == nil && j.hindered {
			j.tries, j.reason, again = j.all, "", true
		}
	}
	if !again {
		return
	}
	w.rounds()
	if slices.ContainsFunc(w.jobs, func(j *job) bool { return j.edits == nil && proved[slices.Index(w.jobs, j)].edits != nil }) {
		for i, j := range w.jobs {
			*j = proved[i]
		}
	}
}

// rounds runs round by round: the jobs whose try fails go on to their next one,
// until none fails.
func (w *workshop) rounds() {
	for again := true; again; {
		var open []*job
		for _, j := range w.jobs {
			if w.advance(j) {
				open = append(open, j)
			}
		}
		again = len(open) > 0 && w.round(open)
	}
}

// advance writes the edits of a job's next try. False: none is left.
func (w *workshop) advance(j *job) bool {
	if len(j.tries) == 0 && j.reason == "" {
		j.reason = "nothing that could be written here does the same; write the `cors` yourself"
	}
	for len(j.tries) > 0 && j.edits == nil {
		if reason := w.write(j, j.tries[0]); reason != "" {
			j.fail(reason)
		}
	}
	return j.edits != nil
}

// write writes the edits of a try.
func (w *workshop) write(j *job, t try) (reason string) {
	for i, p := range j.policies {
		list, text, reason := w.doc.edits(p, j.drafts[i].with(t.options), t.plans[i])
		if reason != "" {
			return reason
		}
		j.edits = append(j.edits, list...)
		if j.text == nil {
			j.text, j.blocks = text, nil
		}
		if text != nil {
			j.blocks = appendNew(j.blocks, strings.TrimSpace(strings.Join(text, "\n")))
		}
	}
	return ""
}

func editsOf(jobs []*job) (all []edit) {
	for _, j := range jobs {
		all = append(all, j.edits...)
	}
	return all
}

// round runs all tries at once. False: everything is proved.
func (w *workshop) round(open []*job) (again bool) {
	after, err := w.stage(editsOf(open))
	if err != nil {
		w.blame(open)
		return true
	}
	defer after.whole.Close()
	var claims []*claimed
	for _, j := range open {
		j.claims = w.claims(j)
		claims = append(claims, j.claims...)
	}
	p := newProof(w.before, after, claims)
	failed := map[*site][]*job{}
	for _, j := range open {
		if reason := p.prove(j); reason != "" {
			j.fail(reason)
			again = true
			for _, c := range j.claims {
				failed[c.policy.site] = appendNew(failed[c.policy.site], j)
			}
		}
	}
	for _, list := range failed {
		for _, j := range list {
			j.hindered = j.hindered || len(list) > 1
		}
	}
	return again || w.found != nil && w.unclean(open, after)
}

// blame finds the jobs that Caddy refuses by themselves. Where there are none, the
// last one does not go together with the others.
func (w *workshop) blame(open []*job) {
	last := open[len(open)-1]
	for _, j := range open {
		r, err := w.doc.load(j.edits)
		switch {
		case errors.As(err, &untried{}):
			j.fail(err.Error())
			last = nil
		case err != nil:
			j.fail(refused(err))
			last = nil
		default:
			r.Close()
		}
	}
	if last != nil {
		last.fail("it cannot be done together with the other repairs: apply these, and run lint again")
	}
}

// prove compares the old configuration with the new one for all sites of a job.
func (p *proof) prove(j *job) (reason string) {
	for _, c := range j.claims {
		if slices.ContainsFunc(c.bases, func(b string) bool { return p.after.serves(b) == nil }) {
			return refused(p.after.err)
		}
		if reason := p.check(c); reason != "" {
			return j.wrong(reason)
		}
	}
	if loss := j.loss(); loss != "" && j.tries[0].strict {
		return j.tried() + loss
	}
	return ""
}

// unclean lints the sites that changed, and refuses what makes findings of its
// own.
func (w *workshop) unclean(open []*job, after *stage) (again bool) {
	changed := map[*matrix.Site][]*job{}
	for _, j := range open {
		for _, p := range j.policies {
			for _, b := range w.before.bases(p.site) {
				if at := after.serves(b); at != nil {
					changed[at.site] = append(changed[at.site], j)
				}
			}
		}
	}
	report := lint.Rehearsed(after.whole, nil, lint.Options{Sites: after.sites, Only: func(s *matrix.Site) bool { return changed[s] != nil }})
	for _, f := range report.Findings {
		at := after.serves(f.Address)
		if at == nil || f.Severity == lint.Note || slices.ContainsFunc(w.found, func(o lint.Finding) bool { return o.ID == f.ID && o.Site == f.Site && o.Text == f.Text }) {
			continue
		}
		for _, j := range changed[at.site] {
			if j.edits != nil {
				j.fail(j.found(f))
				again = true
			}
		}
	}
	return again
}
