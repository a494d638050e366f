package browser

import "slices"

// maxRedirects is how many redirects browsers follow (#concept-http-redirect-fetch).
const maxRedirects = 20

// bodyHeaders describe a body, so they go when the body goes (#request-body-header-name).
var bodyHeaders = []string{"Content-Encoding", "Content-Language", "Content-Location", "Content-Type"}

// isRedirect reports whether a status is a redirect status (#redirect-status): 300 and 304 are not.
func isRedirect(status int) bool {
	return slices.Contains([]int{301, 302, 303, 307, 308}, status)
}

// redirect is steps 32 to 37 (#concept-http-redirect-fetch). It reports whether there is a further hop; if not, the
// response itself is the result, unless a step failed.
func (f *flight) redirect(resp Response) (again bool, bad *Failure) {
	switch f.redirectMode {
	case RedirectError:
		return false, fail(RedirectModeError, "the answer was a redirect (%d), and the page asked to fail on redirects", resp.Status)
	case RedirectManual:
		return false, fail(RedirectModeManual, "the answer was a redirect (%d), and the page asked not to follow it", resp.Status)
	case RedirectFollow:
	}
	locations := resp.Headers.Values(hLocation)
	if len(locations) == 0 {
		return false, nil
	}
	if len(locations) > 1 { // the grammar allows one, so several are a parse failure
		return false, fail(RedirectLocation, "the answer has %d lines of Location", len(locations))
	}
	return f.follow(resp.Status, locations[0])
}

// follow is steps 33 to 37 for a given Location.
func (f *flight) follow(status int, location string) (again bool, bad *Failure) {
	from := f.url()
	to, err := parseURL(location, from)
	if err != nil {
		return false, fail(RedirectLocation, "following Location: %v", err)
	}
	if !isHTTP(to) {
		return false, fail(RedirectScheme, "the Location %q is neither http nor https", location)
	}
	if len(f.urls) > maxRedirects {
		return false, fail(RedirectTooMany, "more than %d redirects, the last to %q", maxRedirects, location)
	}
	target := originOf(to)
	foreign := f.mode == ModeCORS && !target.SameOrigin(f.page.Origin)
	if includesCredentials(to) && (foreign || f.tainting == TaintingCORS) {
		return false, fail(RedirectCredentials, "the Location %q has a user name or password in it", location)
	}
	if to.Fragment == "" {
		to.Fragment = from.Fragment
	}
	f.rewrite(status)
	// Since 2022 the token that the page meant for one server does not reach another.
	if !target.SameOrigin(originOf(from)) {
		f.headers = f.headers.Without(hAuthorization)
	}
	f.urls = append(f.urls, to)
	return true, nil
}

// rewrite is step 35: the history of browsers turns POST into GET, except on 307 and 308.
func (f *flight) rewrite(status int) {
	moved := (status == 301 || status == 302) && f.method == "POST"
	see := status == 303 && f.method != "GET" && f.method != "HEAD"
	if moved || see {
		f.method = "GET"
		f.headers = f.headers.Without(bodyHeaders...)
	}
}
