package judges_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/browser/browsertest"
	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/oracle"
)

// judge compares an answer with what the vector expects, and with what the
// policy promises of every answer.
func (v *vectorStep) judge(t testing.TB, c vectorConfig, a *answer) {
	t.Helper()
	e := &v.Expect
	if len(e.Status) > 0 && !slices.Contains(e.Status, a.status) {
		t.Errorf("status %d, want one of %v", a.status, e.Status)
	}
	if e.Reaches != nil && a.reached != *e.Reaches {
		t.Errorf("reached the handlers behind: %t, want %t", a.reached, *e.Reaches)
	}
	if e.Body != nil && a.body != *e.Body {
		t.Errorf("body %q, want %q", a.body, *e.Body)
	}
	c.vectorRights = c.rights(&v.Request)
	v.judgeHeaders(t, a)
	v.judgeDecision(t, a)
	v.judgeVary(t, a)
	judgeAlways(t, a)
	if v.isPreflight() && !a.reached {
		v.judgePreflight(t, c, a)
	}
	v.judgeBrowser(t, a)
}

func (v *vectorStep) isPreflight() bool {
	h := v.Request.header(1)
	return v.Request.Method == http.MethodOptions && h.Get("Origin") != "" && h.Get("Access-Control-Request-Method") != ""
}

func (v *vectorStep) judgeHeaders(t testing.TB, a *answer) {
	t.Helper()
	for name, want := range v.Expect.Headers {
		// What counts of these two is what they cover.
		if v.isPreflight() && (name == "Access-Control-Allow-Methods" || name == "Access-Control-Allow-Headers") {
			continue
		}
		switch {
		case want == nil:
			corstest.WantHeader(t, a.header, name)
		case name == "Timing-Allow-Origin" || name == "Access-Control-Expose-Headers":
			if got, list := oracle.Names(a.header.Values(name)), oracle.Names([]string{*want}); !sameList(got, list) {
				t.Errorf("%s: %q, want %q in any order", name, got, list)
			}
		default:
			corstest.WantHeader(t, a.header, name, *want)
		}
	}
	exposed := oracle.Names(a.header.Values("Access-Control-Expose-Headers"))
	for _, name := range v.Expect.ExposeHas {
		if !slices.Contains(exposed, strings.ToLower(name)) {
			t.Errorf("exposed are %q, not %s", exposed, name)
		}
	}
	for _, name := range v.Expect.ExposeNot {
		if slices.Contains(exposed, strings.ToLower(name)) {
			t.Errorf("exposed are %q, and %s must not be", exposed, name)
		}
	}
	for _, name := range v.Expect.Single {
		if n := len(a.header.Values(name)); n > 1 {
			t.Errorf("%s: %d lines, want one", name, n)
		}
	}
}

func sameList(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// judgeDecision reads Cors-Debug.
func (v *vectorStep) judgeDecision(t testing.TB, a *answer) {
	t.Helper()
	if v.Expect.Decision == "" {
		return
	}
	said, err := oracle.ReadDictionary(a.header.Get("Cors-Debug"))
	if err != nil {
		t.Errorf("Cors-Debug %q: %v", a.header.Get("Cors-Debug"), err)
		return
	}
	reason := ""
	if v.Expect.Reason != nil {
		reason = *v.Expect.Reason
	}
	if said["decision"] != v.Expect.Decision || said["reason"] != reason {
		t.Errorf("decision %q, reason %q; want %q, %q", said["decision"], said["reason"], v.Expect.Decision, reason)
	}
}

func (v *vectorStep) judgeVary(t testing.TB, a *answer) {
	t.Helper()
	counts := corstest.VaryTokens(a.header)
	has := func(token string) bool { return counts[strings.ToLower(token)] > 0 }
	for _, token := range slices.Concat(v.Expect.Vary, v.Expect.VaryKeeps) {
		if !has(token) {
			t.Errorf("Vary %q: %s is missing", a.header.Values("Vary"), token)
		}
	}
	for _, token := range v.Expect.VaryNot {
		if has(token) {
			t.Errorf("Vary %q: %s must not be there", a.header.Values("Vary"), token)
		}
	}
	for token, want := range v.Expect.VaryCount {
		if n := counts[strings.ToLower(token)]; n != want {
			t.Errorf("Vary %q: %s stands there %d times, want %d", a.header.Values("Vary"), token, n, want)
		}
	}
}

// responseHeaders are the headers of CORS that a response can have.
var responseHeaders = []string{
	"Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Allow-Methods", "Access-Control-Allow-Headers", "Access-Control-Expose-Headers", "Access-Control-Max-Age",
}

// judgeAlways checks what holds of every response.
func judgeAlways(t testing.TB, a *answer) {
	t.Helper()
	for name, lines := range a.header {
		isOurs := slices.ContainsFunc(responseHeaders, func(n string) bool { return strings.EqualFold(n, name) })
		if isOurs && (!slices.Contains(responseHeaders, name) || len(lines) != 1) {
			t.Errorf("%s: %q is no single CORS header", name, lines)
		}
	}
	for name := range a.trailer {
		if name != allowedTrailer {
			t.Errorf("%s is in the trailer", name)
		}
	}
	for token, n := range corstest.VaryTokens(a.header) {
		if n > 1 {
			t.Errorf("Vary %q: %s stands there %d times", a.header.Values("Vary"), token, n)
		}
	}
	if a.status == http.StatusNoContent && a.header.Get("Content-Length") != "" {
		t.Error("a 204 has a Content-Length (RFC 9110, section 8.6)")
	}
}

// judgeBrowser asks the simulated browser what it makes of the answer.
func (v *vectorStep) judgeBrowser(t testing.TB, a *answer) {
	t.Helper()
	want := v.Expect.Browser
	if v.Page == nil {
		if want != "n/a" {
			t.Errorf("no page, but the browser's verdict is to be %q", want)
		}
		return
	}
	verdict := v.Page.judge(t, a, v.isPreflight())
	if got := string(verdict.Outcome); want != "n/a" && got != want {
		t.Errorf("the browser says %q (%+v), want %q", got, verdict.Failure, want)
	}
	for _, name := range v.Expect.Exposes {
		if !slices.Contains(verdict.Exposed, name) {
			t.Errorf("the page can read %q, and not %s", verdict.Exposed, name)
		}
	}
	if v.Expect.Exposed == nil {
		return
	}
	exposed := slices.DeleteFunc(verdict.Exposed, func(name string) bool {
		return slices.Contains([]string{"content-length", "date", "server", "trailer", "via"}, name) // not the upstream's
	})
	if !slices.Equal(exposed, v.Expect.Exposed) {
		t.Errorf("the page can read %q, want %q", exposed, v.Expect.Exposed)
	}
}

// vectorURL is what a page asks for, in the browser's eyes. It is nobody's
// origin.
const vectorURL = "https://vectors.test/"

func (p *vectorPage) judge(t testing.TB, a *answer, preflight bool) browser.Verdict {
	t.Helper()
	origin, err := browser.ParseOrigin(p.Origin)
	if err != nil {
		t.Fatal(err)
	}
	page := browser.Page{Origin: origin}
	request := browser.Request{
		Method: p.Method, URL: vectorURL, Credentials: browser.CredentialsMode(p.Credentials),
	}
	for _, h := range p.Headers {
		request.Headers = append(request.Headers, [2]string{h.name, h.value.text(1)})
	}
	response := browser.Response{Status: a.status, Headers: browser.HeadersFrom(a.header)}
	if preflight {
		return browsertest.JudgePreflight(page, request, response)
	}
	return browsertest.JudgeResponse(page, request, response)
}
