package judges_test

import (
	"slices"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/browser/browsertest"
	"github.com/caddy-cors/caddy-cors/internal/oracle"
)

// compareWithBrowser plays a browser that did what the request says: it must
// conclude what the policy tells. The oracle's author and the handler's may have
// understood the contract alike and wrongly; the browser's follows the standard.
func (e *exchange) compareWithBrowser(t *testing.T, want *oracle.Answer) {
	t.Helper()
	page, r, ok := e.asBrowser(want)
	if !ok {
		return
	}
	resp := browser.Response{Status: e.answer.status, Headers: browser.HeadersFrom(e.answer.sent)}
	if e.passed { // the handler behind decides about the status
		resp.Status = 200
	}
	if want.Kind == "preflight" {
		v := browsertest.JudgePreflight(page, r, resp)
		if passed := v.Outcome == browser.PreflightPassed; passed != (want.Verdict == "allowed") {
			t.Errorf("the policy says %s, the browser %s: %+v", want.Verdict, v.Outcome, v.Failure)
		}
		return
	}
	v := browsertest.JudgeResponse(page, r, resp)
	if readable := v.Outcome == browser.Readable; readable != (want.Verdict == "allowed") {
		t.Errorf("the policy says %s, the browser %s: %+v", want.Verdict, v.Outcome, v.Failure)
	}
}

// asBrowser turns the request back into what a page asked for, where one could.
// It asks with credentials where they are granted.
func (e *exchange) asBrowser(want *oracle.Answer) (browser.Page, browser.Request, bool) {
	var page browser.Page
	plain := e.asRead()
	if want.Kind == "none" || len(plain.Origin) != 1 {
		return page, browser.Request{}, false
	}
	o, err := browser.ParseOrigin(plain.Origin[0])
	if err != nil || o.String() != plain.Origin[0] {
		return page, browser.Request{}, false
	}
	page.Origin = o
	r := browser.Request{URL: "https://the-site.invalid/", Mode: browser.ModeCORS, Credentials: browser.CredentialsOmit}
	if want.Fields["access-control-allow-credentials"] != "" {
		r.Credentials = browser.CredentialsInclude
	}
	if want.Kind != "preflight" {
		return page, r, want.Verdict != "same_origin"
	}
	if len(plain.RequestMethod) != 1 {
		return page, r, false
	}
	r.Method = plain.RequestMethod[0]
	if !browser.IsMethod(r.Method) || browser.IsForbiddenMethod(r.Method) || browser.NormalizeMethod(r.Method) != r.Method || len(r.Method) > 32 {
		return page, r, false
	}
	names, bounded := oracle.ReadList(plain.RequestHeaders)
	for _, name := range names {
		r.Headers = append(r.Headers, [2]string{name, "application/json"})
	}
	return page, r, bounded && !slices.ContainsFunc(names, func(name string) bool {
		return !oracle.IsToken(name) || browser.IsForbiddenRequestHeader(name, "") || browser.IsSafelistedRequestHeader(name, "application/json")
	})
}
