package check

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/browser"
)

// Cure says in the words of the cors directive what would help; "" where no
// server can.
func Cure(page browser.Page, r browser.Request, v browser.Verdict) string {
	o := page.Origin.String()
	switch v.Reason {
	case browser.PreflightStatus:
		return preflightCure(o)
	case browser.PreflightRedirect:
		return preflightRedirectCure
	case browser.ACAMMalformed, browser.ACAHMalformed:
		return fmt.Sprintf("`cors %s` writes both lists; remove the hand-written header", o)
	case browser.MethodNotAllowed:
		return fmt.Sprintf("add %s to the methods of the policy for %s, or remove the line `methods` if the usual ones will do%s", browser.NormalizeMethod(r.Method), o, caseHint(r.Method))
	case browser.AuthNotListed:
		return "add Authorization to the `headers` of the policy: `*` never covers it"
	case browser.HeaderNotAllowed:
		return fmt.Sprintf("add the header to the `headers` of the policy for %s, or remove the line `headers`", o)
	case browser.ACAOMissing, browser.ACAOMismatch:
		return originCure(o, r, v)
	case browser.ACAOMultiple:
		return fmt.Sprintf("two places write the header: let `cors %s` replace the upstream's, and remove hand-written `header` lines", o)
	case browser.ACAOStarCredentials:
		return fmt.Sprintf("browsers take no `*` with credentials: `cors %s { credentials }`, or let the page ask without credentials", o)
	case browser.ACACNotTrue:
		return fmt.Sprintf("add `credentials` to the policy for %s, or let the page ask without credentials", o)
	case browser.RedirectCredentials:
		return "remove user name and password from the redirect's Location"
	case browser.RedirectLocation, browser.RedirectScheme, browser.RedirectTooMany:
		return "call the final URL instead of being redirected"
	default:
		return "" // the page's own doing, or no answer at all
	}
}

const preflightRedirectCure = "browsers follow no redirect of a preflight: call the URL that the redirect names (https, or with its slash), " +
	"or put `cors` before what redirects"

func preflightCure(o string) string {
	return fmt.Sprintf("put `cors %s` in the site: it answers preflights before authentication, redirects or the upstream can", o)
}

// originCure looks at who answered: the header may be missing because somebody
// did that knows nothing of CORS.
func originCure(o string, r browser.Request, v browser.Verdict) string {
	if o == "null" {
		return "the origin null belongs to every sandboxed frame, file: and data: page; serve the page from an origin of its own " +
			"(also a redirect to another origin turns Origin into null)"
	}
	if n := len(v.Exchanges); n > 0 {
		last := v.Exchanges[n-1]
		from, _ := last.Sent.Headers.Get("Origin")
		switch status := last.Response.Status; {
		case isRedirect(status) && last.Sent.Preflight:
			return preflightRedirectCure
		case isRedirect(status):
			return fmt.Sprintf("call the URL that the redirect names (https, or with its slash); or put `cors %s` in the site that redirects, too", o)
		case from == "null":
			return "call the last URL: a redirect to another origin turns Origin into null, which only a public policy (`cors * *`) answers"
		case last.Sent.Preflight && status > 299 && status != http.StatusForbidden: // 403: the policy itself
			return preflightCure(o)
		}
	}
	if r.Credentials == browser.CredentialsInclude {
		return fmt.Sprintf("allow the origin, with `credentials`: `cors %s { credentials }`", o)
	}
	return fmt.Sprintf("allow the origin: `cors %s`", o)
}

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

func caseHint(method string) string {
	if upper := strings.ToUpper(method); browser.NormalizeMethod(method) != upper {
		return fmt.Sprintf("; or write %s in the page's call, as methods are case-sensitive", upper)
	}
	return ""
}
