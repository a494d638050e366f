package lint

import (
	"fmt"
	"strings"
)

// These rules look at hand-written policies: lines that send
// Access-Control-Allow-Origin where no cors handler governs.

func isTrue(v string) bool { return v == "true" }

func isStar(v string) bool { return strings.TrimSpace(v) == "*" }

// credentials tells whether an answer of the grant certainly allows them.
func (g *grant) credentials() bool {
	for _, t := range []*trip{g.answer, g.opening} {
		if t != nil {
			if _, sure := t.sends(allowCredentials, isTrue); sure {
				return true
			}
		}
	}
	return false
}

func reflectsAnyOrigin(a *audit) {
	for _, g := range a.grants {
		k := a.kindOf(g)
		if !g.audience.everybody() || k != reflection && k != derived || k == derived && !g.audience.open {
			continue
		}
		f := Finding{
			Problem: fmt.Sprintf("`%s` repeats the Origin of whoever asks", g.op),
			Effect:  "every page on the web can read the answers, in every browser, as with * but out of sight",
			Cure:    "list the origins that you trust, or say * if everybody may read",
		}
		if g.credentials() {
			f.Problem += ", with `" + allowCredentials + " true`"
			f.Effect = "every page on the web can send requests with your users' cookies and read the answers, in every browser that sends third-party cookies"
			f.Cure = "list the origins that you trust"
		}
		a.reportPolicy(g.op.at, g.subject, f)
	}
}

func starWithCredentials(a *audit) {
	for _, g := range a.grants {
		if a.kindOf(g) != star || !g.credentials() {
			continue
		}
		a.reportPolicy(g.op.at, g.subject, Finding{
			Problem: fmt.Sprintf("`%s` together with `%s true`", g.op, allowCredentials),
			Effect:  "every browser blocks requests with credentials: with them, * is no wildcard",
			Cure:    "list the origins that need credentials, or drop credentials",
		})
	}
}

func starListWithCredentials(a *audit) {
	for _, g := range a.grants {
		if a.kindOf(g) == star || !g.credentials() {
			continue
		}
		for _, name := range []string{allowMethods, allowHeaders, exposeHeaders} {
			o := g.find(name, isStar)
			if o == nil {
				continue
			}
			a.reportPolicy(o.at, g.subject, Finding{
				Problem: fmt.Sprintf("`%s` together with `%s true`", o, allowCredentials),
				Effect:  "for requests with credentials every browser takes * for a method or header of that name, and blocks or hides all others",
				Cure:    "list the names",
			})
		}
	}
}

// find returns the operation that gives a header a value, in the answer or in
// that to the preflight.
func (g *grant) find(name string, meets func(string) bool) *op {
	for _, t := range []*trip{g.opening, g.answer} {
		if t != nil {
			if o, sure := t.sends(name, meets); sure {
				return o
			}
		}
	}
	return nil
}

func fixedOrigin(a *audit) {
	for _, g := range a.grants {
		v := strings.TrimSpace(g.op.value)
		if a.kindOf(g) != constant || len(originTests(g.node)) > 0 || !isOneOrigin(v) {
			continue
		}
		a.reportPolicy(g.op.at, g.subject, Finding{
			Problem: fmt.Sprintf("`%s` goes to everybody, whatever their Origin", g.op),
			Effect: "it works for pages of " + v + " only: every browser blocks a second origin (www, staging, localhost), " +
				"and a second line of this kind blocks the first one too; nothing tells a refused page from an allowed one in logs",
			Cure: "let cors compare the Origin",
		})
	}
}

// isOneOrigin leaves values to the other rules that are not even that.
func isOneOrigin(v string) bool {
	return !strings.ContainsAny(v, " ,*") && whyNoOrigin(v) == ""
}

func missingVary(a *audit) {
	for _, g := range a.grants {
		if g.answer == nil || !a.varies(g) {
			continue
		}
		f := Finding{
			Problem: fmt.Sprintf("`%s` depends on the request's Origin, and no `Vary: Origin` says so", g.op),
			Effect: "caches (of a CDN, and of every browser itself) keep the copy for one origin and hand it to another, " +
				"or one that was fetched without Origin, by an <img> say: every browser then blocks it, now and then",
			Cure: "say `Vary: Origin` on every response",
		}
		if variesByOrigin(g.answer) {
			other := send(a.site.routes, g.answer.probe.from(""), nil, nil)
			if variesByOrigin(other) || other.answer == nil && other.unsure != nil {
				continue
			}
			f.Problem = fmt.Sprintf("`Vary: Origin` stands only on the responses for which `%s` is meant, not on those without or from other origins", g.op)
		}
		a.reportPolicy(g.op.at, g.subject, f)
	}
}

// variesByOrigin tells whether an answer may say Vary: Origin.
func variesByOrigin(t *trip) bool {
	o, _ := t.sends(headerVary, func(v string) bool {
		for _, name := range list(v) {
			if name == "*" || strings.EqualFold(name, headerOrigin) {
				return true
			}
		}
		return false
	})
	return o != nil
}
