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
		var now [][2]string // fields and methods
		could := false
		for _, method := range exposing {
			q := question{url: url, origin: r.origin, method: method, credentials: r.credentials}
			before, after := p.before.ask(q), p.after.ask(q)
			could, was = could || before.readable, appendNew(was, before.exposed...)
			for _, name := range after.hides(before.exposed, r.credentials) {
				lost = appendNew(lost, name+" of "+method)
			}
			for _, name := range after.exposed {
				now = append(now, [2]string{name, method})
			}
		}
		if !could || slices.Contains(was, "*") || slices.ContainsFunc(c.policy.lines, (*line).exposesWhatIsAsked) {
			continue
		}
		if i := slices.IndexFunc(now, func(field [2]string) bool { return !slices.Contains(was, field[0]) }); i >= 0 {
			return page(r.origin) + " sees " + now[i][0] + " in the answer to " + now[i][1] + " " + url + ", which the old lines keep from it"
		}
		if lost != nil {
			c.notes = appendNew(c.notes, "pages of "+r.origin+" see no longer, in answers from "+url+": "+strings.Join(lost, ", "))
		}
	}
	return ""
}

// hides are the fields among some that an answer, if it can be read, keeps from the
// page. Beside credentials a * is no wildcard (Fetch, section CORS protocol and
// credentials).
func (o outcome) hides(names []string, credentials bool) []string {
	if !o.readable || !credentials && slices.Contains(o.exposed, "*") {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(o.exposed, name) })
}

// exposesWhatIsAsked: the request says what its answer exposes.
func (l *line) exposesWhatIsAsked() bool {
	return l.field == httpwords.ExposeHeaders && slices.ContainsFunc(l.value, func(v string) bool { return strings.Contains(v, "{") })
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
