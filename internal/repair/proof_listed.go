package repair

import (
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// unlistedHere reports whether the old lines keep a method or a header off their lists on
// purpose: by a narrower line, or since it is listed for other addresses.
func (c *claimed) unlistedHere(q question, preflight []*rehearsal.Handler, field, wanted string) bool {
	return c.overruled(q, preflight, field, wanted) || c.isListedElsewhere(q, field, wanted)
}

// isListedElsewhere reports whether the lists that something is in are for other
// addresses only, where others of the old lines let the page in.
func (c *claimed) isListedElsewhere(q question, field, wanted string) bool {
	at := c.before.serves(q.url)
	letIn := which(c.lines, func(h *rehearsal.Handler) bool { return len(at.lets[h]) > 0 })
	lists := which(c.lines, func(h *rehearsal.Handler) bool { return at.sets(h, field) && !at.refuses(h, field, wanted) })
	return c.runs(q, letIn) && !c.runs(q, lists) && slices.ContainsFunc(c.urls, func(url string) bool {
		return c.runs(question{url: url, origin: q.origin, method: q.method, header: q.header}, lists)
	})
}

// runs reports whether one of some handlers runs for a request, or for its preflight.
func (c *claimed) runs(q question, handlers []*rehearsal.Handler) bool {
	return ranAny(c.before.reached(q, true), handlers) || ranAny(c.before.reached(q, false), handlers)
}

// unlisted reports whether a preflight is answered for the page by name, with a list that
// what it asks for is not in.
func (q question) unlisted(a *rehearsal.Answer) bool {
	lacks := func(field, wanted string) bool {
		list := splitList(strings.Join(a.Header[field], ","))
		return len(list) > 0 && !slices.Contains(list, "*") && !slices.ContainsFunc(list, func(v string) bool { return strings.EqualFold(v, wanted) })
	}
	return slices.Equal(a.Header[httpwords.AllowOrigin], []string{q.origin}) &&
		(!httpwords.IsSafelistedMethod(q.method) && lacks(httpwords.AllowMethods, q.method) || q.header != "" && lacks(httpwords.AllowHeaders, q.header))
}
