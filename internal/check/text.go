package check

import (
	"fmt"
	"io"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/browser"
)

// Exit statuses of the commands.
const (
	ExitReadable = 0 // the page could read the response
	ExitBlocked  = 1 // it could not
	ExitUsage    = 2 // the question was wrong, or there was no answer
)

// Exit is the exit status for a verdict.
func Exit(v browser.Verdict) int {
	switch {
	case v.Outcome == browser.Readable || v.Outcome == browser.Opens || v.Outcome == browser.PreflightPassed:
		return ExitReadable
	case v.Outcome == browser.NetworkError && v.Err != nil:
		return ExitUsage
	default:
		return ExitBlocked
	}
}

// Text writes a verdict for people. Verbose shows all headers, else only those
// that CORS is about.
func Text(w io.Writer, page browser.Page, r browser.Request, v browser.Verdict, verbose bool) {
	Exchanges(w, page, r, v, verbose)
	Verdict(w, v)
	p := printer{w}
	for _, cause := range Causes(page, r, v) {
		p.line("Cause: %s", cause)
	}
	if cure := Cure(page, r, v); cure != "" {
		p.paragraph("Cure: ", cure)
	}
}

// Exchanges writes what stands in front of the verdict: the question, and what
// was sent and answered.
func Exchanges(w io.Writer, page browser.Page, r browser.Request, v browser.Verdict, verbose bool) {
	p := printer{w}
	method := browser.NormalizeMethod(r.Method)
	if method == "" {
		method = "GET"
	}
	if r.Mode == browser.ModeWebSocket {
		p.line("A page on %s opens a WebSocket to %s.", page.Origin, r.URL)
	} else {
		p.line("A page on %s asks for %s %s%s.", page.Origin, method, r.URL, withWhat(r))
	}
	for _, name := range v.Dropped {
		p.line("The browser drops the header %s without a word: no page may set it.", name)
	}
	p.preflights(r, v)
	for _, e := range v.Exchanges {
		p.exchange(e, verbose)
	}
	p.line("")
}

func withWhat(r browser.Request) string {
	var with []string
	if r.Credentials == browser.CredentialsInclude {
		with = append(with, "credentials")
	}
	for _, h := range r.Headers {
		with = append(with, h[0])
	}
	if len(with) == 0 {
		return ""
	}
	return ", with " + strings.Join(with, ", ")
}

func (p printer) preflights(r browser.Request, v browser.Verdict) {
	switch {
	case len(v.Preflights) > 0:
	case r.Mode == browser.ModeWebSocket:
		p.line("Browsers ask no leave for a WebSocket: the server must judge the Origin of the handshake, which has cookies in any case.")
	case v.Tainting == browser.TaintingBasic && v.Outcome == browser.Readable:
		p.line("Page and URL have the same origin: CORS has nothing to do with it.")
	case v.Outcome != browser.NotSent:
		p.line("No preflight is needed.")
	}
	for _, pf := range v.Preflights {
		p.line("A preflight is needed for %s, because:", pf.URL)
		for _, c := range pf.Causes {
			p.line("  - %s", c)
		}
	}
}

func (p printer) exchange(e browser.Exchange, verbose bool) {
	p.line("")
	p.line("> %s %s", e.Sent.Method, e.Sent.URL)
	p.headers(">", e.Sent.Headers, verbose)
	if e.Response.Status == 0 {
		return // no answer
	}
	p.line("< %d", e.Response.Status)
	p.headers("<", e.Response.Headers, verbose)
	if e.SetsCookies {
		p.line("  (its Set-Cookie takes effect, whatever the verdict)")
	}
}

func (p printer) headers(mark string, headers browser.Headers, verbose bool) {
	for _, h := range headers {
		if verbose || concernsCORS(h[0]) {
			p.line("%s   %s: %s", mark, h[0], h[1])
		}
	}
}

func concernsCORS(name string) bool {
	lower := strings.ToLower(name)
	return strings.HasPrefix(lower, "access-control-") || lower == "origin" || lower == "vary" || lower == "location"
}

// Verdict writes the verdict alone.
func Verdict(w io.Writer, v browser.Verdict) {
	p := printer{w}
	switch {
	case v.Outcome == browser.Readable:
		p.line("READABLE: the page gets status %d and may read %s.", v.Status, readable(v.Exposed))
	case v.Outcome == browser.Opens:
		p.line("OPENS: the handshake was answered %d, so page and server can talk.", v.Status)
	case v.Outcome == browser.PreflightPassed:
		p.line("PREFLIGHT PASSED: the request itself was %v.", v.Err)
	case v.Err != nil:
		p.line("%s: %v", Headline(v), v.Err)
	default:
		p.failure(v)
	}
}

func (p printer) failure(v browser.Verdict) {
	p.line("%s: %s", Headline(v), v.Detail)
	p.line("  step %d of the browser, https://fetch.spec.whatwg.org/%s (%s)", v.Step, v.Anchor, v.Reason)
	if v.Want == nil {
		return
	}
	p.line("The server should have answered:")
	p.line("<   status %s", wantStatus(v.Want.Status))
	for _, h := range v.Want.Headers {
		p.line("<   %s: %s", h[0], h[1])
	}
}

func readable(exposed []string) string {
	if len(exposed) == 0 {
		return "the body, but no headers"
	}
	return "the body and the headers " + strings.Join(exposed, ", ")
}

func wantStatus(status int) string {
	if status == 0 {
		return "as it is"
	}
	return fmt.Sprint(status)
}

// Headline is the word in front of a verdict.
func Headline(v browser.Verdict) string {
	switch v.Outcome {
	case browser.Readable:
		return "READABLE"
	case browser.Opens:
		return "OPENS"
	case browser.PreflightPassed:
		return "PREFLIGHT PASSED"
	case browser.NotSent:
		return "NOT SENT"
	case browser.PreflightFailed:
		return "PREFLIGHT FAILED"
	case browser.Refused:
		return "REFUSED"
	case browser.Blocked, browser.Opaque, browser.NetworkError: // below
	}
	if v.Err != nil {
		return "NO VERDICT"
	}
	return "BLOCKED"
}
