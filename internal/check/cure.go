package check

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/fetch"
)

// Cure says in the words of the cors directive what would help; "" where no
// server can.
func Cure(page fetch.Page, r fetch.Request, v fetch.Verdict) string {
	o := page.Origin.String()
	switch v.Reason {
	case fetch.PreflightStatus:
		return preflightCure(o)
	case fetch.PreflightRedirect:
		return preflightRedirectCure
	case fetch.ACAMMalformed, fetch.ACAHMalformed:
		return fmt.Sprintf("`cors %s` writes both lists; remove the hand-written header", o)
	case fetch.MethodNotAllowed:
		return fmt.Sprintf("add %s to the methods of the policy for %s, or remove the line `methods` if the usual ones will do%s", fetch.NormalizeMethod(r.Method), o, caseHint(r.Method))
	case fetch.AuthNotListed:
		return "add Authorization to the `headers` of the policy: `*` never covers it"
	case fetch.HeaderNotAllowed:
		return fmt.Sprintf("add the header to the `headers` of the policy for %s, or remove the line `headers`", o)
	case fetch.ACAOMissing, fetch.ACAOMismatch:
		return originCure(o, r, v)
	case fetch.ACAOMultiple:
		return fmt.Sprintf("two places write the header: let `cors %s` replace the upstream's, and remove hand-written `header` lines", o)
	case fetch.ACAOStarCredentials:
		return fmt.Sprintf("browsers take no `*` with credentials: `cors %s { credentials }`, or let the page ask without credentials", o)
	case fetch.ACACNotTrue:
		return fmt.Sprintf("add `credentials` to the policy for %s, or let the page ask without credentials", o)
	case fetch.RedirectCredentials:
		return "remove user name and password from the redirect's Location"
	case fetch.RedirectLocation, fetch.RedirectScheme, fetch.RedirectTooMany:
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
func originCure(o string, r fetch.Request, v fetch.Verdict) string {
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
	if r.Credentials == fetch.CredentialsInclude {
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
	if upper := strings.ToUpper(method); fetch.NormalizeMethod(method) != upper {
		return fmt.Sprintf("; or write %s in the page's call, as methods are case-sensitive", upper)
	}
	return ""
}
