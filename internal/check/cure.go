package check

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/browser"
)

// Cure says in the words of the cors directive what would help; "" where no
// server can. A directive of several lines stands in lines of its own.
func Cure(page browser.Page, r browser.Request, v browser.Verdict) string {
	p := policyFor(page, r)
	switch v.Reason {
	case browser.NoAnswer, browser.PreflightNoAnswer:
		return certificateCure(v)
	case browser.PreflightStatus:
		return p.offer(preflightCure)
	case browser.PreflightRedirect:
		return redirectedPreflightCure(p, v)
	case browser.ACAMMalformed, browser.ACAHMalformed:
		return p.offer("remove the hand-written header, and let a policy write both lists")
	case browser.MethodNotAllowed:
		return methodCure(p, r, v)
	case browser.AuthNotListed:
		return p.offer("add Authorization by name, as in `headers * Authorization`; a policy without such a line has both")
	case browser.HeaderNotAllowed:
		return p.offer("add the header to those that are allowed; a policy that lists none allows all") + underscoreHint(r)
	case browser.ACAOMissing, browser.ACAOMismatch:
		return originCure(p, v)
	case browser.ACAOMultiple:
		return p.offer("two places write the header: remove hand-written `header` lines, and let one policy replace the upstream's")
	case browser.ACAOStarCredentials:
		return p.offer("browsers take no * with credentials: let the page ask without them, or allow it by name")
	case browser.ACACNotTrue:
		return p.offer("let the page ask without credentials, or allow them")
	case browser.RedirectCredentials:
		return "remove user name and password from the redirect's Location"
	case browser.RedirectLocation, browser.RedirectScheme, browser.RedirectTooMany:
		return "call the final URL instead of being redirected"
	case browser.WebSocketRefused, browser.RedirectModeError:
		return handshakeCure(p, v)
	default:
		return "" // the page's own doing
	}
}

const preflightCure = "put a policy in the site, as it answers preflights before authentication, redirects or the upstream can"

func redirectedPreflightCure(p policy, v browser.Verdict) string {
	if loginURL(v) != "" {
		return p.offer(preflightCure)
	}
	return p.offer("browsers follow no redirect of a preflight: call the URL that the redirect names (https, or with its slash), " +
		"or put a policy before what redirects")
}

// originCure looks at who answered: the header may be missing because somebody
// did that knows nothing of CORS.
func originCure(p policy, v browser.Verdict) string {
	last := lastExchange(v)
	from, _ := last.Sent.Headers.Get("Origin")
	tainted := from == "null" && p.origin != "null"
	switch status := last.Response.Status; {
	case isRedirect(status) && last.Sent.Preflight:
		return redirectedPreflightCure(p, v)
	case loginURL(v) != "":
		return loginCure(p, last)
	case isRedirect(status):
		return p.offer("call the URL that the redirect names (https, or with its slash); or put a policy in the site that redirects, too")
	case tainted:
		return taintCure(p, last)
	case last.Sent.Preflight && status > 299 && status != http.StatusForbidden: // 403: the policy itself
		return p.offer(preflightCure)
	case p.origin == "null":
		return p.offer("serve the page from an origin of its own, as null is that of every sandboxed frame, file: and data: page; or allow them all")
	case status >= http.StatusInternalServerError:
		return p.offer("repair the service that answered; with a policy in front of it, pages can read its errors too")
	case fromCache(last.Response.Headers):
		return p.offer("remove the copies from the cache, and let a policy answer, which sends Vary: Origin with every response")
	}
	if v.Reason == browser.ACAOMismatch { // a policy names the page's origin or none, so somebody else wrote it
		return p.offer("remove what writes the header by hand (`header`, `header_down` or the service), and allow the origin in a policy")
	}
	return p.offer("allow the origin")
}

// taintCure is for a request that another origin redirected.
func taintCure(p policy, last browser.Exchange) string {
	cure := "call the last URL, " + last.Sent.URL + ", without the redirect: one to another origin turns Origin into null"
	if p.credentials {
		return cure + ", which nobody may allow with credentials"
	}
	return cure + ", which only a public policy (`cors * *`) answers"
}

// loginCure is for an authentication that sends a page's request to where
// people sign in. The page cannot follow there, but can open the login itself.
func loginCure(p policy, last browser.Exchange) string {
	cure := "answer a page that is not signed in with 401 instead of a redirect to the login, so that it can open the login itself; " +
		"in a `forward_auth` for requests with an Origin these lines do that:\n\n" +
		"\t@login status 3xx\n\thandle_response @login {\n\t\terror 401\n\t}\n"
	if isRedirect(last.Response.Status) { // then the site has no policy yet
		return cure + "\n" + p.offer("and, so that the page can read the 401, put a policy in the site")
	}
	return cure
}

// methodCure keeps the usual methods and those that the answer allows already:
// a line `methods` replaces the default.
func methodCure(p policy, r browser.Request, v browser.Verdict) string {
	method := browser.NormalizeMethod(r.Method)
	methods := slices.Clone(UsualMethods)
	allowed, _ := browser.ExtractHeaderListValues(lastExchange(v).Response.Headers, "Access-Control-Allow-Methods")
	for _, m := range append(allowed, method) {
		if !slices.Contains(methods, m) && m != "*" && !browser.IsForbiddenMethod(m) {
			methods = append(methods, word(m))
		}
	}
	if len(methods) > len(UsualMethods) {
		p = p.with("methods " + strings.Join(methods, " "))
		return p.offer(fmt.Sprintf("add %s to the methods%s", method, caseHint(r.Method)))
	}
	return p.offer(fmt.Sprintf("add %s to the methods; a policy that lists none has %s", method, strings.Join(UsualMethods, ", ")))
}

func caseHint(method string) string {
	if upper := strings.ToUpper(method); browser.NormalizeMethod(method) != upper {
		return fmt.Sprintf(", or write %s in the page's call, as methods are case-sensitive", upper)
	}
	return ""
}

func underscoreHint(r browser.Request) string {
	for _, h := range r.Headers {
		if strings.Contains(h[0], "_") {
			return fmt.Sprintf("\nCaddy drops headers with an underscore in their name, so call %s otherwise.", h[0])
		}
	}
	return ""
}

// certificateCure is for a server that wants a client certificate of everybody.
func certificateCure(v browser.Verdict) string {
	if !errors.Is(v.Err, ErrClientCertificate) {
		return ""
	}
	return "browsers send no client certificate with a preflight, so the server must talk to those that have none: `mode verify_if_given` in `client_auth`, " +
		"and behind `cors` a refusal of all others:\n\n\t@nocert vars {tls_client_subject} \"\"\n\terror @nocert 403\n"
}

// handshakeCure is for WebSockets. Their server decides by itself.
func handshakeCure(p policy, v browser.Verdict) string {
	p.credentials = false // a handshake has the cookies in any case
	switch status := lastExchange(v).Response.Status; {
	case isRedirect(status):
		return "open the WebSocket at the URL that the redirect names: browsers follow no redirect of a handshake"
	case status == http.StatusForbidden:
		return p.with("enforce websockets").offer("let the server take the origin, as this policy does") +
			"\nIf the service behind refuses it by a list of its own, add the origin there, or hide it from the service with `header_up -Origin` in its `reverse_proxy`."
	case status == http.StatusUnauthorized:
		return "sign in first: a handshake carries cookies, but no Authorization header"
	case status >= http.StatusInternalServerError:
		return "repair the service that answers the handshake"
	}
	return "open the WebSocket at a URL where a server of WebSockets answers"
}

func lastExchange(v browser.Verdict) browser.Exchange {
	if len(v.Exchanges) == 0 {
		return browser.Exchange{}
	}
	return v.Exchanges[len(v.Exchanges)-1]
}

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}
