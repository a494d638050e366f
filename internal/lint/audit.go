package lint

import (
	"net/http"
	"slices"
)

// audit is the work on one site.
type audit struct {
	site  *site
	rule  *Rule // the one at work
	found []Finding

	policies  []*subject // cors handlers
	writers   []*subject // handlers that write CORS headers by hand
	varyLines []*subject // handlers that write or remove Vary
	grants    []*grant   // those without a cors handler beside them
	drafts    map[string]*draft
}

// subject is a handler with the requests that get to it.
type subject struct {
	node *node
	// inErrors: it stands in the chain of handle_errors.
	inErrors bool
	// actual and preflight get to it if nobody answers before; nil: none can.
	actual, preflight *probe
	// cors is a cors handler that governs the same requests.
	cors *node
}

// grant is an operation that sends Access-Control-Allow-Origin.
type grant struct {
	*subject
	op *op
	// audience is who is meant: the conditions on Origin on the way to it.
	audience audience
	// answer and opening are what happens to a request that gets the header,
	// and to its preflight; answer is nil if only preflights get it.
	answer, opening *trip
}

func newAudit(s *site) *audit {
	a := &audit{site: s, drafts: make(map[string]*draft)}
	for _, chain := range []struct {
		nodes  []*node
		errors bool
	}{{s.routes, false}, {s.errors, true}} {
		all(chain.nodes, func(n *node) { a.examine(chain.nodes, n, chain.errors) })
	}
	for _, v := range a.varyLines {
		v.cors = a.corsBeside(v)
	}
	for _, w := range a.writers {
		w.cors = a.corsBeside(w)
		if w.cors == nil && !w.inErrors {
			a.addGrants(w)
		}
	}
	return a
}

func (a *audit) run() []Finding {
	for i := range Rules {
		a.rule = &Rules[i]
		a.rule.check(a)
	}
	return a.found
}

// examine notes a handler that has to do with CORS.
func (a *audit) examine(routes []*node, n *node, inErrors bool) {
	writes := slices.ContainsFunc(n.ops, (*op).isCORS)
	varies := n.kind == header && slices.ContainsFunc(n.ops, (*op).losesOrigin)
	if n.kind != policy && !writes && !varies {
		return
	}
	sub := &subject{node: n, inErrors: inErrors}
	if p, ok := a.site.actual(routes, n); ok {
		sub.actual = &p
	}
	if p, ok := a.site.reach(routes, n, http.MethodOptions); ok && p.origin != "" {
		sub.preflight = &p
	}
	if n.kind == policy {
		a.policies = append(a.policies, sub)
	}
	if writes {
		a.writers = append(a.writers, sub)
	}
	if varies {
		vary := *sub
		a.varyLines = append(a.varyLines, &vary)
	}
}

// corsBeside finds the cors handler that meets the same requests. One in the
// main chain also meets requests that fail later.
func (a *audit) corsBeside(w *subject) *node {
	for _, p := range []*probe{w.actual, w.preflight} {
		if p == nil {
			continue
		}
		via := w.node
		if w.inErrors {
			if c := governing(sendThrough(a.site.errors, *p, via)); c != nil {
				return c
			}
			via = nil
		}
		if c := governing(sendThrough(a.site.routes, *p, via)); c != nil {
			return c
		}
	}
	return nil
}

// governing is the first cors handler on a trip that does anything.
func governing(t *trip) *node {
	for _, s := range t.steps {
		if s.sure && s.node.kind == policy && !s.node.cors.reportOnly {
			return s.node
		}
	}
	return nil
}

func (a *audit) addGrants(w *subject) {
	for _, o := range w.node.ops {
		if !o.sends(allowOrigin) {
			continue
		}
		g := &grant{subject: w, op: o}
		p := w.actual
		if p != nil {
			g.answer = send(a.site.routes, *p, w.node, nil)
		} else if p = w.preflight; p == nil {
			continue
		}
		g.opening = a.opening(*p, w.node, nil)
		g.audience = a.audienceOf(g)
		a.grants = append(a.grants, g)
	}
}

// opening is the trip of the preflight for a request.
func (a *audit) opening(p probe, via *node, skip func(*node) bool) *trip {
	if p.origin == "" {
		p.origin = anyOrigin
	}
	return send(a.site.routes, p.asPreflight(), via, skip)
}

// report adds a finding of the rule at work.
func (a *audit) report(at place, f Finding) {
	f.ID = a.rule.ID
	f.File, f.Line, f.Path = at.file, at.line, at.path
	f.Site = a.site.name
	a.found = append(a.found, f)
}

// reportPolicy adds a finding about a hand-written policy, with the block that
// replaces all of it.
func (a *audit) reportPolicy(at place, sub *subject, f Finding) {
	d := a.draftFor(sub)
	f.Instead = d.lines(at.path != "")
	f.Cure += d.cure(at.path != "")
	a.report(at, f)
}
