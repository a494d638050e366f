package repair

import (
	"net/http"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// exposed: readers may look at no more header fields than the old lines let them
// see, by whatever method. What they see no longer is noted.
func (p *proof) exposed(c *claimed, url string) string {
	for _, r := range c.draft.readers {
		var was, lost []string
		could := false
		ask := func(s *stage, method string) outcome {
			return s.ask(question{url: url, origin: r.origin, method: method, credentials: r.credentials})
		}
		for _, method := range exposing {
			before := ask(p.before, method)
			could, was = could || before.readable, appendNew(was, before.exposed...)
			for _, name := range before.missing(ask(p.after, method), r.credentials) {
				lost = appendNew(lost, name+" of "+method)
			}
		}
		if !could || slices.Contains(was, "*") || slices.ContainsFunc(c.policy.lines, (*line).exposesWhatIsAsked) {
			continue
		}
		for _, method := range exposing {
			for _, name := range (outcome{exposed: ask(p.after, method).exposed}).missing(outcome{exposed: was, readable: true}, true) {
				return "then a page on " + r.origin + " sees " + name + " in the answer to " + method + " " + url + ", which the old lines keep from it"
			}
		}
		if lost != nil {
			c.notes = appendNew(c.notes, "pages of "+r.origin+" see no longer, in answers from "+url+": "+strings.Join(lost, ", "))
		}
	}
	return ""
}

// missing are the fields that another answer, if it can be read, does not expose.
func (o outcome) missing(in outcome, credentials bool) (names []string) {
	if !in.readable || !credentials && slices.Contains(in.exposed, "*") {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(o.exposed), func(name string) bool { return slices.Contains(in.exposed, name) })
}

// exposesWhatIsAsked: the request says what its answer exposes.
func (l *line) exposesWhatIsAsked() bool {
	return l.field == httpwords.ExposeHeaders && slices.ContainsFunc(l.value, func(v claim) bool { return strings.Contains(v.value, "{") })
}

// exposing are the methods whose answers may expose different fields.
var exposing = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch}

// exposedIn are the fields that an answer exposes beyond those that every page
// sees, and *, if it is among them.
func exposedIn(header http.Header) (names []string) {
	for _, name := range splitList(strings.Join(header[httpwords.ExposeHeaders], ",")) {
		if name = strings.ToLower(name); !httpwords.IsSafelistedResponseHeader(name) {
			names = appendNew(names, name)
		}
	}
	return names
}
