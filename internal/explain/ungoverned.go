package explain

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/check"
	"github.com/caddy-cors/caddy-cors/internal/neighbours"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// Cures for requests that no policy governs, and for what stands beside one.

// cureWithoutPolicy says where a policy has to stand.
func (e *Explanation) cureWithoutPolicy() string {
	a, sent := e.last().answer, e.last().sent
	trial := slices.IndexFunc(a.Ran, func(h *rehearsal.Handler) bool { return h.ReportOnly })
	redirected := a.Status >= 300 && a.Status < 400 && a.Status != 304
	switch {
	case a.Silent && !e.stage.Serves(sent.URL):
		return fmt.Sprintf("no site of the configuration has the name of %s: call one of those that are there, or write this name into the address of its site", sent.URL)
	case e.Verdict.Reason == browser.WebSocketRefused && answeredBy(a) != "": // no CORS header can help
		return fmt.Sprintf("the handshake was answered %s, which opens no WebSocket: let it reach the service that does", answeredBy(a))
	case trial >= 0:
		h := a.Ran[trial]
		return e.without(h, "report_only").offer("take report_only out of the policy at %s", h.Place)
	case e.tainted():
		return e.cureTainted()
	case e.page.Origin.String() == "null":
		return e.checkCure()
	case redirected && toHTTPS(sent.URL, a.Header.Get("Location")):
		return "let the page call the https URL: the redirect to it carries no CORS header, and a preflight follows none"
	case redirected:
		return e.newPolicy().offer("let the page call the URL that the redirect names, or put a policy before the redirect")
	}
	danger := ""
	if e.wantsCredentials() && check.IsPlainHTTP(e.page.Origin.String()) {
		danger = insecureCure
	}
	if text := e.cureTooLate(a); text != "" {
		return danger + text
	}
	if w := handWritten(a, "access-control-allow-"); w != "" {
		return e.newPolicy().offer("%sput a policy into the site in place of what is written by hand, %s", danger, w)
	}
	return e.newPolicy().offer("%sput a policy into the site", danger)
}

// toHTTPS: the same URL on https, as Caddy redirects by itself.
func toHTTPS(from, location string) bool {
	to, err := url.Parse(location)
	u, err2 := url.Parse(from)
	return err == nil && err2 == nil && u.Scheme == "http" && to.Scheme == "https" && to.Hostname() == u.Hostname() && to.Path == u.Path
}

// cureTooLate: a policy is there, and the request was answered before it came so far,
// or in another block.
func (e *Explanation) cureTooLate(a *rehearsal.Answer) string {
	d := e.closest(a)
	if d == nil {
		return ""
	}
	p := e.reached(d.handler)
	switch first := answerer(a); {
	case d.probe != nil && d.own():
		return p.offer("give the policy no matcher, or one that lets this request in")
	case d.probe != nil:
		where := "the block around it"
		if text := d.stopped.Place.Text; text != "" {
			where = "`" + text + "`"
		}
		return p.offer("the policy at %s is for requests of %s only: put one beside what answers this request, or move it out of there, into the site", d.handler.Place, where)
	case first != nil && first != d.handler:
		return p.offer("put the policy in front of what answers first, %s", name(first))
	}
	return ""
}

// handWritten names what the request came by, besides cors, that writes a header.
func handWritten(a *rehearsal.Answer, field string) string {
	var names []string
	for _, h := range a.Ran {
		if h.Kind != "cors" && strings.Contains(strings.ToLower(rehearsal.Compact(h.Config)), field) {
			names = append(names, linesAbout(h, field)...)
		}
	}
	return strings.Join(slices.Compact(names), " and ")
}

// linesAbout names the lines of a handler that have a word, as its block may do more than
// that, or else the handler.
func linesAbout(h *rehearsal.Handler, word string) (names []string) {
	for _, line := range h.Lines() {
		texts := make([]string, len(line))
		for i, t := range line {
			texts[i] = t.Text
		}
		if text := strings.Join(texts, " "); strings.Contains(strings.ToLower(text), strings.ToLower(word)) {
			names = append(names, fmt.Sprintf("`%s` (%s:%d)", text, line[0].File, line[0].Line))
		}
	}
	if len(names) == 0 {
		return []string{name(h)}
	}
	return names
}

// lastWord is about a `header` in front of a policy that is done after it, in the words
// of the warning at run time.
func lastWord(a *rehearsal.Answer, d *rehearsal.Decision) string {
	for _, h := range a.Ran[:slices.Index(a.Ran, d.By)] {
		if h.Kind != "headers" {
			continue
		}
		for _, l := range neighbours.ReadLines(rehearsal.Map(h.Config, "response")) {
			const noVary = true // what is lost for caches is not why a page cannot read
			if effect := l.Effect(noVary); effect != "" && l.Deferred {
				return fmt.Sprintf("%s stands beside the policy at %s; %s", linesAbout(h, l.Name)[0], d.By.Place, effect)
			}
		}
	}
	return ""
}
