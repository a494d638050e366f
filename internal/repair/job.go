package repair

import (
	"fmt"
	"slices"

	"github.com/caddy-cors/caddy-cors/internal/lint"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// job is a repair that is being worked on: the policies of all sites that share
// its lines.
type job struct {
	policies []*policy
	drafts   []*draft
	tries    []try
	losses   []string
	reason   string
	edits    []edit
}

// try is one way to repair: a plan for each policy.
type try struct {
	plans   []plan
	options []string // of the new block, about the upstream
	strict  bool     // the upstream loses nothing
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
func (p *policy) plans() (list []plan) { //nolint:gocognit // its cases stand in the order in which they are tried
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
