package explain

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// notes say what was taken for granted, and where the verdict would be another one.
func (e *Explanation) notes() []string {
	notes := append(e.nearMisses(), e.lost()...)
	var foreign []string
	for _, a := range e.answers() {
		for _, h := range a.Ran {
			if note := fmt.Sprintf("%s is report_only: it decides, but changes nothing", name(h)); h.ReportOnly && !slices.Contains(notes, note) {
				notes = append(notes, note)
			}
		}
		foreign = append(foreign, a.Foreign()...)
	}
	if d := e.Policy(); d != nil && d.Reason == sourceUnavailable && e.Verdict.Err == nil && !e.readable() {
		notes = append(notes, "a source of origins (origins_from) could not say whether the origin is allowed")
	}
	if e.Verdict.Err == nil || e.any(func(a *rehearsal.Answer) bool { return a.Status > 0 }) {
		notes = slices.Concat(notes, e.persons(), e.authentication(), e.files(), e.visitors())
	}
	slices.Sort(foreign)
	for _, kind := range slices.Compact(foreign) {
		notes = append(notes, fmt.Sprintf("%s is a plugin's handler: it was left out, as if it let the request pass", kind))
	}
	return notes
}

// variation is a circumstance that may change the verdict, and what is said if it does: its
// %s becomes the other verdict.
type variation struct {
	q    rehearsal.Question
	note string
}

func (e *Explanation) varied(variations ...variation) (notes []string) {
	for _, v := range variations {
		if other := e.with(v.q); other.Headline() != e.Headline() {
			notes = append(notes, strings.ReplaceAll(v.note, "%s", other.because()))
		}
	}
	return notes
}

func (e *Explanation) with(q rehearsal.Question) *Explanation {
	return Ask(e.stage, e.page, e.request, q)
}

// because is the verdict with its reason.
func (e *Explanation) because() string {
	if text := e.Sentence(); text != "" {
		return e.Headline() + ", because " + text
	}
	return e.Headline()
}

// lost names the directives that Caddy's adapter dropped from a named route on
// the way.
func (e *Explanation) lost() (notes []string) {
	named := e.any(func(a *rehearsal.Answer) bool {
		return slices.ContainsFunc(a.Ran, func(h *rehearsal.Handler) bool { return strings.Contains(h.Path, "/named_routes/") })
	})
	if !named {
		return nil
	}
	for _, p := range e.stage.Lost {
		notes = append(notes, fmt.Sprintf("Caddy drops `%s` (%s): of several handlers of a named route it keeps only the first. "+
			"Put them into a `route` block inside the named route", p.Text, p))
	}
	return notes
}

// persons are the notes about other upstreams than the plain one.
func (e *Explanation) persons() (notes []string) {
	if !e.any(func(a *rehearsal.Answer) bool { return a.Upstream }) {
		return nil
	}
	const depends = "this depends on the upstream: with one that "
	own, echo := e.with(rehearsal.Question{Person: rehearsal.Own}), e.with(rehearsal.Question{Person: rehearsal.Echo})
	before := e.Headline()
	switch o, x := own.Headline(), echo.Headline(); {
	case o != before && o == x:
		notes = append(notes, depends+"sends CORS headers of its own it is "+own.because())
	case x != before:
		notes = append(notes, depends+"itself allows this origin it is "+echo.because())
	case o != before:
		notes = append(notes, depends+"allows another origin itself it is "+own.because())
	}
	if !e.readable() || e.request.Mode == browser.ModeWebSocket {
		return notes
	}
	return append(notes, e.varied(
		variation{rehearsal.Question{Person: rehearsal.Down}, "if the upstream is down, the page cannot read Caddy's error page (502): %s"},
		variation{rehearsal.Question{Person: rehearsal.Unauthorized}, "if the upstream answers 401, the page cannot read that: %s"},
		variation{rehearsal.Question{Person: rehearsal.Login}, "if the upstream redirects to a login page, the page's request follows it there and fails; " +
			"let it answer 401 to requests with an Origin instead"},
	)...)
}

// authentication is the note about who is signed in.
func (e *Explanation) authentication() []string {
	if !e.any(func(a *rehearsal.Answer) bool { return a.Authentication }) {
		return nil
	}
	notes := e.varied(variation{rehearsal.Question{SignedIn: true}, "the authentication answers 401 to this request; for somebody who is signed in it is %s"})
	refused := e.last().answer != nil && e.last().answer.Status == http.StatusUnauthorized
	switch {
	case len(notes) > 0:
	case refused && e.last().sent.Preflight:
		notes = append(notes, "the answer is the 401 of the authentication: no preflight carries credentials")
	case refused:
		notes = append(notes, "the answer is the 401 of the authentication: this request carries no credentials of its kind")
	default:
		notes = append(notes, "the authentication was taken to let requests with credentials pass, and to answer 401 to others; preflights never carry any")
	}
	if !e.readable() {
		return notes
	}
	return append(notes, e.varied(variation{rehearsal.Question{AuthLogin: true}, "if the authentication redirects to a login page instead, " +
		"the page's request follows it there and fails: let it answer 401 to requests with an Origin"})...)
}

// files is the note about folders that are not there.
func (e *Explanation) files() []string {
	for _, a := range e.answers() {
		if len(a.FilesPlayed) > 0 {
			note := fmt.Sprintf("the folder %s is not on this machine, so its files were taken to be there", a.FilesPlayed[0])
			return append(e.varied(variation{rehearsal.Question{FilesMissing: true}, note + "; where the file is missing it is %s"}), note)[:1]
		}
	}
	return nil
}

// maxVisitors is how many addresses are tried for the matchers that ask for
// some.
const maxVisitors = 6

// visitors are the notes about clients that matchers tell apart.
func (e *Explanation) visitors() []string {
	asks := e.stage.Asks()
	addresses := make([]variation, 0, maxVisitors)
	protocols := make([]variation, 0, len(asks.Protocols))
	for _, prefix := range asks.Addresses[:min(len(asks.Addresses), maxVisitors)] {
		addresses = append(addresses, variation{rehearsal.Question{Address: rehearsal.ClientIn(prefix)}, fmt.Sprintf("for a client in %s it is %%s", prefix)})
	}
	for _, protocol := range asks.Protocols {
		if version := strings.TrimSuffix(protocol, "+"); strings.HasPrefix(version, "http/") {
			protocols = append(protocols, variation{rehearsal.Question{Protocol: version}, fmt.Sprintf("over %s it is %%s", version)})
		}
	}
	notes := e.varied(addresses...)
	return append(notes[:min(1, len(notes))], e.varied(protocols...)...) // one client is enough
}
