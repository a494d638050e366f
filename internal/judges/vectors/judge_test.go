package vectors_test

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
	v.judgeHeaders(t, a)
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
		if want == nil {
			corstest.WantHeader(t, a.header, name)
		} else {
			corstest.WantHeader(t, a.header, name, *want)
		}
	}
	for _, name := range v.Expect.Single {
		if n := len(a.header.Values(name)); n > 1 {
			t.Errorf("%s: %d lines, want one", name, n)
		}
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

// judgePreflight checks an answer of the handler's own.
func (v *vectorStep) judgePreflight(t testing.TB, c vectorConfig, a *answer) {
	t.Helper()
	if a.body != "" || a.header.Get("Content-Type") != "" {
		t.Errorf("body %q of type %q, want none", a.body, a.header.Get("Content-Type"))
	}
	asked := v.Request.header(1)
	origins, methods := asked["Origin"], asked["Access-Control-Request-Method"]
	switch allowed := a.header.Get("Access-Control-Allow-Origin") != ""; {
	case !allowed && (slices.Contains(c.Origins, "*") || len(origins) == 1 && slices.Contains(c.Origins, origins[0])):
		t.Errorf("%q is on the list, but was refused", origins)
	case !allowed:
		corstest.WantNothing(t, a.header)
		if a.status != http.StatusForbidden {
			t.Errorf("status %d for a refused origin, want 403", a.status)
		}
	case a.status != http.StatusNoContent:
		t.Errorf("status %d for an allowed origin, want 204", a.status)
	}
	if len(methods) != 1 || !oracle.IsToken(methods[0]) {
		corstest.WantHeader(t, a.header, "Access-Control-Allow-Methods")
	}
	granted := grantOf(a.header)
	names, sane := namesAsked(asked["Access-Control-Request-Headers"])
	granted.judgeTruth(t, &c, methods, names)
	if granted.origin && sane {
		granted.judgeWhole(t, &c, methods, names)
	}
	if e := v.Expect.Covers; e != nil && !granted.covers(c.Credentials, e.Method, e.Headers) {
		t.Errorf("%q, %q do not cover %s with %q", granted.methods, granted.headers, e.Method, e.Headers)
	}
	if !v.Expect.Refused {
		return
	}
	if !sane {
		corstest.WantHeader(t, a.header, "Access-Control-Allow-Headers")
		return
	}
	if granted.origin && len(methods) == 1 && granted.covers(c.Credentials, methods[0], names) {
		t.Errorf("%q, %q cover %s with %q, which must be refused", granted.methods, granted.headers, methods[0], names)
	}
}

// granted is what an answer to a preflight says.
type granted struct {
	origin           bool
	methods, headers []string
}

// grantOf reads an answer as Fetch does, section CORS-preflight fetch, step 7:
// a list with an element that is no token is worth nothing.
func grantOf(h http.Header) granted {
	return granted{h.Get("Access-Control-Allow-Origin") != "", tokens(h["Access-Control-Allow-Methods"]), tokens(h["Access-Control-Allow-Headers"])}
}

func tokens(lines []string) []string {
	list := elementsOf(lines)
	if slices.ContainsFunc(list, func(s string) bool { return !oracle.IsToken(s) }) {
		return nil
	}
	return list
}

// elementsOf splits a list header (RFC 9110, section 5.6.1).
func elementsOf(lines []string) (list []string) {
	for _, line := range lines {
		for element := range strings.SplitSeq(line, ",") {
			if element = strings.Trim(element, " \t"); element != "" {
				list = append(list, element)
			}
		}
	}
	return list
}

// namesAsked returns the names that a preflight asks for; sane tells whether
// the list has a size that spec.md promises to read.
func namesAsked(lines []string) (names []string, sane bool) {
	joined := strings.Join(lines, ",")
	names = elementsOf(lines)
	empty := strings.Count(joined, ",") + 1 - len(names)
	return names, len(joined) <= 4096 && (joined == "" || empty <= 32)
}

// covers follows Fetch: `*` is a wildcard only without credentials, and never
// covers Authorization.
func (g *granted) covers(credentials bool, method string, headers []string) bool {
	if !slices.Contains([]string{"GET", "HEAD", "POST"}, method) && !slices.Contains(g.methods, method) &&
		(credentials || !slices.Contains(g.methods, "*")) {
		return false
	}
	for _, name := range headers {
		listed := slices.ContainsFunc(g.headers, func(s string) bool { return strings.EqualFold(s, name) })
		star := !credentials && slices.Contains(g.headers, "*") && !strings.EqualFold(name, "Authorization")
		if !listed && !star {
			return false
		}
	}
	return true
}

// judgeTruth checks that the answer grants nothing that the policy does not.
func (g *granted) judgeTruth(t testing.TB, c *vectorConfig, methods, names []string) {
	t.Helper()
	for _, m := range g.methods {
		star := slices.Contains(c.Methods, "*") && slices.Contains(methods, m)
		if !star && !slices.Contains(c.Methods, m) {
			t.Errorf("method %s is granted, but not by the policy", m)
		}
	}
	has := func(list []string, name string) bool {
		return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, name) })
	}
	for _, name := range g.headers {
		star := slices.Contains(c.Headers, "*") && has(names, name) && !strings.EqualFold(name, "Authorization")
		if !star && !has(c.Headers, name) {
			t.Errorf("header %s is granted, but not by the policy", name)
		}
	}
}

// judgeWhole checks that the answer grants what the policy does, even if
// something else that was asked for is not in it: so the browser's console
// names what is missing.
func (g *granted) judgeWhole(t testing.TB, c *vectorConfig, methods, names []string) {
	t.Helper()
	policy := granted{origin: true, methods: c.Methods, headers: c.Headers}
	for _, m := range methods {
		if len(methods) == 1 && policy.covers(false, m, nil) && oracle.IsToken(m) && !oracle.IsForbiddenMethod(m) && !g.covers(c.Credentials, m, nil) {
			t.Errorf("method %s is not granted, but the policy has it", m)
		}
	}
	for _, name := range names {
		if name != "*" && policy.covers(false, "GET", []string{name}) && oracle.IsToken(name) && !g.covers(c.Credentials, "GET", []string{name}) {
			t.Errorf("header %s is not granted, but the policy has it", name)
		}
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
