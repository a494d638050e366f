package repair

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/lint"
	"github.com/caddy-cors/caddy-cors/internal/matrix"
)

// job is a repair that is being worked on: the policies of all sites that share
// its lines.
type job struct {
	policies []*policy
	drafts   []*draft
	all      []try
	tries    []try      // those that are left
	claims   []*claimed // of the try that was proved last
	hindered bool       // a try failed beside one of another job of the same site that failed too
	reason   string
	strict   bool // the reason is of a try that let the upstream lose nothing: any other says more
	edits    []edit
	text     []string // of the new directive
	blocks   []string // all of them, where there are several
	alone    *node    // a line that is mended by itself
}

// try is one way to repair: a plan for each policy.
type try struct {
	plans   []plan
	options []string // of the new block, about the upstream
	strict  bool     // the upstream loses nothing
}

func (j *job) fail(reason string) {
	if j.reason == "" || j.reason == stuck || j.strict {
		j.reason, j.strict = reason, j.tries[0].strict
	}
	j.edits, j.text, j.tries = nil, nil, j.tries[1:]
}

// stuck is the least of reasons.
const stuck = "in this file there is no place where one `cors` would be for the same requests as these lines; write it yourself"

// jobsOf joins the policies of several sites that stand in the same lines.
func jobsOf(sites []*site) (jobs []*job) {
	byLine := map[string]*job{}
	for _, s := range sites {
		for _, p := range s.policies {
			if !p.byHand() && len(p.directives()) == 0 {
				continue
			}
			j := &job{}
			if i := slices.IndexFunc(p.lines, func(l *line) bool { return byLine[l.at()] != nil }); i >= 0 {
				j = byLine[p.lines[i].at()]
			} else {
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

func (l *line) at() string {
	if l.node == nil {
		return l.path
	}
	return fmt.Sprint(l.node.file, ":", l.node.first)
}

var variable = regexp.MustCompile(`\{\$([^{}:]+)\}`)

// withDefaults gives variables a default that closes, where lint found that
// without one the policy is wider.
func (src *sources) withDefaults(findings []lint.Finding) (jobs []*job) {
	for _, f := range findings {
		if f.ID != "variable" || src.texts[f.File] == "" {
			continue
		}
		def := "{$$$1:false}"
		if f.Text != "" && strings.HasPrefix(f.Text, "except") {
			def = "{$$$1:https://nobody.example}"
		}
		with := []string{variable.ReplaceAllString(src.line(f.File, f.Line), def)}
		n := &node{file: f.File, first: f.Line, last: f.Line}
		jobs = append(jobs, &job{alone: n, tries: []try{{}}, text: with, edits: []edit{{file: f.File, first: f.Line, last: f.Line, with: with}}})
	}
	return jobs
}

// draft writes the drafts of a job and lists what can be tried.
func (w *workshop) draft(j *job, origins []string) {
	for _, p := range j.policies {
		if slices.ContainsFunc(p.lines, (*line).tangled) {
			j.reason = p.tangle()
			return
		}
		if at := w.looksAtAnswers(p); at != "" {
			j.reason = at + " counts for some answers only, and `cors` decides before there is one; write it yourself"
			return
		}
		d, reason := p.draft(w.before, origins)
		if reason != "" {
			j.reason = reason
			return
		}
		j.drafts = append(j.drafts, d)
	}
	var ways [][]plan
	for i, p := range j.policies {
		if j.same(p, j.drafts[i]) {
			ways = append(ways, []plan{{bare: true}})
			continue
		}
		ways = append(ways, w.doc.plans(p))
	}
	for _, strict := range []bool{true, false} {
		for _, plans := range combine(ways) {
			for _, options := range j.upstreamOptions() {
				j.all = append(j.all, try{strict: strict, options: options, plans: plans})
			}
		}
	}
	j.tries = j.all
}

// looksAtAnswers is the place of a line of a policy that counts for some answers only.
// Empty: there is none. What allows origins in a handle_response is asked.
func (w *workshop) looksAtAnswers(p *policy) string {
	for _, l := range p.lines {
		for _, h := range w.before.handlers(w.before.bases(p.site), []*line{l}) {
			if matrix.LooksAtAnswer(h) || l.verb == deletes && strings.Contains(h.Path, "/handle_response/") {
				return h.Place.String()
			}
		}
	}
	return ""
}

// combine lists the ways to choose a plan for each policy. Of many policies all
// take the same one: they are sites that import the same lines.
func combine(ways [][]plan) (all [][]plan) {
	if len(ways) > 3 {
		for i := range slices.MinFunc(ways, func(a, b []plan) int { return len(a) - len(b) }) {
			plans := make([]plan, 0, len(ways))
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
				if len(before) == 0 || (before[0].imports == nil) == (pl.imports == nil) {
					longer = append(longer, append(slices.Clone(before), pl))
				}
			}
		}
		all = longer
	}
	return all
}

// upstreamOptions are what the new block may say of the upstream, best first.
func (j *job) upstreamOptions() [][]string {
	decides := slices.ContainsFunc(j.policies, func(p *policy) bool { return len(p.directives()) > 0 })
	if decides || !slices.ContainsFunc(j.policies, (*policy).yields) {
		return [][]string{nil}
	}
	byHand := slices.ContainsFunc(j.policies, func(p *policy) bool { return slices.ContainsFunc(p.lines, (*line).onlyOptions) })
	if byHand { // preflights are not the upstream's
		return [][]string{{"upstream keep"}, nil}
	}
	return [][]string{{"upstream keep"}, {"upstream keep", "preflight forward"}, nil}
}

// origins are examples of those that stand in what is written.
func (j *job) origins() (list []string) {
	for _, d := range j.drafts {
		for w := range strings.FieldsSeq(strings.Join(d.text("", claim.spelling), " ")) {
			if strings.Contains(w, "://") {
				list = appendNew(list, claim{value: w}.samples()...)
			}
		}
	}
	return list
}

// notes say what the drafts do besides, and what is lost.
func (j *job) notes() (notes []string) {
	for _, c := range j.claims {
		notes = appendNew(notes, slices.Concat(c.draft.notes, c.notes)...)
	}
	if loss := j.loss(); loss != "" {
		notes = append(notes, loss)
	}
	return notes
}

// loss says what pages lose that only the upstream allows.
func (j *job) loss() string {
	for _, c := range j.claims {
		if c.loss != "" {
			return "pages that only the upstream lets in, by CORS headers of its own, can no longer read. Example: " + c.loss
		}
	}
	return ""
}

func appendNew[T comparable](list []T, more ...T) []T {
	for _, m := range more {
		if !slices.Contains(list, m) {
			list = append(list, m)
		}
	}
	return list
}
