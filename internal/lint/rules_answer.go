package lint

import (
	"fmt"
	"slices"
)

// These rules look at what becomes of hand-written headers on their way: in
// errors, beside those of an upstream, in blocks that exclude each other.

func lostOnErrors(a *audit) {
	for _, g := range a.grants {
		if g.answer == nil || !g.op.deferred {
			continue
		}
		failing := canFail(g.answer)
		if failing == nil || a.errorsGrant(g) || g.alsoAtOnce() {
			continue
		}
		a.reportPolicy(g.op.at, g.subject, Finding{
			Problem: fmt.Sprintf("`%s` is deferred (`defer`, `>`, `?`, `-` or header_down), and `%s` (%s) can fail", g.op, failing.name, failing.at),
			Effect:  "Caddy writes errors (401, 403, 404, 413, 502) without deferred headers: in every browser the page sees a network error instead of the status",
			Cure:    "let cors write the headers: they stay on errors",
		})
	}
}

// canFail is a handler on the way that can end in an error of Caddy's.
func canFail(t *trip) *node {
	for _, s := range t.steps {
		switch s.node.kind {
		case auth, proxy, files, fail:
			if s.sure {
				return s.node
			}
		default: // cannot
		}
	}
	return nil
}

// alsoAtOnce tells whether the header is written at once as well.
func (g *grant) alsoAtOnce() bool {
	for _, s := range g.answer.steps {
		for _, o := range s.node.ops {
			if !o.deferred && o.sends(allowOrigin) {
				return true
			}
		}
	}
	return false
}

// errorsGrant tells whether the error routes send the header.
func (a *audit) errorsGrant(g *grant) bool {
	o, _ := sendThrough(a.site.errors, g.answer.probe, nil).sends(allowOrigin, func(string) bool { return true })
	return o != nil
}

func doubledByUpstream(a *audit) {
	for _, g := range a.grants {
		if g.answer == nil || g.answer.answer == nil || g.answer.answer.kind != proxy {
			continue
		}
		up := g.answer.answer
		certain, covered := upstreamOrigin(up)
		switch {
		case covered, g.op.deferred && g.op.verb != add, g.hasLastWord():
			continue
		}
		f := Finding{
			Problem: fmt.Sprintf("`%s` stands in front of `%s` (%s), which adds the upstream's own headers", g.op, up.name, up.at),
			Effect:  "if the upstream sends " + allowOrigin + " too, the response has two of them, and every browser refuses that",
			Cure:    "let cors replace the upstream's headers",
		}
		if certain != nil && certain != g.op {
			f.Problem = fmt.Sprintf("`%s` and `%s` (%s) both add the header", g.op, certain, certain.at)
			f.Effect = "the response has two values of " + allowOrigin + ", and every browser refuses that"
		}
		a.reportPolicy(g.op.at, g.subject, f)
	}
}

// upstreamOrigin tells whether a proxy certainly sends the header, and whether
// its own lines keep the upstream's away.
func upstreamOrigin(up *node) (certain *op, removed bool) {
	for _, o := range up.ops {
		if o.about(allowOrigin) {
			removed = o.verb == remove
			if o.sends(allowOrigin) {
				certain = o
			}
		}
	}
	return certain, removed
}

// hasLastWord tells whether a deferred operation replaces what comes twice.
func (g *grant) hasLastWord() bool {
	for _, s := range g.answer.steps {
		if s.node.kind == proxy {
			continue
		}
		for _, o := range s.node.ops {
			if o.deferred && o.about(allowOrigin) && (o.verb == set_ || o.verb == remove) {
				return true
			}
		}
	}
	return false
}

func emptyAnswer(a *audit) {
	for _, g := range a.grants {
		if g.answer == nil || g.answer.answer != nil || g.answer.unsure != nil || len(originTests(g.node)) == 0 {
			continue
		}
		other := send(a.site.routes, g.answer.probe.from(""), nil, nil)
		block := exclusiveBlock(g.node)
		if block == nil || other.answer == nil {
			continue
		}
		a.reportPolicy(block.at, g.subject, Finding{
			Problem: fmt.Sprintf("`%s` answers nothing, and keeps requests with that Origin from `%s` (%s): of several handle blocks only the first that matches runs", block.title(), other.answer.name, other.answer.at),
			Effect:  "pages of the allowed origins get an empty 200, in every browser",
			Cure:    "write headers outside of handle",
		})
	}
}

// exclusiveBlock is the innermost block around a node that excludes others and
// looks at Origin.
func exclusiveBlock(n *node) *node {
	for _, c := range slices.Backward(n.chain()) {
		if c.kind == group && c.set != "" && originTestsOf(c) {
			return c
		}
	}
	return nil
}
