package explain

import (
	"fmt"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/check"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// Upstream is how the service behind a configuration behaves. The zero value is
// the usual: it knows nothing of CORS.
type Upstream struct {
	Person  rehearsal.Person
	Carries []string // header fields that its answers have
}

// Outcome is what came of one question.
type Outcome struct {
	Verdict browser.Verdict
	// Headline is the word in front of the verdict, such as READABLE or NO
	// VERDICT, and Sentence the reason where the page gets nothing.
	Headline, Sentence string
	// Policy is the decision of the cors handler that governed the exchange that
	// decided. Nil if none did.
	Policy *rehearsal.Decision

	stage *rehearsal.Rehearsal
	trial *trial
}

// Ask puts one question to a configuration: that of Run, for callers that have
// several.
func Ask(stage *rehearsal.Rehearsal, page browser.Page, request browser.Request, u Upstream) Outcome {
	t := play(stage, page, request, circumstances{person: u.Person, carries: u.Carries})
	o := Outcome{Verdict: t.verdict, Headline: t.headline(), Sentence: t.sentence(), Policy: t.policy(), stage: stage, trial: t}
	if sources := t.notAsked(); len(sources) > 0 {
		o.Sentence = notAskedText(sources, page)
	}
	return o
}

// ParseQuestion reads a question for Ask.
func ParseQuestion(q check.Question) (browser.Page, browser.Request, error) { return parse(q) }

// Exit is the exit status that Run has for the outcome.
func (o Outcome) Exit() int { return o.trial.exit() }

// Cure says what would let the page read the response.
func (o Outcome) Cure() string {
	e := &explanation{stage: o.stage, trial: o.trial}
	return e.cureText()
}

// DecidedBy names the policy, its place and its decision; empty where no policy governed
// the exchange that decided.
func (o Outcome) DecidedBy() string {
	d := o.Policy
	if d == nil {
		return ""
	}
	text := fmt.Sprintf("%s (%s): %s", nameOf(d), d.By.Place, d.Decision)
	if d.Reason != "" {
		text += " (" + d.Reason + ")"
	}
	return text
}
