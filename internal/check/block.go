package check

import (
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/origin"
)

// usualMethods are the methods of a policy without a line `methods`. A cure
// that adds one repeats them, since the line replaces the default.
var usualMethods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}

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

// String is the directive for the middle of a sentence, or behind it: a single
// line stands in backticks, a block on lines of its own, so that both can be
// pasted.
func (p policy) String() string {
	lines := p.lines()
	if len(lines) == 1 {
		return "`" + lines[0] + "`"
	}
	return "\n\n\t" + strings.Join(lines, "\n\t") + "\n"
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
	case isAnonymous(p.origin):
		return "null_origin"
	case p.credentials && IsPlainHTTP(p.origin):
		return "insecure_origins"
	}
	return ""
}

// isAnonymous reports whether an origin belongs to pages of anybody, so that
// credentials are out of the question.
func isAnonymous(origin string) bool { return origin == "null" || origin == "file://" }

// IsPlainHTTP reports whether anybody on the way can write the origin's pages:
// http, but not on this machine.
func IsPlainHTTP(s string) bool {
	o, ok := origin.Parse(s)
	return ok && o.Scheme() == "http" && !o.IsLoopback()
}

// offer ends a sentence with the directive that does what it says.
func (p policy) offer(sentence string) string {
	switch {
	case p.credentials && isAnonymous(p.origin):
		return "no server may allow " + p.origin + " with credentials, as it is the origin of pages of anybody: " +
			"serve the page from an origin of its own, or let it ask without credentials"
	case p.credentials && IsPlainHTTP(p.origin):
		secure := p
		secure.origin = "https" + strings.TrimPrefix(p.origin, "http")
		return sentence + "; but anybody on the way can write what an http page does with the user's cookies, so serve it over https:" +
			secure.String() + "\nor, if it must stay http, name the danger:" + p.String()
	}
	lines := p.String()
	if strings.HasPrefix(lines, "\n") {
		return sentence + ":" + lines
	}
	return sentence + ": " + lines
}

// word writes a method or a name as one word of a Caddyfile.
func word(s string) string {
	if strings.ContainsAny(s, "#`'") {
		return `"` + s + `"`
	}
	return s
}
