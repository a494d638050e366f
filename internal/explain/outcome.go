package explain

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/check"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// Explanation is one fetch, played against a configuration, and what came of it.
type Explanation struct {
	Verdict browser.Verdict

	stage   *rehearsal.Rehearsal
	page    browser.Page
	request browser.Request
	steps   []step
}

// step is one request of the browser and what the configuration did with it.
// The answer is nil where there was none.
type step struct {
	sent   browser.Sent
	answer *rehearsal.Answer
}

var (
	// errElsewhere ends a fetch that is redirected to a host of somebody else.
	errElsewhere = errors.New("which this configuration does not serve, so what it answers is unknown")
	errNotAsked  = errors.New("was not asked, and only that can allow the page's origin; add --ask to let it be asked")
)

// Ask lets a browser ask the configuration. What a page does not say, who is behind the
// edges and where the client is, stands in a question; its zero value is the usual: a
// plain upstream, files that are there.
func Ask(stage *rehearsal.Rehearsal, page browser.Page, request browser.Request, q rehearsal.Question) *Explanation {
	e := &Explanation{stage: stage, page: page, request: request}
	e.Verdict = browser.Fetch(page, request, func(s browser.Sent) (browser.Response, error) {
		if len(e.steps) > 0 && s.URL != e.steps[0].sent.URL && !stage.Serves(s.URL) {
			return browser.Response{}, fmt.Errorf("the redirect leads to %s, %w", s.URL, errElsewhere)
		}
		q.Method, q.URL, q.Headers, q.Credentials = s.Method, s.URL, s.Headers, s.Credentials
		answer, err := stage.Ask(q)
		e.steps = append(e.steps, step{s, answer})
		if err == nil && answer.Status == 0 {
			err = answer.Err
		}
		if err != nil {
			return browser.Response{}, err
		}
		return browser.Response{Status: answer.Status, Headers: browser.HeadersFrom(answer.Header)}, nil
	})
	switch sources := e.notAsked(); {
	case len(sources) > 0 && !e.readable():
		e.Verdict.Outcome, e.Verdict.Err = browser.NetworkError, fmt.Errorf("%s %w", strings.Join(sources, " and "), errNotAsked)
	case errors.Is(e.Verdict.Err, rehearsal.ErrClientCertificate) && e.last().sent.Preflight:
		e.Verdict.Outcome = browser.PreflightFailed // browsers have none to show, whoever asks
	}
	return e
}

// notAsked are the sources of origins that a policy would have asked.
func (e *Explanation) notAsked() (names []string) {
	for _, a := range e.answers() {
		if a.Policy != nil && a.Policy.Reason == sourceUnavailable {
			names = append(names, a.NotAsked...)
		}
	}
	return names
}

const sourceUnavailable = "source_unavailable"

// answers are those of the configuration, in order.
func (e *Explanation) answers() (all []*rehearsal.Answer) {
	for _, s := range e.steps {
		if s.answer != nil {
			all = append(all, s.answer)
		}
	}
	return all
}

func (e *Explanation) any(is func(*rehearsal.Answer) bool) bool {
	return slices.ContainsFunc(e.answers(), is)
}

// last is the exchange that decided.
func (e *Explanation) last() *step {
	if len(e.steps) == 0 {
		return &step{}
	}
	return &e.steps[len(e.steps)-1]
}

// Policy is the decision of the cors handler that governed the exchange that decided. Nil
// if none did.
func (e *Explanation) Policy() *rehearsal.Decision {
	if a := e.last().answer; a != nil {
		return a.Policy
	}
	return nil
}

func (e *Explanation) readable() bool { return e.Exit() == check.ExitReadable }

// Headline is the word in front of the verdict, such as READABLE or NO VERDICT.
func (e *Explanation) Headline() string { return check.Headline(e.Verdict) }

// Exit is the exit status that Run has.
func (e *Explanation) Exit() int { return check.Exit(e.Verdict) }

// Sentence tells in words why the page gets nothing.
func (e *Explanation) Sentence() string {
	if e.Verdict.Err != nil {
		return e.Verdict.Err.Error()
	}
	return e.Verdict.Detail
}

// DecidedBy names the policy, its place and its decision; empty where no policy governed
// the exchange that decided.
func (e *Explanation) DecidedBy() string {
	d := e.Policy()
	if d == nil {
		return ""
	}
	text := fmt.Sprintf("%s (%s): %s", nameOf(d), d.By.Place, d.Decision)
	if d.Reason != "" {
		text += " (" + d.Reason + ")"
	}
	return text
}
