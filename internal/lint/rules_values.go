package lint

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// These rules look at single values that browsers cannot use.

// eachOp visits the hand-written operations on a header.
func (a *audit) eachOp(name string, visit func(*subject, *op)) {
	for _, w := range a.writers {
		if w.cors != nil {
			continue
		}
		for _, o := range w.node.ops {
			if o.sends(name) {
				visit(w, o)
			}
		}
	}
}

func allowHeadersStar(a *audit) {
	for _, g := range a.grants {
		o := g.find(allowHeaders, func(v string) bool { return slices.Contains(list(v), "*") })
		if o == nil || g.credentials() || a.listsAuthorization(g) || !g.mayNeedAuthorization() {
			continue
		}
		a.reportPolicy(o.at, g.subject, Finding{
			Problem: fmt.Sprintf("`%s` does not cover Authorization", o),
			Effect:  "browsers that follow the standard block every request with an Authorization header; older ones only warn",
			Cure:    "list Authorization too, as cors does unless told otherwise",
		})
	}
}

func (a *audit) listsAuthorization(g *grant) bool {
	return g.find(allowHeaders, func(v string) bool {
		return slices.ContainsFunc(list(v), func(s string) bool { return strings.EqualFold(s, "Authorization") })
	}) != nil
}

// mayNeedAuthorization: a site of files needs none.
func (g *grant) mayNeedAuthorization() bool {
	t := g.answer
	if t == nil {
		t = g.opening
	}
	return t.first(auth) != nil || t.first(proxy) != nil
}

func methodsLowerCase(a *audit) {
	a.eachOp(allowMethods, func(w *subject, o *op) {
		for _, m := range list(o.value) {
			upper := strings.ToUpper(m)
			if m == upper || !slices.Contains([]string{"PUT", "PATCH", "DELETE"}, upper) {
				continue
			}
			a.reportPolicy(o.at, w, Finding{
				Problem: fmt.Sprintf("`%s`: %s is not %s", o, m, upper),
				Effect:  "methods are case-sensitive: every browser sends " + upper + ", finds it not listed, and blocks the request",
				Cure:    "write methods in capitals",
			})
			return
		}
	})
}

func maxAgeValue(a *audit) {
	a.eachOp(maxAge, func(w *subject, o *op) {
		n, err := strconv.ParseInt(o.value, 10, 64)
		f := Finding{Cure: "write at most 86400, in seconds"}
		switch {
		case strings.Contains(o.value, "{") || err == nil && n <= maxUsefulAge:
			return
		case err != nil:
			f.Problem = fmt.Sprintf("`%s` is not a number of seconds", o)
			f.Effect = "browsers ignore it and keep the answer to a preflight for 5 seconds only"
		default:
			f.Problem = fmt.Sprintf("`%s` is longer than any browser keeps", o)
			f.Effect = "Firefox keeps 86400 seconds, Chromium 7200, Safari 600; the rest is without effect"
		}
		a.reportPolicy(o.at, w, f)
	})
}

func credentialsValue(a *audit) {
	a.eachOp(allowCredentials, func(w *subject, o *op) {
		if o.value == "true" || o.value == "false" || strings.Contains(o.value, "{") {
			return
		}
		a.reportPolicy(o.at, w, Finding{
			Problem: fmt.Sprintf("`%s`: the only value that counts is true, in lower case", o),
			Effect:  "every browser blocks requests with credentials",
			Cure:    "write true, or remove the line",
		})
	})
}

func unknownCORSHeader(a *audit) {
	for _, w := range a.writers {
		if w.cors != nil {
			continue
		}
		for _, o := range w.node.ops {
			if !isCORS(o.name) || o.verb == remove || o.verb == replace || slices.Contains(knownHeaders, o.name) {
				continue
			}
			a.reportPolicy(o.at, w, Finding{
				Problem: fmt.Sprintf("`%s`: there is no such header in responses", o),
				Effect:  "every browser ignores it, and what it should allow stays forbidden",
				Cure:    "write " + nearestHeader(o.name) + " instead",
			})
		}
	}
}

// nearestHeader is the header that was meant: the names differ in an s, an "ed"
// or the word in front.
func nearestHeader(name string) string {
	lower := strings.ToLower(name)
	for word, right := range map[string]string{
		"origin": allowOrigin, "credential": allowCredentials, "method": allowMethods,
		"expose": exposeHeaders, "age": maxAge,
	} {
		if strings.Contains(lower, word) {
			return right
		}
	}
	return allowHeaders
}
