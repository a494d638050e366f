package repair

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/lint"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// workshop works on all repairs of one configuration.
type workshop struct {
	src    *sources
	before *stage
	bases  []string // of all sites
	jobs   []*job
	found  []lint.Finding // in the old configuration; nil: lint was not asked
}

// work tries all jobs together, round by round: those whose try fails go on to
// their next one, until none fails.
func (w *workshop) work() {
	for round := 0; ; round++ {
		var open []*job
		for _, j := range w.jobs {
			if w.advance(j) {
				open = append(open, j)
			}
		}
		if len(open) == 0 {
			return
		}
		if !w.round(open) {
			return
		}
	}
}

// advance writes the edits of a job's next try. False: none is left.
func (w *workshop) advance(j *job) bool { //nolint:gocognit // its cases stand in the order in which they are tried
	if len(j.tries) == 0 && j.reason == "" {
		j.reason = "there is nothing to write that would do the same"
	}
	for len(j.tries) > 0 && j.edits == nil {
		t := j.tries[0]
		for i, p := range j.policies {
			d := j.drafts[i].with(t.options)
			e, ok := p.edits(w.src, d, t.plans[i])
			if !ok || len(e) == 0 {
				j.fail(errText.Error())
				break
			}
			for _, n := range e {
				if n.last < n.first && slices.ContainsFunc(j.edits, func(o edit) bool { return o.clashes(n, w.src) }) {
					ok = false
				}
			}
			if !ok {
				j.fail("the sites that share its lines would need different ones")
				break
			}
			j.edits = append(j.edits, e...)
		}
	}
	return j.edits != nil
}

func (d *draft) with(options []string) *draft {
	more := *d
	more.body = slices.Concat(d.body, options)
	return &more
}

func (j *job) fail(reason string) {
	if j.reason == "" || j.reason == errText.Error() {
		j.reason = reason
	}
	j.edits, j.tries, j.losses = nil, j.tries[1:], nil
}

// errText is the least of reasons.
var errText = errors.New("its lines cannot be taken out of the text")

// round runs all tries at once. False: everything is proved.
func (w *workshop) round(open []*job) (again bool) {
	after, err := w.load(open)
	if err != nil {
		for _, j := range open { // whose fault is it?
			alone, err := w.load([]*job{j})
			if err != nil {
				j.fail("Caddy refuses the draft: " + err.Error())
				again = true
				continue
			}
			alone.Close()
		}
		if !again {
			open[len(open)-1].fail("it does not go together with the other repairs")
		}
		return true
	}
	defer after.Close()
	claims := map[*job][]*claimed{}
	for _, j := range open {
		claims[j] = w.claims(j)
	}
	for _, j := range open {
		if reason := w.prove(j, claims, after); reason != "" {
			j.fail(reason)
			again = true
		}
	}
	return again || w.found != nil && w.unclean(open)
}

// unclean lints the new text, and refuses what makes findings of its own.
func (w *workshop) unclean(open []*job) (again bool) {
	name, body, remove, err := w.text(open)
	if err != nil {
		return false
	}
	defer remove()
	report, err := lint.Caddyfile(name, body, lint.Options{})
	if err != nil {
		return false
	}
	for _, f := range report.Findings {
		if f.Severity == lint.Note || slices.ContainsFunc(w.found, func(o lint.Finding) bool { return o.ID == f.ID && o.Site == f.Site && o.Text == f.Text }) {
			continue
		}
		for _, j := range open {
			if j.edits != nil && slices.ContainsFunc(j.policies, func(p *policy) bool {
				return slices.Contains(w.before.bases(p.site), strings.TrimSuffix(f.Address, "/"))
			}) {
				j.fail("lint would find: " + f.Problem)
				again = true
			}
		}
	}
	return again
}

// load gets the edited configuration ready.
func (w *workshop) load(jobs []*job) (*stage, error) {
	name, body, remove, err := w.text(jobs)
	if err != nil {
		return nil, err
	}
	defer remove()
	r, err := rehearsal.Caddyfile(name, body, rehearsal.Options{})
	if err != nil {
		return nil, err
	}
	return newStage(r), nil
}

// text is the edited Caddyfile. Where an imported file is edited, all of them
// stand in a folder until it is removed.
func (w *workshop) text(jobs []*job) (name string, body []byte, remove func(), err error) {
	edited, err := w.edited(jobs)
	if err != nil {
		return "", nil, nil, err
	}
	name, body, remove = w.src.main, []byte(w.src.texts[w.src.main]), func() {}
	if text, ok := edited[name]; ok {
		body = []byte(text)
	}
	if !slices.ContainsFunc(slices.Collect(maps.Keys(edited)), func(file string) bool { return file != w.src.main }) {
		return name, body, remove, nil
	}
	folder, err := os.MkdirTemp("", "cors-repair-")
	if err != nil {
		return "", nil, nil, err
	}
	remove = func() { _ = os.RemoveAll(folder) }
	if name, err = w.src.mirror(folder, edited); err != nil {
		remove()
		return "", nil, nil, err
	}
	return name, body, remove, nil
}

func (w *workshop) edited(jobs []*job) (map[string]string, error) {
	var edits []edit
	for _, j := range jobs {
		edits = append(edits, j.edits...)
	}
	edited, ok := apply(w.src, edits)
	if !ok {
		return nil, fmt.Errorf("the sites that share these lines would need different ones")
	}
	return edited, nil
}

// prove compares the old configuration with the new one for all sites of a job.
func (w *workshop) prove(j *job, claims map[*job][]*claimed, after *stage) (reason string) {
	p := &proof{before: w.before, after: after}
	for _, other := range claims {
		p.claims = append(p.claims, other...)
	}
	for _, c := range claims[j] {
		if reason := p.check(c); reason != "" {
			return reason
		}
	}
	if j.tries[0].strict && len(p.losses) > 0 {
		return "then " + p.losses[0] + " no longer"
	}
	j.losses = p.losses
	return ""
}

// claims says what a job's try promises.
func (w *workshop) claims(j *job) (list []*claimed) {
	for i, pol := range j.policies {
		if pol.site.named {
			pol.site.bases = w.bases
		}
		c := claim1(pol, j.drafts[i], w.before, len(j.tries[0].options) > 0)
		c.written = j.origins()
		list = append(list, c)
	}
	return list
}

// claim1 says what a draft promises for one policy.
func claim1(pol *policy, d *draft, before *stage, keep bool) *claimed {
	c := &claimed{policy: pol, draft: d, keep: keep, before: before, memo: map[string]bool{}, bases: before.bases(pol.site)}
	for _, base := range c.bases {
		for _, path := range paths(pol.site, pol.lines) {
			c.urls = append(c.urls, base+path)
		}
	}
	if slices.ContainsFunc(c.urls, c.inside) {
		return c
	}
	// Nothing of it ever runs, so it counts where it is written for.
	clear(c.memo)
	c.always = pol.key == ""
	for _, path := range ownPaths(pol) {
		for _, base := range c.bases {
			c.memo[base+path] = true
		}
	}
	return c
}

// ownPaths are examples of the paths in a policy's own matchers.
func ownPaths(p *policy) []string {
	return paths(&site{}, p.lines)[:max(0, len(paths(&site{}, p.lines))-2)]
}
