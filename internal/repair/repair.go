// Package repair replaces CORS that was written by hand with a cors directive,
// and shows only what it has proved.
//
// It reads the lines of a Caddyfile that together make a policy, works out whom
// their author evidently lets in, and writes a cors block in their place. Then
// the old and the new configuration run side by side (package rehearsal), and
// are asked the same questions: the author's pages can read, also errors; nobody
// else gains anything; what an upstream decided by itself still counts, or the
// loss is named; and who sends no Origin sees no difference. There may be
// several ways to write a repair. The first that passes is taken.
package repair

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/caddy-cors/caddy-cors/internal/lint"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// Repair is what becomes of one hand-written policy.
type Repair struct {
	// Lines are those of the old policy, by file.
	Lines map[string][]int
	// Paths are JSON pointers, where there are no lines.
	Paths []string
	// Text is the directive that replaces them. Nil: there is none, or the old
	// lines only have to go.
	Text []string
	// Reason says why there is no repair. Empty: there is one.
	Reason string
	// Notes say what changes beyond what was meant, one sentence each.
	Notes []string
}

// Covers reports whether a line belongs to the old policy.
func (r *Repair) Covers(file string, line int) bool { return slices.Contains(r.Lines[file], line) }

// Result has the repairs of a configuration, and the texts with all of them.
type Result struct {
	Repairs []Repair
	Old     map[string]string // by file name
	New     map[string]string // only those that change
	Patch   []PatchOperation  // of a configuration in JSON
}

// job is a repair that is being worked on: the policies of all sites that share
// its lines.
type job struct {
	policies []*policy
	drafts   []*draft
	tries    []try
	losses   []string
	reason   string
	edits    []edit
	text     []string
	done     bool
}

// try is one way to repair: a plan for each policy.
type try struct {
	plans   []plan
	options []string // of the new block, about the upstream
	strict  bool     // the upstream loses nothing
}

// Options say what to repair.
type Options struct {
	// Origins are those that the user names for policies that do not say whom
	// they are for.
	Origins []string
	// Findings are what lint found. A policy without one above a note is left as
	// it is. Nil: lint was not asked, and everything is repaired.
	Findings []lint.Finding
	// Most is how many policies are repaired at most; with more, none is. Zero:
	// all are.
	Most int
}

// Caddyfile repairs a Caddyfile. The error is Caddy's.
func Caddyfile(name string, body []byte, o Options) (*Result, error) {
	w, err := open(name, body, o.Origins)
	if err != nil {
		return nil, err
	}
	defer w.before.Close()
	w.found = o.Findings
	if o.Findings != nil {
		w.jobs = slices.DeleteFunc(w.jobs, func(j *job) bool { return !j.isFound(o.Findings) })
	}
	if o.Most > 0 && len(w.jobs) > o.Most {
		w.jobs = nil
	}
	w.work()
	return w.result(), nil
}

// open reads a configuration and writes the drafts.
func open(name string, body []byte, origins []string) (*workshop, error) {
	r, err := rehearsal.Caddyfile(name, body, rehearsal.Options{})
	if err != nil {
		return nil, err
	}
	blocks, err := caddyfile.Parse(name, body)
	if err != nil {
		r.Close()
		return nil, err
	}
	w := &workshop{src: readSources(name, body), before: newStage(r)}
	sites := sitesOf(blocks, w.src)
	for _, s := range sites {
		if s.named {
			continue
		}
		w.bases = append(w.bases, w.before.bases(s)...)
	}
	w.jobs = jobsOf(sites)
	for _, j := range w.jobs {
		w.prepare(j, origins)
	}
	return w, nil
}

// workshop works on all repairs of one configuration.
type workshop struct {
	src    *sources
	before *stage
	bases  []string // of all sites
	jobs   []*job
	found  []lint.Finding // in the old configuration; nil: lint was not asked
}

// isFound reports whether one of the findings is about the lines of the job.
func (j *job) isFound(findings []lint.Finding) bool {
	return slices.ContainsFunc(findings, func(f lint.Finding) bool {
		if f.Severity == lint.Note {
			return false
		}
		places := []rehearsal.Place{{File: f.File, Line: f.Line}}
		if f.Policy != nil && f.Policy.Handler != nil {
			places = append(places, f.Policy.Handler.Place)
		} else if f.Policy != nil {
			for _, o := range f.Policy.Operations {
				places = append(places, o.Place)
			}
		}
		return slices.ContainsFunc(places, j.has)
	})
}

func (j *job) has(at rehearsal.Place) bool {
	return slices.ContainsFunc(j.policies, func(p *policy) bool {
		return slices.ContainsFunc(p.lines, func(l *line) bool {
			return l.dir.file == at.File && (l.dir.first == at.Line || l.node.first <= at.Line && at.Line <= l.node.last || l.usesMatcher(at.Line))
		})
	})
}

// usesMatcher reports whether a matcher of the line is defined in another one.
func (l *line) usesMatcher(at int) bool {
	return slices.ContainsFunc(l.conds, func(c *condition) bool { return c.def != nil && c.def.first <= at && at <= c.def.last })
}

// jobsOf joins the policies of several sites that stand in the same lines.
func jobsOf(sites []*site) (jobs []*job) {
	byLine := map[string]*job{}
	for _, s := range sites {
		for _, p := range policiesOf(s) {
			if !p.byHand() && len(p.directives()) == 0 {
				continue
			}
			var j *job
			for _, l := range p.lines {
				if other := byLine[l.at()]; other != nil {
					j = other
				}
			}
			if j == nil {
				j = &job{}
				jobs = append(jobs, j)
			}
			j.policies = append(j.policies, p)
			for _, l := range p.lines {
				byLine[l.at()] = j
			}
		}
	}
	return jobs
}

func (l *line) at() string { return fmt.Sprint(l.node.file, ":", l.node.first) }

// prepare writes the drafts and lists what can be tried.
func (w *workshop) prepare(j *job, origins []string) {
	var ways [][]plan
	for _, p := range j.policies {
		if slices.ContainsFunc(p.lines, (*line).tangled) {
			j.reason = "its matcher decides about origins together with something else; put the origins into cors by hand"
			return
		}
		d, reason := w.draft(p, origins)
		if reason != "" {
			j.reason = reason
			return
		}
		j.drafts = append(j.drafts, d)
		ways = append(ways, p.plans())
	}
	for _, strict := range []bool{true, false} {
		for _, plans := range combine(ways) {
			for _, options := range w.upstreamOptions(j, strict) {
				j.tries = append(j.tries, try{strict: strict, options: options, plans: plans})
			}
		}
	}
}

// combine lists the ways to choose a plan for each policy. Of many policies all
// take the same one: they are sites that import the same lines.
func combine(ways [][]plan) (all [][]plan) {
	if len(ways) > 3 {
		n := len(ways[0])
		for _, way := range ways {
			n = min(n, len(way))
		}
		for i := range n {
			var plans []plan
			for _, way := range ways {
				plans = append(plans, way[i])
			}
			all = append(all, plans)
		}
		return all
	}
	all = [][]plan{nil}
	for _, way := range ways {
		var longer [][]plan
		for _, pl := range way {
			for _, before := range all {
				longer = append(longer, append(slices.Clone(before), pl))
			}
		}
		all = longer
	}
	return all
}

// upstreamOptions are what the new block may say of the upstream, best first.
func (w *workshop) upstreamOptions(j *job, strict bool) [][]string {
	decides := slices.ContainsFunc(j.policies, func(p *policy) bool { return len(p.directives()) > 0 })
	keep, forward := []string{"upstream keep"}, []string{"upstream keep", "preflight forward"}
	switch {
	case !decides && strict && slices.ContainsFunc(j.policies, (*policy).yields):
		return [][]string{keep, forward, nil}
	default:
		return [][]string{nil}
	}
}

// draft is the new directive, or what one says that is there already.
func (w *workshop) draft(p *policy, origins []string) (*draft, string) {
	if ds := p.directives(); len(ds) > 0 {
		if len(ds) > 1 {
			return nil, "several cors directives stand in one place; the first one decides"
		}
		return directiveDraft(ds[0].node), ""
	}
	return p.draftOf(origins)
}

// directiveDraft reads whom a cors directive lets in.
func directiveDraft(n *node) *draft {
	in := &intent{methods: []string{}, headers: []string{}} // of what it may do, only reading is asked
	lists := [][]string{n.args()}
	for _, o := range n.children {
		switch o.name() {
		case "origins", "origin", "allowed_origins":
			lists = append(lists, o.words[1:])
		case "credentials", "allow_credentials":
			in.credentials = len(o.words) == 1 || o.words[1] == "true"
		}
	}
	d := &draft{}
	for _, list := range lists {
		for _, v := range list {
			for _, o := range splitList(v) {
				in.claim(claim{text: o, value: o})
				if o == "*" {
					d.readers = append(d.readers, reader{origin: "https://anyone.example", everybody: true, methods: in.methods, headers: in.headers})
				}
			}
		}
	}
	for _, o := range in.origins {
		d.read(o, in)
	}
	return d
}

// yields reports whether the upstream's word comes first in the old lines.
func (p *policy) yields() bool {
	return !slices.ContainsFunc(p.lines, func(l *line) bool {
		return l.verb == sets && l.field == "Access-Control-Allow-Origin" && !l.ifMissing && !l.onlyOptions()
	})
}

// plans are the ways to write a policy, the nearest first.
func (p *policy) plans() (list []plan) {
	if ds := p.directives(); len(ds) > 0 {
		l := ds[0]
		cut := slices.ContainsFunc(l.conds, func(c *condition) bool { return c.cut })
		inRoute := l.node.parent != nil && l.node.parent.name() == "route"
		switch {
		case cut || inRoute:
			return []plan{{target: l.node.parent, move: l}, {move: l}}
		case slices.ContainsFunc(p.lines, func(l *line) bool { return l.verb != decides && l.verb != supplies }):
			return []plan{{bare: true}}
		}
		return nil
	}
	var inner []plan
	for _, l := range p.lines {
		if l.verb != sets || l.field != "Access-Control-Allow-Origin" {
			continue
		}
		for b := l.node.parent; b != nil; b = b.parent {
			cut := slices.ContainsFunc(l.conds, func(c *condition) bool { return c.owner == b && c.cut })
			if blocks[b.name()] && !cut && b.name() != "handle_response" && b.name() != "handle_errors" &&
				!slices.ContainsFunc(inner, func(pl plan) bool { return pl.target == b }) {
				inner = append(inner, plan{target: b})
			}
		}
	}
	list = append(inner, plan{})
	if p.key == "" {
		list = append([]plan{{}}, inner...)
	}
	if p.key == "" && len(p.elsewhere()) > 0 {
		list = append(list, plan{avoid: true})
	}
	if slices.ContainsFunc(p.lines, (*line).onlyOptions) {
		for _, pl := range list {
			pl.leave = true
			list = append(list, pl)
		}
	}
	return list
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
func (w *workshop) advance(j *job) bool {
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
	remove = func() { os.RemoveAll(folder) }
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

// result collects what was proved.
func (w *workshop) result() *Result {
	res := &Result{Old: w.src.texts, New: map[string]string{}}
	var done []*job
	for _, j := range w.jobs {
		r := Repair{Lines: map[string][]int{}}
		for _, p := range j.policies {
			for _, l := range p.lines {
				for i := l.node.first; i <= l.node.last; i++ {
					if !slices.Contains(r.Lines[l.node.file], i) {
						r.Lines[l.node.file] = append(r.Lines[l.node.file], i)
					}
				}
			}
		}
		if j.edits == nil {
			if j.reason == "" || !slices.ContainsFunc(j.policies, (*policy).byHand) {
				continue
			}
			r.Reason = j.reason
		} else {
			done = append(done, j)
			r.Text, r.Notes = j.written(), j.notes()
		}
		res.Repairs = append(res.Repairs, r)
	}
	if edited, err := w.edited(done); err == nil {
		res.New = edited
	}
	return res
}

// origins are examples of those that stand in what is written.
func (j *job) origins() (list []string) {
	for _, e := range j.edits {
		for _, l := range e.with {
			for _, w := range strings.Fields(l) {
				if strings.Contains(w, "://") {
					list = append(list, claim{value: w}.samples()...)
				}
			}
		}
	}
	return list
}

// written is the new directive as it stands in the text.
func (j *job) written() []string {
	for _, e := range j.edits {
		if e.last < e.first {
			return e.with
		}
	}
	return nil
}

func (j *job) notes() (notes []string) {
	for _, d := range j.drafts {
		for _, n := range d.notes {
			if !slices.Contains(notes, n) {
				notes = append(notes, n)
			}
		}
	}
	if len(j.losses) > 0 {
		notes = append(notes, "what the upstream allows by itself is lost where it differs: before, "+j.losses[0]+" and could read the answer")
	}
	return notes
}

// relative is a file's name as patch wants it in the working directory.
func relative(name string) string {
	abs, err := filepath.Abs(name)
	if err != nil {
		return name
	}
	dir, err := os.Getwd()
	if err != nil {
		return name
	}
	if rel, err := filepath.Rel(dir, abs); err == nil && !strings.HasPrefix(rel, "..") {
		return rel
	}
	return name
}
