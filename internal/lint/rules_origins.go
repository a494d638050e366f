package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/origin"
)

// These rules look at how hand-written policies name origins.

// whyNoOrigin says why no browser sends a value as Origin, or "".
func whyNoOrigin(v string) string {
	if strings.Contains(v, "{") {
		return ""
	}
	if _, ok := origin.Parse(v); ok {
		return ""
	}
	if _, err := origin.ParsePattern(v); err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%q is a pattern, not an origin", v)
}

func severalOriginsInValue(a *audit) {
	for _, g := range a.grants {
		v := g.op.value
		f := Finding{
			Problem: fmt.Sprintf("`%s` lists several origins", g.op),
			Effect:  "every browser compares the whole value with the page's origin, so that no page at all gets through",
			Cure:    "let cors pick the right one",
		}
		if len(originsIn(v)) < 2 {
			earlier := g.earlierLine()
			if earlier == nil {
				continue
			}
			f.Problem = fmt.Sprintf("`%s` and `%s` (%s) both stand in one response", g.op, earlier, earlier.at)
			f.Effect = "every browser refuses two values"
		}
		a.reportPolicy(g.op.at, g.subject, f)
	}
}

// earlierLine is another line that the grant, which adds, comes on top of.
func (g *grant) earlierLine() *op {
	if g.op.verb != add || g.answer == nil {
		return nil
	}
	for _, v := range g.answer.sent(allowOrigin) {
		if v.op == g.op {
			return nil
		}
		if v.sure && v.node.kind == g.node.kind {
			return v.op
		}
	}
	return nil
}

func originsIn(v string) []string {
	return slices.DeleteFunc(strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' || r == ';' || r == '|' }),
		func(s string) bool { return !strings.Contains(s, "://") && s != "*" && s != "null" })
}

func wildcardInValue(a *audit) {
	for _, g := range a.grants {
		v := strings.TrimSpace(g.op.value)
		if len(originsIn(v)) > 1 || v == "*" || !strings.Contains(v, "*") {
			continue
		}
		a.reportPolicy(g.op.at, g.subject, Finding{
			Problem: fmt.Sprintf("`%s` has a wildcard inside", g.op),
			Effect:  "no browser knows wildcards here: every one compares letter by letter, so that no page gets through",
			Cure:    "let cors compare patterns",
		})
	}
	a.eachOriginTest(func(g *grant, t *test, v string) {
		if t.kind != "header" || !strings.Contains(strings.Trim(v, "*"), "*") {
			return
		}
		a.reportPolicy(t.at, g.subject, Finding{
			Problem: fmt.Sprintf("%s has a * in the middle", t.quote(v)),
			Effect:  "Caddy's header matcher knows * only at the ends, so that nobody's Origin matches and every browser blocks",
			Cure:    "let cors compare patterns",
		})
	})
}

// eachOriginTest visits the conditions on Origin of hand-written policies.
func (a *audit) eachOriginTest(visit func(g *grant, t *test, v string)) {
	seen := make(map[string]bool)
	for _, g := range a.grants {
		for i := range g.audience.tests {
			t := &g.audience.tests[i]
			for _, v := range t.values {
				key := t.at.String() + t.at.file + v
				if !seen[key] {
					seen[key] = true
					visit(g, t, v)
				}
			}
		}
	}
}

func notAnOrigin(a *audit) {
	for _, g := range a.grants {
		v := strings.TrimSpace(g.op.value)
		why := whyNoOrigin(v)
		if a.kindOf(g) != constant || why == "" || len(originsIn(v)) > 1 || strings.Contains(v, "*") {
			continue
		}
		a.reportPolicy(g.op.at, g.subject, Finding{
			Problem: fmt.Sprintf("`%s`: %s", g.op, why),
			Effect:  "every browser compares it with the page's origin letter by letter, so that no page gets through",
			Cure:    "write the origin as browsers send it",
		})
	}
	a.eachOriginTest(func(g *grant, t *test, v string) {
		why := whyNoOrigin(v)
		if t.kind != "header" || strings.Contains(strings.TrimPrefix(v, "~"), "*") && !strings.HasPrefix(v, "~") || v == "null" || why == "" {
			return
		}
		if strings.HasPrefix(v, "~") {
			why = "an expression belongs in header_regexp; here the tilde is part of the value"
		}
		a.reportPolicy(t.at, g.subject, Finding{
			Problem: fmt.Sprintf("%s: %s", t.quote(v), why),
			Effect:  "no browser ever sends that, so that the matcher never matches and every page is blocked",
			Cure:    "write the origin as browsers send it",
		})
	})
}

func nullOrigin(a *audit) {
	for _, g := range a.grants {
		if a.kindOf(g) != null {
			continue
		}
		a.reportPolicy(g.op.at, g.subject, Finding{
			Problem: fmt.Sprintf("`%s` allows the origin null", g.op),
			Effect:  "every site can open a sandboxed frame, whose origin is null in every browser, and read the answers; pages with an origin of their own cannot",
			Cure:    "list the origins of the pages",
		})
	}
}

func originRegexpTooWide(a *audit) {
	a.eachOriginTest(func(g *grant, t *test, v string) {
		if t.kind != "header_regexp" {
			return
		}
		example, found := acceptsUnanchored(v)
		if !found || t.letsAllIn() { // that is another rule's
			return
		}
		a.reportPolicy(t.at, g.subject, Finding{
			Problem: fmt.Sprintf("the expression `%s` also accepts %s", v, example),
			Effect:  "the owner of that name can read the answers" + withCookies(g.credentials()) + ", in every browser",
			Cure:    "begin it with ^https://, end it with $, and have a dot in front of the domain; or list origins and patterns",
		})
	})
	a.eachOriginRegexp(func(c *subject, re originRegexp) {
		// One that lets everybody in was accepted by name, or does not load.
		example, found := acceptsUnanchored("^(?:" + re.expr + ")$")
		if !found || acceptsEverybody(re.expr) {
			return
		}
		a.report(re.at, Finding{
			Problem: fmt.Sprintf("the expression `%s` also accepts %s", re.expr, example),
			Effect:  "the owner of that name can read the answers" + withCookies(c.node.cors.credentials) + ", in every browser",
			Cure:    "have a domain of your own at its end, and a dot in front of that; or list origins and patterns",
		})
	})
}

// eachOriginRegexp visits the expressions of cors handlers.
func (a *audit) eachOriginRegexp(visit func(c *subject, re originRegexp)) {
	for _, c := range a.policies {
		for _, re := range c.node.cors.regexps {
			visit(c, re)
		}
	}
}

func withCookies(credentials bool) string {
	if credentials {
		return " with your users' cookies"
	}
	return ""
}

func originRegexpDot(a *audit) {
	a.eachOriginTest(func(g *grant, t *test, v string) {
		if t.kind != "header_regexp" {
			return
		}
		fixed, found := looseDots(v)
		if !found {
			return
		}
		a.reportPolicy(t.at, g.subject, Finding{
			Problem: fmt.Sprintf("the dots of `%s` stand for any character; `%s` was meant", v, fixed),
			Effect:  "whoever registers a name that differs in that place can read the answers" + withCookies(g.credentials()) + ", in every browser",
			Cure:    "escape the dots, or list origins and patterns",
		})
	})
	a.eachOriginRegexp(func(c *subject, re originRegexp) {
		fixed, found := looseDots(re.expr)
		if !found {
			return
		}
		a.report(re.at, Finding{
			Problem: fmt.Sprintf("the dots of `%s` stand for any character; `%s` was meant", re.expr, fixed),
			Effect:  "whoever registers a name that differs in that place can read the answers" + withCookies(c.node.cors.credentials) + ", in every browser",
			Cure:    "escape the dots, or list origins and patterns",
		})
	})
}

func originGlobTooWide(a *audit) {
	a.eachOriginTest(func(g *grant, t *test, v string) {
		if t.kind != "header" {
			return
		}
		example, wide := wideGlob(v)
		if !wide {
			return
		}
		a.reportPolicy(t.at, g.subject, Finding{
			Problem: fmt.Sprintf("%s also accepts %s", t.quote(v), example),
			Effect:  "the owner of that name can read the answers" + withCookies(g.credentials()) + ", in every browser",
			Cure:    "list origins and patterns",
		})
	})
}
