// Package explain tells what a configuration makes of a page's request: which
// policy governs it, what it answers, what the browser does then, and what
// would help. It asks the configuration itself, in a rehearsal.
package explain

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/caddy-cors/caddy-cors/internal/check"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// Options say where the configuration is and how to answer.
type Options struct {
	Config, Adapter string
	Ask             bool // sources of origins may be asked
	Verbose, JSON   bool
}

// Run answers one question and returns the exit status of the command. An error
// is one in the question or the configuration.
func Run(out io.Writer, question check.Question, o Options) (int, error) {
	page, request, err := question.Parse()
	if err != nil {
		return check.ExitUsage, err
	}
	stage, err := rehearsal.Load(o.Config, o.Adapter, rehearsal.Options{Ask: o.Ask, Ways: true})
	if err != nil {
		return check.ExitUsage, err
	}
	defer stage.Close()
	e := Ask(stage, page, request, rehearsal.Question{})
	if o.JSON {
		err = check.WriteJSON(out, map[string]any{"explained": e.seen(), "verdict": e.Verdict, "notes": e.notes(), "cure": e.Cure()})
		return e.Exit(), err
	}
	e.text(out, o.Verbose)
	return e.Exit(), nil
}

// seen is what the configuration did with one request, as JSON.
type seen struct {
	Method   string   `json:"method"`
	URL      string   `json:"url"`
	Policy   string   `json:"policy,omitempty"` // empty: no cors handler governs it
	Place    string   `json:"place,omitempty"`  // file and line, or a JSON pointer
	Matchers []string `json:"matchers,omitempty"`
	Decision string   `json:"decision,omitempty"`
	Reason   string   `json:"reason,omitempty"`
	Nearest  string   `json:"nearest,omitempty"` // where no policy governs: the nearest, and what kept the request away
	Answered string   `json:"answered,omitempty"`

	unanswered bool
}

func (e *Explanation) seen() (all []seen) {
	for _, s := range e.steps {
		x := seen{Method: s.sent.Method, URL: s.sent.URL, unanswered: s.answer == nil}
		if a := s.answer; a != nil {
			x.Answered = answeredBy(a)
			if d := a.Policy; d != nil {
				x.Policy, x.Place, x.Decision, x.Reason = nameOf(d), d.By.Place.String(), d.Decision, d.Reason
				x.Matchers = matchersOf(d.By)
			} else {
				x.Nearest = e.nearest(a)
			}
		}
		all = append(all, x)
	}
	return all
}

// nameOf names a policy: as its author did, or as the line reads.
func nameOf(d *rehearsal.Decision) string {
	switch {
	case d.Name != "":
		return d.Name
	case len(WordsOf(d.By.Config, "origins")) == 0 && d.By.Text != "":
		return d.By.Text
	}
	words := append([]string{"cors"}, WordsOf(d.By.Config, "origins")...)
	if len(words) > maxOrigins {
		words = append(words[:maxOrigins], "…")
	}
	return strings.Join(words, " ")
}

func matchersOf(h *rehearsal.Handler) (all []string) {
	for _, r := range h.Way {
		all = append(all, describe(r.Match))
	}
	return all
}

// describe writes matchers as JSON has them: several sets are alternatives.
func describe(match any) string {
	sets, ok := match.([]any)
	if !ok {
		sets = []any{match}
	}
	alternatives := make([]string, 0, len(sets))
	for _, set := range sets {
		byName := rehearsal.Map(set)
		all := make([]string, 0, len(byName))
		for _, name := range sortedKeys(byName) {
			all = append(all, name+" "+rehearsal.Compact(byName[name]))
		}
		alternatives = append(alternatives, strings.Join(all, " and "))
	}
	return strings.Join(alternatives, ", or ")
}

// answeredBy says which handler wrote the answer.
func answeredBy(a *rehearsal.Answer) string {
	switch {
	case a.Silent:
		return "by nobody: no handler answers, and Caddy sends an empty 200"
	case a.Status == 0 && a.Failed != nil:
		return fmt.Sprintf("by nobody: %s hangs up", name(a.Failed))
	case len(a.Ran) == 0 && a.Status == http.StatusPermanentRedirect:
		return "by Caddy's own redirect to https"
	case a.By != nil:
		return "by " + name(a.By)
	case a.Failed != nil:
		return fmt.Sprintf("by Caddy's own error page: %s fails (%v)", name(a.Failed), plain(a.Err))
	}
	return ""
}

// answerer is the handler whose answer, or error, the page gets.
func answerer(a *rehearsal.Answer) *rehearsal.Handler {
	if a.By != nil {
		return a.By
	}
	return a.Failed
}

// name names a handler: its line, or what it is and where it stands.
func name(h *rehearsal.Handler) string {
	if h.Text == "" {
		return fmt.Sprintf("%s (%s)", h.Kind, h.Place)
	}
	return fmt.Sprintf("`%s` (%s)", h.Text, h.Place)
}

// plain is an error of Caddy without its place in the source, which is for logs.
func plain(err error) string {
	var failed caddyhttp.HandlerError
	switch {
	case !errors.As(err, &failed):
		return err.Error()
	case failed.Err == nil || failed.Err.Error() == "":
		return fmt.Sprintf("HTTP %d", failed.StatusCode)
	}
	return fmt.Sprintf("HTTP %d: %v", failed.StatusCode, failed.Err)
}
