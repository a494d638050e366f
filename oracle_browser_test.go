package cors

import (
	"slices"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/browser/browsertest"
)

// compareWithBrowser plays a browser that did what the request says: it must
// conclude what the policy tells. The oracle's author and the handler's may have
// understood the contract alike and wrongly; the browser's follows the standard.
func (e *exchange) compareWithBrowser(t *testing.T, want *oracleAnswer) {
	t.Helper()
	page, r, ok := e.asBrowser(want)
	if !ok {
		return
	}
	resp := browser.Response{Status: e.answer.status, Headers: browser.HeadersFrom(e.answer.sent)}
	if e.passed { // the handler behind decides about the status
		resp.Status = 200
	}
	if want.kind == "preflight" {
		v := browsertest.JudgePreflight(page, r, resp)
		if passed := v.Outcome == browser.PreflightPassed; passed != (want.verdict == "allowed") {
			t.Errorf("the policy says %s, the browser %s: %+v", want.verdict, v.Outcome, v.Failure)
		}
		return
	}
	v := browsertest.JudgeResponse(page, r, resp)
	if readable := v.Outcome == browser.Readable; readable != (want.verdict == "allowed") {
		t.Errorf("the policy says %s, the browser %s: %+v", want.verdict, v.Outcome, v.Failure)
	}
}

// asBrowser turns the request back into what a page asked for, where one could.
// It asks with credentials where they are granted.
func (e *exchange) asBrowser(want *oracleAnswer) (browser.Page, browser.Request, bool) {
	var page browser.Page
	plain := e.plainRequest()
	if want.kind == "none" || len(plain.origin) != 1 {
		return page, browser.Request{}, false
	}
	o, err := browser.ParseOrigin(plain.origin[0])
	if err != nil || o.String() != plain.origin[0] {
		return page, browser.Request{}, false
	}
	page.Origin = o
	r := browser.Request{URL: "https://the-site.invalid/", Mode: browser.ModeCORS, Credentials: browser.CredentialsOmit}
	if want.fields["access-control-allow-credentials"] != "" {
		r.Credentials = browser.CredentialsInclude
	}
	if want.kind != "preflight" {
		return page, r, want.verdict != "same_origin"
	}
	if len(plain.requestMethod) != 1 {
		return page, r, false
	}
	r.Method = plain.requestMethod[0]
	if !browser.IsMethod(r.Method) || browser.IsForbiddenMethod(r.Method) || browser.NormalizeMethod(r.Method) != r.Method || len(r.Method) > 32 {
		return page, r, false
	}
	names, bounded := readList(plain.requestHeaders)
	for _, name := range names {
		r.Headers = append(r.Headers, [2]string{name, "application/json"})
	}
	return page, r, bounded && !slices.ContainsFunc(names, func(name string) bool {
		return !isHTTPToken(name) || browser.IsForbiddenRequestHeader(name, "") || browser.IsSafelistedRequestHeader(name, "application/json")
	})
}
