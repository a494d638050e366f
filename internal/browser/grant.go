package browser

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// grant is what the answer to a preflight allows.
type grant struct{ methods, headers []string }

// judgePreflight is steps 12 to 17. The CORS check uses the credentials mode of the request to come, although the
// preflight itself never carries any.
func (f *flight) judgePreflight(resp Response) (grant, *Failure) {
	if bad := corsCheck(f.origin(), f.credentials, resp.Headers); bad != nil {
		if status := okStatus(resp.Status); status != nil {
			bad.Detail += "; besides, " + status.Detail
		}
		return grant{}, bad
	}
	if bad := okStatus(resp.Status); bad != nil {
		return grant{}, bad
	}
	granted, bad := f.readGrant(resp.Headers)
	if bad != nil {
		return grant{}, bad
	}
	for _, step := range []func(grant) *Failure{f.methodGranted, f.authorizationGranted, f.headersGranted} {
		if bad := step(granted); bad != nil {
			return grant{}, bad
		}
	}
	return granted, nil
}

// okStatus is step 13 (#ok-status).
func okStatus(status int) *Failure {
	switch {
	case 200 <= status && status <= 299:
		return nil
	case isRedirect(status):
		return fail(PreflightRedirect, "the preflight was answered %d, and browsers follow no redirect of a preflight", status)
	}
	return fail(PreflightStatus, "the preflight was answered %d, and only 200 to 299 will do", status)
}

// readGrant is step 14. A method list that is absent counts as the method of an upload with listeners, so that the
// pass can be cached.
func (f *flight) readGrant(h Headers) (grant, *Failure) {
	methods, err := ExtractHeaderListValues(h, httpwords.AllowMethods)
	if err != nil {
		return grant{}, fail(ACAMMalformed, "%v", err)
	}
	headers, err := ExtractHeaderListValues(h, httpwords.AllowHeaders)
	if err != nil {
		return grant{}, fail(ACAHMalformed, "%v", err)
	}
	if methods == nil && f.flag {
		methods = []string{f.method}
	}
	return grant{methods, headers}, nil
}

// methodGranted is step 15. Methods are compared by case, and with credentials * is a method like any other.
func (f *flight) methodGranted(g grant) *Failure {
	if httpwords.IsSafelistedMethod(f.method) || slices.Contains(g.methods, f.method) || f.star(g.methods) {
		return nil
	}
	hint := ""
	if containsFold(g.methods, f.method) {
		hint = "; methods are compared by case, and browsers do not upper-case this one"
	}
	return fail(MethodNotAllowed, "%s lists %s, not %s%s%s",
		httpwords.AllowMethods, quoteList(g.methods), f.method, f.starHint(g.methods), hint)
}

// authorizationGranted is step 16: no star covers Authorization, in no mode.
func (f *flight) authorizationGranted(g grant) *Failure {
	if !f.headers.Has(hAuthorization) || containsFold(g.headers, hAuthorization) {
		return nil
	}
	hint := ""
	if slices.Contains(g.headers, "*") {
		hint = ", and * does not cover it"
	}
	return fail(AuthNotListed, "%s lists %s, not authorization%s", httpwords.AllowHeaders, quoteList(g.headers), hint)
}

// headersGranted is step 17. It names every header that is missing, not only the first.
func (f *flight) headersGranted(g grant) *Failure {
	if f.star(g.headers) {
		return nil
	}
	missing := slices.DeleteFunc(UnsafeRequestHeaderNames(f.headers), func(name string) bool {
		return containsFold(g.headers, name)
	})
	if len(missing) == 0 {
		return nil
	}
	return fail(HeaderNotAllowed, "%s lists %s, not %s%s",
		httpwords.AllowHeaders, quoteList(g.headers), strings.Join(missing, ", "), f.starHint(g.headers))
}

// star reports whether the list has a * that counts as a wildcard, which with credentials none does.
func (f *flight) star(list []string) bool {
	return f.credentials != CredentialsInclude && slices.Contains(list, "*")
}

func (f *flight) starHint(list []string) string {
	if slices.Contains(list, "*") { // then it was no wildcard, or the step had passed
		return "; with credentials * is a name like any other"
	}
	return ""
}

// wantPreflight is the least that would have passed. With credentials, nothing safe passes for a null origin.
func (f *flight) wantPreflight() *Response {
	h := f.wantShared()
	if h == nil {
		return nil
	}
	if !httpwords.IsSafelistedMethod(f.method) {
		h = append(h, [2]string{httpwords.AllowMethods, f.method})
	}
	if names := UnsafeRequestHeaderNames(f.headers); len(names) > 0 {
		h = append(h, [2]string{httpwords.AllowHeaders, strings.Join(names, ", ")})
	}
	return &Response{Status: http.StatusNoContent, Headers: h}
}

func quoteList(list []string) string {
	if len(list) == 0 {
		return "nothing"
	}
	return fmt.Sprintf("%q", strings.Join(list, ", "))
}
