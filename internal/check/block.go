package check

import (
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/origin"
)

// UsualMethods are the methods of a policy without a line `methods`. A cure
// that adds one repeats them, since the line replaces the default.
var UsualMethods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}

// policy is a cors directive that a cure offers. It loads as it stands.
type policy struct {
	origin      string
	credentials bool
	options     []string // further lines of the block
}

// policyFor is what allows the page what it asked for.
func policyFor(page browser.Page, r browser.Request) policy {
	return policy{origin: page.Origin.String(), credentials: r.Credentials == browser.CredentialsInclude}
}

// with adds a line to the block.
func (p policy) with(option string) policy {
	p.options = append(slices.Clip(p.options), option)
	return p
}

func (p policy) lines() []string {
	var options []string
	if p.credentials {
		options = append(options, "credentials")
	}
	options = append(options, p.options...)
	if word := p.danger(); word != "" {
		options = append(options, "dangerously_allow "+word)
	}
	if len(options) == 0 {
		return []string{"cors " + p.origin}
	}
	lines := []string{"cors " + p.origin + " {"}
	for _, option := range options {
		lines = append(lines, "\t"+option)
	}
	return append(lines, "}")
}

// danger is the word without which the directive does not load; "" if it needs
// none.
func (p policy) danger() string {
	switch {
	case IsAnonymous(p.origin):
		return "null_origin"
	case p.credentials && IsPlainHTTP(p.origin):
		return "insecure_origins"
	}
	return ""
}

// IsAnonymous reports whether an origin belongs to pages of anybody, so that
// credentials are out of the question.
func IsAnonymous(origin string) bool { return origin == "null" || origin == "file://" }

// IsPlainHTTP reports whether anybody on the way can write the origin's pages:
// http, but not on this machine.
func IsPlainHTTP(s string) bool {
	o, ok := origin.Parse(s)
	return ok && o.Scheme() == "http" && !o.IsLoopback()
}

// offer ends a sentence with the directive that does what it says.
func (p policy) offer(sentence string) string {
	switch {
	case p.credentials && IsAnonymous(p.origin):
		return "no server may allow " + p.origin + " with credentials, as it is the origin of pages of anybody: " +
			"serve the page from an origin of its own, or let it ask without credentials"
	case p.credentials && IsPlainHTTP(p.origin):
		secure := p
		secure.origin = "https" + strings.TrimPrefix(p.origin, "http")
		return offer(sentence+"; but anybody on the way can write what an http page does with the user's cookies, so serve it over https", secure.lines()) +
			offer("\nor, if it must stay http, name the danger", p.lines())
	}
	return offer(sentence, p.lines())
}

// offer ends a sentence with the lines of a directive: a single one stands in backticks, a
// block on lines of its own, so that both can be pasted.
func offer(sentence string, lines []string) string {
	if len(lines) == 1 {
		return sentence + ": `" + lines[0] + "`"
	}
	return sentence + ":\n\n\t" + strings.Join(lines, "\n\t") + "\n"
}

// word writes a method or a name as one word of a Caddyfile.
func word(s string) string {
	if strings.ContainsAny(s, "#`'") {
		return `"` + s + `"`
	}
	return s
}
