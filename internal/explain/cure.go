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
func (e *Explanation) Cure() string {
	return strings.TrimRight(strings.ReplaceAll(e.cure(), ": \n", ":\n"), "\n")
}

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
		return check.Cure(e.page, e.request, v)
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

// cures is what helps against each reason that a policy has for a refusal.
var cures = map[string]func(*Explanation, *rehearsal.Decision) string{
	"origin_not_allowed": (*Explanation).cureOrigin,
	"origin_malformed":   (*Explanation).cureOrigin,
	"host_not_verified":  (*Explanation).cureOrigin,
	"source_unavailable": (*Explanation).cureSource,
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

// cureWithoutPolicy proposes a line of cors: nothing governs the request.
func (e *Explanation) cureWithoutPolicy() string {
	for _, cure := range []func() string{e.cureWithoutSite, e.cureHandshake, e.cureReportOnly} {
		if text := cure(); text != "" {
			return text
		}
	}
	last := e.last()
	status := last.answer.Status
	from, _ := last.sent.Headers.Get("Origin")
	redirected := isRedirect(status)
	switch {
	case from == "null" && e.page.Origin.String() != "null":
		return e.cureTainted()
	case e.page.Origin.String() == "null":
		return check.Cure(e.page, e.request, e.Verdict)
	case redirected && e.Verdict.Reason == browser.PreflightRedirect && toHTTPS(last):
		return "browsers follow no redirect of a preflight: let the page call the https URL"
	case redirected && !last.sent.Preflight && toHTTPS(last):
		return "let the page call the https URL: the redirect to it carries no CORS header"
	case redirected:
		return "let the page call the URL that the redirect names, or put a policy before the redirect: " + e.policyText()
	}
	var b strings.Builder
	if e.insecure() && e.wantsCredentials() {
		b.WriteString(insecureCure)
	}
	if text := e.cureTooLate(); text != "" {
		b.WriteString(text)
		return b.String()
	}
	b.WriteString("put a policy into the site")
	if w := handWritten(last.answer); w != "" {
		fmt.Fprintf(&b, " in place of what is written by hand, %s", w)
	}
	fmt.Fprintf(&b, ": %s", e.policyText())
	return b.String()
}

// cureTainted: a redirect to another origin has turned Origin into null.
func (e *Explanation) cureTainted() string {
	const why = "a redirect to another origin turns Origin into null. Let the page call the last URL itself; " +
		"where the redirect is one to a login, answer 401 instead"
	if e.request.Credentials == browser.CredentialsInclude {
		return why + ": with credentials no policy can allow null"
	}
	u, _ := url.Parse(e.last().sent.URL)
	return fmt.Sprintf("%s. Without credentials a public policy in the site of %s helps, too: `cors * *`", why, u.Host)
}

// cureOrigin lets a policy allow one origin more.
func (e *Explanation) cureOrigin(d *rehearsal.Decision) string {
	o := e.page.Origin.String()
	where := fmt.Sprintf("the policy at %s", d.By.Place)
	opaque := o == "null" || o == "file://"
	if opaque && e.wantsCredentials() {
		return check.Cure(e.page, e.request, e.Verdict)
	}
	if from, _ := e.last().sent.Headers.Get("Origin"); from == "null" && !opaque {
		return e.cureTainted()
	}
	if slices.Contains(wordsOf(d.By.Config, "except"), o) {
		p := policyOf(d.By)
		p.allow(o, false, "")
		e.mend(p)
		return fmt.Sprintf("take %s out of the `except` of %s%s", o, where, textOrNothing(p))
	}
	if file := fileSource(d.By.Config); file != "" && len(wordsOf(d.By.Config, "origins")) == 0 {
		return fmt.Sprintf("write %s into the file %s (origins_from)", o, file)
	}
	p := policyOf(d.By)
	why, danger := "", ""
	switch {
	case o == "null":
		why, danger = "serve the page from an origin of its own, as null is that of every sandboxed frame, file: and data: page; or ", "null_origin"
	case opaque:
		danger = "null_origin"
	case e.insecure() && (p.credentials() || e.wantsCredentials()):
		why, danger = insecureCure, "insecure_origins"
	}
	p.allow(o, e.wantsCredentials(), danger)
	e.mend(p)
	if !p.whole {
		return fmt.Sprintf("%sadd the origin to %s: %s", why, where, p.options(o, danger))
	}
	return fmt.Sprintf("%sallow the origin in %s: %s", why, where, p.text())
}

// cureSource: a source of origins gave no answer.
func (e *Explanation) cureSource(*rehearsal.Decision) string {
	return "see to the source of origins, or name the origin in the policy: `origins " + e.page.Origin.String() + "`"
}

// insecure: an http page that is not on this machine.
func (e *Explanation) insecure() bool { return check.IsPlainHTTP(e.page.Origin.String()) }

// danger is the word that a policy needs that gives the page credentials.
func (e *Explanation) danger() string {
	if e.insecure() {
		return "insecure_origins"
	}
	return ""
}

func (e *Explanation) wantsCredentials() bool {
	return e.request.Credentials == browser.CredentialsInclude && e.request.Mode != browser.ModeWebSocket
}

func fileSource(config map[string]any) string {
	for _, source := range rehearsal.List(config, "origins_from") {
		if rehearsal.Dig(source, "source") == "file" {
			return strings.Join(rehearsal.Words(source, "path"), "")
		}
	}
	return ""
}

// cureAllowed: the policy allows the request, and the page gets nothing all the
// same.
func (e *Explanation) cureAllowed(d *rehearsal.Decision) string {
	a, v := e.last().answer, e.Verdict
	if v.Reason == browser.ACACNotTrue || v.Reason == browser.ACAOStarCredentials {
		if w := writers(a, "access-control-allow-credentials"); len(w) == 0 {
			p := policyOf(d.By)
			e.mend(p)
			if e.insecure() {
				return "let the page ask without credentials, serve it over https, or accept the danger by name: " + p.text()
			}
			return "let the page ask without credentials, or give its origin credentials: " + p.text()
		}
	}
	switch preflight := e.last().sent.Preflight; {
	case d.By.ErrorRoute && preflight && v.Reason == browser.PreflightStatus:
		return fmt.Sprintf("the policy at %s stands in an error route, where it leaves the error's status as it is: put one into the site, too, in front of what fails (%s)%s",
			d.By.Place, failing(a), e.reached(d.By))
	case d.By.Config["preflight"] == "forward" && preflight:
		return fmt.Sprintf("let the policy at %s answer preflights itself, without its line \"preflight forward\"%s", d.By.Place, e.without(d.By, "preflight"))
	}
	if text := lastWord(a, d); text != "" {
		return text
	}
	if w := handWritten(a); w != "" {
		return fmt.Sprintf("%s, written by hand, has the last word over the policy at %s: remove it", w, d.By.Place)
	}
	if d.By.Config["upstream"] == "keep" {
		return fmt.Sprintf("the upstream's own headers stand, because the policy at %s says so: take the line \"upstream keep\" out of it%s", d.By.Place, e.without(d.By, "upstream"))
	}
	return check.Cure(e.page, e.request, v)
}

func isRedirect(status int) bool { return status >= 300 && status < 400 && status != 304 }

// toHTTPS: the same URL on https, as Caddy redirects by itself.
func toHTTPS(s *step) bool {
	to, err := url.Parse(s.answer.Header.Get("Location"))
	from, err2 := url.Parse(s.sent.URL)
	return err == nil && err2 == nil && from.Scheme == "http" && to.Scheme == "https" && to.Hostname() == from.Hostname() && to.Path == from.Path
}
