package check

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/browser"
)

// Causes names what stands behind a verdict, where the answers show it: an
// error page, a cached copy, a login, a client certificate. The verdict alone
// says only which header was missing.
func Causes(page browser.Page, r browser.Request, v browser.Verdict) []string {
	causes := []string{}
	if v.Reason == "" {
		return causes
	}
	last := lastExchange(v)
	for _, cause := range []string{
		errorPage(last.Response.Status),
		cachedCopy(v, last.Response.Headers),
		login(v),
		taint(page, last),
		laxEngines(r, v, last.Response.Headers),
		clientCertificate(v),
	} {
		if cause != "" {
			causes = append(causes, cause)
		}
	}
	return causes
}

// errorPage is for answers of servers that fail. What writes them is often not
// what writes the headers.
func errorPage(status int) string {
	switch {
	case status == http.StatusGatewayTimeout || status == 522 || status == 524:
		return fmt.Sprintf("%d is what a proxy answers when the service behind it takes too long: look there first. Such an error page has no CORS headers of the service.", status)
	case status == http.StatusBadGateway || status == http.StatusServiceUnavailable || 520 <= status && status <= 530:
		return fmt.Sprintf("%d is what a proxy answers when the service behind it is down or overloaded: look there first. Such an error page has no CORS headers of the service.", status)
	case status >= http.StatusInternalServerError:
		return fmt.Sprintf("%d says that the service itself failed: look into its log first. Its error page often comes without the CORS headers of its other answers.", status)
	}
	return ""
}

// cacheHeaders are what caches write into an answer.
var cacheHeaders = []string{
	"Age", "Cache-Status", "CF-Cache-Status", "X-Cache", "X-Cache-Hits", "X-Cache-Status", "X-Drupal-Cache", "X-Nginx-Cache", "X-Proxy-Cache",
	"X-Varnish", "X-Varnish-Cache", "X-Vercel-Cache",
}

var (
	cacheHit = regexp.MustCompile(`(?i)\b(hit|stale|revalidated|updating)\b`)
	counts   = regexp.MustCompile(`^[0-9, ]*[1-9]`)
	twoIDs   = regexp.MustCompile(`^[0-9]+ +[0-9]+$`) // of the request, and of the one that filled the cache
)

// fromCache reports whether the answer is a copy.
func fromCache(h browser.Headers) bool {
	return slices.ContainsFunc(cacheHeaders, func(name string) bool {
		value, found := h.Get(name)
		switch name {
		case "Age": // RFC 9111, section 5.1: only caches write it
			return found
		case "X-Cache-Hits":
			return counts.MatchString(value)
		case "X-Varnish":
			return twoIDs.MatchString(value)
		}
		return cacheHit.MatchString(value)
	})
}

// cachedCopy is for answers that were made for somebody else.
func cachedCopy(v browser.Verdict, h browser.Headers) string {
	if !slices.Contains([]browser.Reason{browser.ACAOMissing, browser.ACAOMismatch, browser.ACAOStarCredentials, browser.ACACNotTrue}, v.Reason) {
		return ""
	}
	traces := tracesOf(h, append([]string{"Via", "X-Served-By"}, cacheHeaders...))
	vary, _ := h.Get("Vary")
	heedless := "; it has no Vary: Origin, which would keep the copies for different pages apart"
	if strings.Contains(strings.ToLower(vary), "origin") || strings.Contains(vary, "*") {
		heedless = "; the cache does not heed its Vary: " + clip(vary)
	}
	switch {
	case fromCache(h):
		return "the answer is a copy that a cache kept" + traces + ", made for another page or for none" + heedless + "."
	case traces != "" && !strings.HasPrefix(heedless, "; the cache"):
		return "the answer came through a proxy or cache" + traces + ", which may have kept it for another page" + heedless + "."
	}
	return ""
}

// tracesOf quotes the headers that are there.
func tracesOf(h browser.Headers, names []string) string {
	var traces []string
	for _, name := range names {
		if value, ok := h.Get(name); ok {
			traces = append(traces, name+": "+clip(value))
		}
	}
	if len(traces) == 0 {
		return ""
	}
	return " (" + strings.Join(traces, ", ") + ")"
}

// clip keeps a server's value short.
func clip(s string) string {
	const most = 80
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}

var (
	loginWords = regexp.MustCompile(`(?i)(^|[^a-z])(log-?_?[io]n|sign-?_?in|auth([nz]|0|elia|entik|enticate|entication|ori[sz]e)?|oauth2?|sso|saml2?|oidc|openid[a-z-]*|idp|cas|adfs|keycloak)([^a-z]|$)`)
	loginHosts = regexp.MustCompile(`(?i)^(accounts?|id|identity)\.`)
)

// loginURL is where a redirect sent the request to sign in; "" if nowhere: by
// its name, or because a page came where data was asked for.
func loginURL(v browser.Verdict) string {
	for i, e := range v.Exchanges {
		location, found := e.Response.Headers.Get("Location")
		from, err := url.Parse(e.Sent.URL)
		if err != nil || !found || !isRedirect(e.Response.Status) {
			continue
		}
		to, err := from.Parse(location)
		if err != nil {
			continue
		}
		named := loginWords.MatchString(to.Path) && !loginWords.MatchString(from.Path) ||
			isLoginHost(to.Host) && !isLoginHost(from.Host)
		if named || i+1 < len(v.Exchanges) && becomesPage(e, v.Exchanges[i+1]) {
			return to.String()
		}
	}
	return ""
}

func isLoginHost(host string) bool {
	return loginWords.MatchString(host) || loginHosts.MatchString(host)
}

// becomesPage reports whether a temporary redirect led from data to HTML.
func becomesPage(from, to browser.Exchange) bool {
	kind, _ := to.Response.Headers.Get("Content-Type")
	temporary := from.Response.Status == http.StatusFound || from.Response.Status == http.StatusSeeOther
	return temporary && strings.HasPrefix(strings.ToLower(kind), "text/html")
}

func login(v browser.Verdict) string {
	to := loginURL(v)
	if to == "" {
		return ""
	}
	return "a redirect sent the request to what looks like a login, " + clip(to) + ": the request was not signed in. The login page is for people and knows nothing of CORS."
}

// taint is for requests that another origin redirected (#concept-request-tainted-origin).
func taint(page browser.Page, last browser.Exchange) string {
	if from, _ := last.Sent.Headers.Get("Origin"); from == "null" && !page.Origin.Opaque() {
		return "a redirect from another origin than the page's to a third turned Origin into null: the browser no longer vouches for the page."
	}
	return ""
}

// laxEngines is for the one step where all engines differ from the standard
// (docs/browsers.md, step 16).
func laxEngines(r browser.Request, v browser.Verdict, h browser.Headers) string {
	allowed, _ := h.Get("Access-Control-Allow-Headers")
	star := slices.ContainsFunc(strings.Split(allowed, ","), func(s string) bool { return strings.TrimSpace(s) == "*" })
	if v.Reason != browser.AuthNotListed || r.Credentials == browser.CredentialsInclude || !star {
		return ""
	}
	return "today's engines are laxer than the standard: Chromium, Firefox and WebKit still let * cover Authorization in requests without credentials. " +
		"Chromium and Firefox warn that this will end, so list it by name."
}

func clientCertificate(v browser.Verdict) string {
	if !errors.Is(v.Err, ErrClientCertificate) {
		return ""
	}
	return "the server ends the connection without a client certificate, which browsers never send with a preflight, and with a request only if credentials go along."
}
