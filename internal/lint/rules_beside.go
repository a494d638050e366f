package lint

import (
	"fmt"
	"slices"
	"strings"
)

func headerBesideCors(a *audit) {
	for _, w := range a.writers {
		if w.cors == nil || w.node.kind == proxy {
			continue
		}
		ops := corsOps(w.node)
		a.report(ops[0].at, Finding{
			Problem: fmt.Sprintf("`%s` writes %s where `%s` governs (%s)", w.node.name, quoteOps(ops), w.cors.name, w.cors.at),
			Effect:  a.effectBeside(w, ops[0]),
			Cure:    "delete it; what it should add belongs in the cors block, as credentials, methods, headers, expose or max_age",
		})
	}
}

// effectBeside says what a header line does to the answers of cors.
func (a *audit) effectBeside(w *subject, o *op) string {
	inside := a.inside(w)
	switch {
	case w.inErrors && !a.inErrors(w.cors):
		return "on error pages it has the last word: cors has done its part by then, and every browser judges by this line"
	case !o.deferred && w.cors.cors.keep && inside:
		return "with `upstream keep` cors takes it for the upstream's and leaves it alone, so that it decides in every browser"
	case !o.deferred || inside:
		return "none in any browser: cors replaces it on every response"
	}
	switch o.verb {
	case add:
		return "it is deferred, so it comes on top of what cors sends: every browser refuses two values"
	case remove:
		return "it is deferred, so it removes what cors sends: every browser refuses the response"
	case fallback:
		return "it fills in where cors sends nothing on purpose: refused origins are let in, in every browser"
	default:
		return "it is deferred, so it replaces what cors sends: every browser judges by this line, and all other origins are refused or let in wrongly"
	}
}

// inside tells whether a handler stands behind the cors handler, which then
// sees what it writes.
func (a *audit) inside(w *subject) bool {
	for _, p := range []*probe{w.actual, w.preflight} {
		if p != nil {
			t := sendThrough(a.routes(w), *p, w.node)
			return t.index(w.cors) < t.index(w.node)
		}
	}
	return false
}

// routes is the chain in which a handler stands.
func (a *audit) routes(s *subject) []*node {
	if s.inErrors {
		return a.site.errors
	}
	return a.site.routes
}

func (a *audit) inErrors(n *node) bool {
	return slices.Contains(a.site.errors, n.chain()[0])
}

func headerDownBesideCors(a *audit) {
	for _, w := range a.writers {
		if w.cors == nil || w.node.kind != proxy || w.cors.cors.keep {
			continue
		}
		var ops []*op
		for _, o := range corsOps(w.node) {
			if o.verb != remove { // does no harm
				ops = append(ops, o)
			}
		}
		if len(ops) == 0 {
			continue
		}
		a.report(ops[0].at, Finding{
			Problem: fmt.Sprintf("header_down writes %s where `%s` governs (%s)", quoteOps(ops), w.cors.name, w.cors.at),
			Effect:  "none in any browser: cors replaces what comes from the upstream, these lines included",
			Cure:    "delete it; what it should add belongs in the cors block, as credentials, methods, headers, expose or max_age",
		})
	}
}

func varyBesideCors(a *audit) {
	for _, v := range a.varyLines {
		if v.cors == nil || v.cors.cors.static {
			continue
		}
		onErrors := v.inErrors && !a.inErrors(v.cors)
		for _, o := range v.node.ops {
			// What is not deferred comes before cors, which adds to it, but
			// for error pages.
			if !o.losesOrigin() || !onErrors && (!o.deferred || a.inside(v)) {
				continue
			}
			a.report(o.at, Finding{
				Problem: fmt.Sprintf("`%s` writes `%s` after `%s` (%s) has done its part", v.node.name, o, v.cors.name, v.cors.at),
				Effect:  "`Vary: Origin` is lost, so that a cache, the browser's too, gives a copy for one origin to another, where every browser blocks it",
				Cure:    "write +Vary, which adds; or remove the line",
			})
			break
		}
	}
}

func errorsWithoutCors(a *audit) {
	all(a.site.errors, func(n *node) {
		if n.kind != proxy || slices.ContainsFunc(n.ops, func(o *op) bool { return o.verb == remove && o.about(allowOrigin) }) {
			return
		}
		p, ok := a.site.actual(a.site.errors, n)
		if !ok || governing(sendThrough(a.site.errors, p, n)) != nil {
			return
		}
		c := governing(sendThrough(a.site.routes, p, nil))
		if c == nil {
			return
		}
		a.report(n.at, Finding{
			Problem: fmt.Sprintf("`%s` answers errors where `%s` (%s) governs, and cors has done its part by then", n.title(), c.name, c.at),
			Effect: "CORS headers of that upstream come on top: every browser refuses two values of Access-Control-Allow-Origin, " +
				"and refused origins get what the upstream allows them",
			Cure:    "repeat the cors directive in handle_errors, with a snippet if it is long",
			Instead: c.atTopLevel(),
		})
	})
}

func corsOps(n *node) []*op {
	var ops []*op
	for _, o := range n.ops {
		if o.isCORS() {
			ops = append(ops, o)
		}
	}
	return ops
}

func quoteOps(ops []*op) string {
	texts := make([]string, len(ops))
	for i, o := range ops {
		texts[i] = "`" + o.String() + "`"
	}
	return strings.Join(texts, ", ")
}

func preflightForwardedToAuth(a *audit) {
	for _, c := range a.policies {
		if c.inErrors || c.preflight == nil || !c.node.cors.forward {
			continue
		}
		t := send(a.site.routes, *c.preflight, c.node, nil)
		if sure, _ := t.meets(c.node); !sure || t.answer == nil || t.answer.kind != auth {
			continue
		}
		a.report(c.node.at, Finding{
			Problem: fmt.Sprintf("`preflight forward` hands preflights on, and `%s` (%s) is next", t.answer.name, t.answer.at),
			Effect:  "preflights never carry credentials, so it refuses them; every browser then blocks the request",
			Cure:    "remove `preflight forward`, so that cors answers preflights, or leave OPTIONS out of the authentication's matcher",
		})
	}
}

// firstLine is a handler's first line, shortened.
func (n *node) firstLine() string {
	text := n.title()
	if n.cors != nil {
		for i, w := range n.cors.words {
			if i == 3 {
				return text + " …"
			}
			text += " " + w
		}
	}
	return text
}
