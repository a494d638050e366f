package explain

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/check"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// Cure says what would let the page read the response, in lines to paste where lines help.
func (e *Explanation) Cure() string { return strings.TrimRight(e.cure(), "\n") }

func (e *Explanation) cure() string {
	v := e.Verdict
	switch {
	case e.readable() || errors.Is(v.Err, errNotAsked):
		return ""
	case errors.Is(v.Err, rehearsal.ErrClientCertificate):
		return certificateCure
	case errors.Is(v.Err, errElsewhere):
		return redirectCure
	case v.Err != nil && v.Reason != browser.WebSocketRefused || v.Outcome == browser.NotSent:
		return e.checkCure()
	}
	d := e.Policy()
	if d == nil {
		return e.cureWithoutPolicy()
	}
	cure, refused := cures[d.Reason]
	if !refused {
		cure = (*Explanation).cureAllowed
	}
	return cure(e, d)
}

// checkCure is the one that needs to know nothing of the configuration.
func (e *Explanation) checkCure() string { return check.Cure(e.page, e.request, e.Verdict) }

// cures is what helps against each reason that a policy has for a refusal.
var cures = map[string]func(*Explanation, *rehearsal.Decision) string{
	"origin_not_allowed": (*Explanation).cureOrigin,
	"origin_malformed":   (*Explanation).cureOrigin,
	"host_not_verified":  (*Explanation).cureOrigin,
	sourceUnavailable:    (*Explanation).cureSource,
	"method_not_allowed": (*Explanation).cureLists,
	"header_not_allowed": (*Explanation).cureLists,
	"headers_malformed":  (*Explanation).cureLists,
}

const (
	insecureCure = "serve the page over https: with credentials an http page lets everybody on its network in. " +
		"Who accepts that names the danger: "
	certificateCure = "ask for the certificate without requiring it (`mode verify_if_given` in client_auth), and refuse requests without one behind cors: " +
		"a matcher `@nocert vars {tls_client_subject} \"\"` and `error @nocert 403`"
	redirectCure = "let the page call the last URL itself; where the redirect leads to a login page, " +
		"answer 401 to requests with an Origin instead of redirecting, and let the page go to the login"
)

// tainted: a redirect to another origin has turned Origin into null.
func (e *Explanation) tainted() bool {
	from, _ := e.last().sent.Headers.Get("Origin")
	return from == "null" && !e.page.Origin.Opaque()
}

func (e *Explanation) cureTainted() string {
	const why = "a redirect to another origin turns Origin into null. Let the page call the last URL itself; " +
		"where the redirect is one to a login, answer 401 instead"
	if e.wantsCredentials() {
		return why + ": with credentials no policy can allow null"
	}
	u, _ := url.Parse(e.last().sent.URL)
	return fmt.Sprintf("%s. Without credentials a public policy in the site of %s helps, too: `cors * *`", why, u.Host)
}

// cureOrigin lets a policy allow one origin more.
func (e *Explanation) cureOrigin(d *rehearsal.Decision) string {
	o, h := e.page.Origin.String(), d.By
	if check.IsAnonymous(o) && e.wantsCredentials() {
		return e.checkCure()
	}
	if e.tainted() {
		return e.cureTainted()
	}
	p := policyOf(h)
	e.admit(p)
	danger := e.danger(p)
	if slices.Contains(WordsOf(h.Config, "except"), o) {
		return p.offer("take %s out of the `except` of the policy at %s", o, h.Place)
	}
	for _, source := range rehearsal.List(h.Config, "origins_from") {
		if rehearsal.Dig(source, "source") == "file" && len(WordsOf(h.Config, "origins")) == 0 {
			return fmt.Sprintf("write %s into the file %s (origins_from)", o, rehearsal.Dig(source, "path"))
		}
	}
	why := ""
	switch {
	case o == "null":
		why = "serve the page from an origin of its own, as null is that of every sandboxed frame, file: and data: page; or "
	case danger == "insecure_origins":
		why = insecureCure
	}
	if !p.whole {
		why += fmt.Sprintf("add the origin to the policy at %s: `origins %s`", h.Place, o)
		if danger != "" {
			why += " and `dangerously_allow " + danger + "`"
		}
		return why
	}
	return p.offer("%sallow the origin in the policy at %s", why, h.Place)
}

// cureSource: a source of origins gave no answer.
func (e *Explanation) cureSource(*rehearsal.Decision) string {
	return "see to the source of origins, or name the origin in the policy: `origins " + e.page.Origin.String() + "`"
}

// cureLists adds to the methods and headers of a policy, and keeps what is
// there.
func (e *Explanation) cureLists(d *rehearsal.Decision) string {
	p, o := policyOf(d.By), e.page.Origin.String()
	method := browser.NormalizeMethod(e.request.Method)
	if upper := strings.ToUpper(method); upper != method && slices.Contains(p.usual(o, "methods", check.UsualMethods), upper) {
		return fmt.Sprintf("write %s in the page's call: methods are case-sensitive, and %s is another one", upper, method)
	}
	var added, lines []string
	for _, l := range e.lacks(p) {
		added, lines = append(added, l.added), append(lines, l.String())
	}
	where := fmt.Sprintf("add %s of the policy at %s", strings.Join(added, " and "), d.By.Place)
	credentials := e.wantsCredentials() && !p.credentialsFor(o)
	switch {
	case len(added) == 0:
		return e.checkCure()
	case len(added) == 1 && !credentials && p.entry(o) == nil || !p.whole:
		return where + ": " + strings.Join(lines, " and ")
	case credentials:
		where += ", and credentials"
	}
	e.mend(p)
	return p.offer("%s", where)
}

// cureAllowed: the policy allows the request, and the page gets nothing all the
// same.
func (e *Explanation) cureAllowed(d *rehearsal.Decision) string {
	a, v, h := e.last().answer, e.Verdict, d.By
	byHand, preflight := handWritten(a, "access-control-allow-"), e.last().sent.Preflight
	switch text := lastWord(a, d); {
	case (v.Reason == browser.ACACNotTrue || v.Reason == browser.ACAOStarCredentials) && handWritten(a, "access-control-allow-credentials") == "":
		p, safer := policyOf(h), ""
		e.mend(p)
		if check.IsPlainHTTP(e.page.Origin.String()) {
			safer = ", serve it over https"
		}
		return p.offer("let the page ask without credentials%s, or give its origin credentials in the policy at %s", safer, h.Place)
	case h.ErrorRoute && preflight && v.Reason == browser.PreflightStatus && a.Failed != nil:
		return e.reached(h).offer("the policy at %s stands in an error route, where it leaves the error's status as it is: put one into the site, too, in front of what fails (%s)",
			h.Place, name(a.Failed))
	case h.Config["preflight"] == "forward" && preflight:
		return e.without(h, "preflight").offer("let the policy at %s answer preflights itself, without its line \"preflight forward\"", h.Place)
	case text != "":
		return text
	case byHand != "":
		return fmt.Sprintf("what is written by hand has the last word over the policy at %s: remove %s", h.Place, byHand)
	case h.Config["upstream"] == "keep":
		return e.without(h, "upstream").offer("the upstream's own headers stand, because the policy at %s says so: take the line \"upstream keep\" out of it", h.Place)
	}
	return e.checkCure()
}
