package explain

import (
	"net/http"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/check"
	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// What a policy must have to let the page's request in.

// newPolicy is one for the page.
func (e *Explanation) newPolicy() *policy {
	p := &policy{whole: true, config: map[string]any{}}
	e.admit(p)
	return p
}

// reached is a policy of the file as it has to stand where requests come to it:
// without its matcher, and with the page's origin.
func (e *Explanation) reached(h *rehearsal.Handler) *policy {
	p := policyOf(h)
	if p.matcher = ""; !p.whole {
		return e.newPolicy()
	}
	e.admit(p)
	return p
}

// without is a policy of the file without an option, and with the page's origin.
func (e *Explanation) without(h *rehearsal.Handler, option string) *policy {
	p := policyOf(h, option)
	e.admit(p)
	return p
}

// admit gives a policy all that the page needs.
func (e *Explanation) admit(p *policy) {
	p.allow(e.page.Origin.String())
	e.mend(p)
}

// mend gives a policy all that the page's request needs, its origin apart.
func (e *Explanation) mend(p *policy) {
	o := e.page.Origin.String()
	for _, l := range e.lacks(p) {
		p.of(o, l.option)[l.option] = l.words
	}
	if e.wantsCredentials() && !p.credentialsFor(o) {
		p.credential(o)
	}
	p.danger(e.danger(p))
}

// danger is the word that a policy needs that lets the page in.
func (e *Explanation) danger(p *policy) string {
	switch o := e.page.Origin.String(); {
	case check.IsAnonymous(o):
		return "null_origin"
	case check.IsPlainHTTP(o) && (e.wantsCredentials() || p.credentialsFor(o)):
		return "insecure_origins"
	}
	return ""
}

func (e *Explanation) wantsCredentials() bool {
	return e.request.Credentials == browser.CredentialsInclude && e.request.Mode != browser.ModeWebSocket
}

// lack is an option that does not have all that the request needs.
type lack struct {
	option string
	words  []string // the whole list that it needs
	added  string   // what is new in it, in words
}

func (l *lack) String() string { return "`" + option(l.option, l.words) + "`" }

func (e *Explanation) lacks(p *policy) (all []lack) {
	o := e.page.Origin.String()
	method := browser.NormalizeMethod(e.request.Method)
	if listed := p.usual(o, "methods", check.UsualMethods); method != "" && !httpwords.IsSafelistedMethod(method) && browser.IsMethod(method) &&
		!slices.ContainsFunc(listed, func(m string) bool { return m == method || m == "*" || m == strings.ToUpper(method) }) {
		all = append(all, lack{"methods", append(listed, method), method + " to the methods"})
	}
	listed := p.usual(o, "headers", []string{"*", "Authorization"})
	star := slices.Contains(listed, "*")
	var missing []string
	for _, unsafe := range browser.UnsafeRequestHeaderNames(e.request.Headers) {
		name := http.CanonicalHeaderKey(unsafe)
		if (!star || name == "Authorization") && !slices.ContainsFunc(listed, func(n string) bool { return strings.EqualFold(n, name) }) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		added := strings.Join(missing, ", ") + " to the headers"
		if star {
			added += " (the * never covers Authorization)"
		}
		all = append(all, lack{"headers", append(listed, missing...), added})
	}
	return all
}
