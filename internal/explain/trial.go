package explain

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// circumstances are what a question does not say and a verdict may depend on.
// The zero value is the usual: a plain upstream, files that are there.
type circumstances struct {
	person       rehearsal.Person
	signedIn     bool
	authLogin    bool // the authentication redirects to a login page
	filesMissing bool
	carries      []string // header fields of the upstream's answers
	address      netip.Addr
	protocol     string
}

// step is one request of the browser and what the configuration did with it.
// The answer is nil where there was none.
type step struct {
	sent   browser.Sent
	answer *rehearsal.Answer
}

// trial is one fetch, played against the configuration.
type trial struct {
	page    browser.Page
	request browser.Request
	verdict browser.Verdict
	steps   []step
}

// elsewhereError ends a fetch that is redirected to a host of somebody else.
type elsewhereError struct{ url string }

func (e elsewhereError) Error() string {
	return fmt.Sprintf("the redirect leads to %s, which this configuration does not serve, so what it answers is unknown", e.url)
}

// play lets a browser ask the configuration.
func play(stage *rehearsal.Rehearsal, page browser.Page, request browser.Request, c circumstances) *trial {
	t := &trial{page: page, request: request}
	t.verdict = browser.Fetch(page, request, func(s browser.Sent) (browser.Response, error) {
		if len(t.steps) > 0 && s.URL != t.steps[0].sent.URL && !stage.Serves(s.URL) {
			return browser.Response{}, elsewhereError{s.URL}
		}
		answer, err := stage.Ask(rehearsal.Question{
			Method: s.Method, URL: s.URL, Headers: s.Headers, Credentials: s.Credentials,
			Person: c.person, Carries: c.carries, SignedIn: c.signedIn, AuthLogin: c.authLogin, FilesMissing: c.filesMissing,
			Address: c.address, Protocol: c.protocol,
		})
		t.steps = append(t.steps, step{s, answer})
		if err != nil {
			return browser.Response{}, err
		}
		if answer.Status == 0 {
			return browser.Response{}, answer.Err
		}
		return browser.Response{Status: answer.Status, Headers: browser.HeadersFrom(answer.Header)}, nil
	})
	return t
}

// last is the exchange that decided.
func (t *trial) last() *step {
	if len(t.steps) == 0 {
		return &step{}
	}
	return &t.steps[len(t.steps)-1]
}

// policy is the decision of the exchange that decided.
func (t *trial) policy() *rehearsal.Decision {
	if a := t.last().answer; a != nil {
		return a.Policy
	}
	return nil
}

func (t *trial) any(is func(*rehearsal.Answer) bool) bool {
	for _, s := range t.steps {
		if s.answer != nil && is(s.answer) {
			return true
		}
	}
	return false
}

func (t *trial) readable() bool {
	return t.verdict.Outcome == browser.Readable || t.verdict.Outcome == browser.Opens
}

// notAsked are the sources that could have changed the verdict.
func (t *trial) notAsked() (names []string) {
	if t.readable() {
		return nil
	}
	for _, s := range t.steps {
		if a := s.answer; a != nil && a.Policy != nil && a.Policy.Reason == "source_unavailable" {
			names = append(names, a.NotAsked...)
		}
	}
	return names
}

// headline is the word in front of the verdict.
func (t *trial) headline() string {
	v := t.verdict
	var elsewhere elsewhereError
	switch {
	case len(t.notAsked()) > 0, errors.As(v.Err, &elsewhere):
		return "NO VERDICT"
	case errors.Is(v.Err, rehearsal.ErrClientCertificate) && t.last().sent.Preflight:
		return "PREFLIGHT FAILED"
	case v.Outcome == browser.Opens:
		return "OPENS"
	case v.Outcome == browser.Refused:
		return "REFUSED"
	case v.Err != nil:
		return "NO VERDICT"
	case v.Outcome == browser.Readable:
		return "READABLE"
	case v.Outcome == browser.PreflightFailed:
		return "PREFLIGHT FAILED"
	case v.Outcome == browser.NotSent:
		return "NOT SENT"
	}
	return "BLOCKED"
}

// exit is the exit status for the headline.
func (t *trial) exit() int {
	switch t.headline() {
	case "READABLE", "OPENS":
		return exitReadable
	case "NO VERDICT":
		return exitUnknown
	}
	return exitBlocked
}

// sentence tells in words why the page gets nothing.
func (t *trial) sentence() string {
	if t.verdict.Err != nil {
		return strings.ReplaceAll(t.verdict.Err.Error(), "\n", ": ")
	}
	return t.verdict.Detail
}
