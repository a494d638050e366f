package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// findNotes says what was taken for granted, and where the verdict would be
// another one.
func (e *explanation) findNotes() (notes []string) {
	notes = append(notes, e.nearMisses()...)
	notes = append(notes, e.lost()...)
	for _, s := range e.steps {
		if s.answer == nil {
			continue
		}
		for _, h := range s.answer.Ran {
			if note := fmt.Sprintf("%s is report_only: it decides, but changes nothing", name(h)); h.ReportOnly && !slices.Contains(notes, note) {
				notes = append(notes, note)
			}
		}
	}
	if d := e.policy(); d != nil && d.Reason == "source_unavailable" && len(e.notAsked()) == 0 && !e.readable() {
		notes = append(notes, "a source of origins (origins_from) could not say whether the origin is allowed")
	}
	if e.verdict.Err == nil || e.any(func(a *rehearsal.Answer) bool { return a.Status > 0 }) {
		notes = append(notes, e.persons()...)
		notes = append(notes, e.authentication()...)
		notes = append(notes, e.files()...)
		notes = append(notes, e.visitors()...)
	}
	for _, kind := range e.foreign() {
		notes = append(notes, fmt.Sprintf("%s is a plugin's handler: it was left out, as if it let the request pass", kind))
	}
	return notes
}

// lost names the directives that Caddy's adapter dropped from a named route on
// the way.
func (e *explanation) lost() (notes []string) {
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
func (e *explanation) persons() (notes []string) {
	if !e.any(func(a *rehearsal.Answer) bool { return a.Upstream }) {
		return nil
	}
	own, echo := e.with(circumstances{person: rehearsal.Own}), e.with(circumstances{person: rehearsal.Echo})
	before := e.headline()
	switch o, x := own.headline(), echo.headline(); {
	case o != before && o == x:
		notes = append(notes, fmt.Sprintf("this depends on the upstream: with one that sends CORS headers of its own it is %s%s", o, because(own)))
	case x != before:
		notes = append(notes, fmt.Sprintf("this depends on the upstream: with one that itself allows this origin it is %s%s", x, because(echo)))
	case o != before:
		notes = append(notes, fmt.Sprintf("this depends on the upstream: with one that allows another origin itself it is %s%s", o, because(own)))
	}
	if !e.readable() || e.request.Mode == browser.ModeWebSocket {
		return notes
	}
	for _, p := range []struct {
		person rehearsal.Person
		when   string
	}{
		{rehearsal.Down, "is down, the page cannot read Caddy's error page (502)"},
		{rehearsal.Unauthorized, "answers 401, the page cannot read that"},
	} {
		if t := e.with(circumstances{person: p.person}); !t.readable() {
			notes = append(notes, fmt.Sprintf("if the upstream %s: %s%s", p.when, t.headline(), because(t)))
		}
	}
	if t := e.with(circumstances{person: rehearsal.Login}); !t.readable() && len(t.notAsked()) == 0 {
		notes = append(notes, "if the upstream redirects to a login page, the page's request follows it there and fails; "+
			"let it answer 401 to requests with an Origin instead")
	}
	return notes
}

func because(t *trial) string {
	if text := t.sentence(); text != "" {
		return ", because " + text
	}
	return ""
}

func (e *explanation) with(c circumstances) *trial { return play(e.stage, e.page, e.request, c) }

// authentication is the note about who is signed in.
func (e *explanation) authentication() (notes []string) {
	asked := e.any(func(a *rehearsal.Answer) bool { return a.Authentication })
	if !asked {
		return nil
	}
	before := e.headline()
	signedIn := e.with(circumstances{signedIn: true})
	switch {
	case signedIn.headline() != before:
		notes = append(notes, fmt.Sprintf("the authentication answers 401 to this request; for somebody who is signed in it is %s", signedIn.headline()))
	case e.last().answer != nil && e.last().answer.Status == 401 && e.last().sent.Preflight:
		notes = append(notes, "the answer is the 401 of the authentication: no preflight carries credentials")
	case e.last().answer != nil && e.last().answer.Status == 401:
		notes = append(notes, "the answer is the 401 of the authentication: this request carries no credentials of its kind")
	default:
		notes = append(notes, "the authentication was taken to let requests with credentials pass, and to answer 401 to others; preflights never carry any")
	}
	if t := e.with(circumstances{authLogin: true}); e.readable() && !t.readable() {
		notes = append(notes, "if the authentication redirects to a login page instead, the page's request follows it there and fails: "+
			"let it answer 401 to requests with an Origin")
	}
	return notes
}

// files is the note about folders that are not there.
func (e *explanation) files() (notes []string) {
	var roots []string
	for _, s := range e.steps {
		if s.answer != nil {
			roots = append(roots, s.answer.FilesPlayed...)
		}
	}
	if len(roots) == 0 {
		return nil
	}
	note := fmt.Sprintf("the folder %s is not on this machine, so its files were taken to be there", roots[0])
	if t := e.with(circumstances{filesMissing: true}); t.headline() != e.headline() {
		note += fmt.Sprintf("; where the file is missing it is %s%s", t.headline(), because(t))
	}
	return append(notes, note)
}

// maxVisitors is how many addresses are tried for the matchers that ask for
// some.
const maxVisitors = 6

// visitors are the notes about clients that matchers tell apart.
func (e *explanation) visitors() (notes []string) {
	before, asks := e.headline(), e.stage.Asks()
	for i, prefix := range asks.Addresses {
		if i == maxVisitors {
			break
		}
		if t := e.with(circumstances{address: rehearsal.ClientIn(prefix)}); t.headline() != before {
			notes = append(notes, fmt.Sprintf("for a client in %s it is %s%s", prefix, t.headline(), because(t)))
			break
		}
	}
	for _, protocol := range asks.Protocols {
		if !strings.HasPrefix(protocol, "http/") {
			continue
		}
		version := strings.TrimSuffix(protocol, "+")
		if t := e.with(circumstances{protocol: version}); t.headline() != before {
			notes = append(notes, fmt.Sprintf("over %s it is %s%s", version, t.headline(), because(t)))
		}
	}
	return notes
}

func (e *explanation) foreign() (kinds []string) {
	for _, s := range e.steps {
		if s.answer != nil {
			kinds = append(kinds, s.answer.Foreign()...)
		}
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}
