package explain

import (
	"fmt"
	"maps"
	"slices"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// Where a policy has to stand: cures for requests that none governs.

// cureWithoutSite: no site has the name.
func (e *Explanation) cureWithoutSite() string {
	if a := e.last().answer; !a.Silent || e.stage.Serves(e.last().sent.URL) {
		return ""
	}
	return fmt.Sprintf("no site of the configuration has the name of %s: call one of those that are there, or write this name into the address of its site",
		e.last().sent.URL)
}

// cureHandshake: what answered is no WebSocket server. No CORS header can help.
func (e *Explanation) cureHandshake() string {
	a := e.last().answer
	if e.request.Mode != browser.ModeWebSocket || e.Verdict.Reason != browser.WebSocketRefused {
		return ""
	}
	if text := answeredBy(a); text != "" {
		return fmt.Sprintf("the handshake was answered %s, which opens no WebSocket: let it reach the service that does", text)
	}
	return ""
}

// cureReportOnly: a policy decided, but was told to change nothing.
func (e *Explanation) cureReportOnly() string {
	for _, h := range e.last().answer.Ran {
		if h.ReportOnly {
			return fmt.Sprintf("take report_only out of the policy at %s%s", h.Place, e.without(h, "report_only"))
		}
	}
	return ""
}

// cureTooLate: a policy is there, and the request was answered before it came so far,
// or in another block.
func (e *Explanation) cureTooLate() string {
	a := e.last().answer
	d := e.closest(a)
	switch {
	case d == nil:
		return ""
	case d.reached && d.own():
		return fmt.Sprintf("give the policy no matcher, or one that lets this request in: %s", e.withoutMatcher(d.handler))
	case d.stopped != nil && d.reached:
		where := "the block around it"
		if text := d.stopped.Place.Text; text != "" {
			where = "`" + text + "`"
		}
		return fmt.Sprintf("the policy at %s is for requests of %s only: put one beside what answers this request, or move it out of there, into the site%s",
			d.handler.Place, where, e.reached(d.handler))
	}
	if first := answerer(a); first != nil && first != d.handler {
		return fmt.Sprintf("put the policy in front of what answers first, %s%s", name(first), e.reached(d.handler))
	}
	return ""
}

// reached is a policy of the file as it has to stand where requests come to it:
// without its matcher, and with the page's origin.
func (e *Explanation) reached(h *rehearsal.Handler) string { return ": " + e.withoutMatcher(h) }

// without is a policy of the file without some of its options, and with the page's
// origin, where it can be written whole.
func (e *Explanation) without(h *rehearsal.Handler, keys ...string) string {
	bare := *h
	bare.Config = maps.Clone(h.Config)
	for _, key := range keys {
		delete(bare.Config, key)
	}
	p := policyOf(&bare)
	e.admit(p, &bare)
	return textOrNothing(p)
}

// admit gives a policy of the file what the page needs.
func (e *Explanation) admit(p *policy, h *rehearsal.Handler) {
	covers := func(w string) bool { return w == "*" || coversOrigin(w, e.page.Origin.String()) }
	if !slices.ContainsFunc(wordsOf(h.Config, "origins"), covers) || slices.ContainsFunc(wordsOf(h.Config, "except"), covers) {
		p.allow(e.page.Origin.String(), false, "")
	}
	e.mend(p)
}

// failing names the handler that failed.
func failing(a *rehearsal.Answer) string {
	if a.Failed == nil {
		return "the error"
	}
	return name(a.Failed)
}
