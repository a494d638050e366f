package repair

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/matrix"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// kept reports whether the old lines keep a page from what it asks on purpose. A line
// that deletes a field is a slip where the line that sets it runs; where that runs for
// more requests, these are meant to go without. So it is with a list that a narrower
// line makes shorter, and with a line that allows for other methods only.
func (c *claimed) kept(q question) bool {
	actual := c.before.reached(q, false)
	if c.isException(q) || c.keptByMethod(q, actual) || c.overruled(q, actual, httpwords.AllowOrigin, q.origin) {
		return true
	}
	if q.credentials && c.overruled(q, actual, httpwords.AllowCredentials, "true") {
		return true
	}
	if q.isSimple() {
		return false
	}
	preflight := c.before.reached(q, true)
	return c.guarded(q, preflight) || c.overruled(q, preflight, httpwords.AllowOrigin, q.origin) ||
		!httpwords.IsSafelistedMethod(q.method) && c.unlistedHere(q, preflight, httpwords.AllowMethods, q.method) ||
		q.header != "" && c.unlistedHere(q, preflight, httpwords.AllowHeaders, q.header)
}

// isException reports whether the old lines keep a page from what others of the same kind
// may do: the site tells it apart.
func (c *claimed) isException(q question) bool {
	if !slices.Contains(c.before.serves(q.url).pages, q.origin) {
		return false
	}
	q = plainly(q)
	plain := question{url: q.url, origin: q.origin, method: http.MethodGet, credentials: q.credentials}
	return slices.ContainsFunc(c.draft.readers, func(r reader) bool {
		return (r.everybody || r.of.covers(q.origin)) && slices.ContainsFunc(c.askers(), func(from string) bool {
			return (r.everybody || r.of.covers(from)) && (c.before.prefers(from, q) || c.before.prefers(from, plain))
		})
	})
}

// prefers reports whether another page may do what a page may not.
func (s *stage) prefers(from string, q question) bool {
	mine := s.ask(q)
	q.origin = from
	others := s.ask(q)
	return others.readable && !mine.readable || others.preflown && others.sent && !mine.sent
}

// unasked says why a policy cannot be repaired around a line that says something else:
// not all that this one is for is asked, such as other clients, by their address.
func (c *claimed) unasked() string {
	for _, base := range c.bases {
		at := c.before.serves(base)
		if at == nil {
			continue
		}
		for _, narrow := range at.site.Handlers {
			if c.differs(at, narrow) && slices.ContainsFunc(c.handlers, func(wide *rehearsal.Handler) bool { return isInside(narrow, wide) && looksFurther(narrow, wide) }) {
				return narrow.Place.String() + " may count no longer: not all requests that it is for can be tried here"
			}
		}
	}
	return ""
}

// differs reports whether a handler deletes what a policy gives, or lets others in.
func (c *claimed) differs(at *place, h *rehearsal.Handler) bool {
	credentials := slices.ContainsFunc(c.draft.readers, func(r reader) bool { return r.credentials })
	if at.refuses(h, httpwords.AllowOrigin, "") || credentials && at.refuses(h, httpwords.AllowCredentials, "true") {
		return true
	}
	return !h.ErrorRoute && !slices.Contains(c.lines, h) && slices.ContainsFunc(at.lets[h], func(o *matrix.Operation) bool {
		return !slices.ContainsFunc(c.policy.lines, func(l *line) bool { return slices.Equal(l.value, o.Values) })
	})
}

// guarded reports whether the old lines keep a preflight from being answered on purpose:
// by a line that refuses some preflights, or since the lines that answer preflights are
// for others.
func (c *claimed) guarded(q question, ran []*rehearsal.Handler) bool {
	a := c.before.answer(q, true)
	if a == nil {
		return false
	}
	if a.Status/100 == 2 {
		return q.unlisted(a)
	}
	if by := a.Refuser(); by != nil && (matrix.AboutPreflights(by) || a.Status/100 != 3 && len(c.answering) > 0 && !c.refuses(q, by)) {
		return true
	}
	return c.leavesOut && !ranAny(ran, c.answering)
}

// refuses reports whether a handler refuses what a preflight is for, too: it is closed,
// and the answer to the preflight opens nothing.
func (c *claimed) refuses(q question, by *rehearsal.Handler) bool {
	a := c.before.answer(q, false)
	return a != nil && a.Refuser() == by
}

// answer is what a question gets, or its preflight. Nil: nothing.
func (s *stage) answer(q question, preflight bool) *rehearsal.Answer {
	r := asked(q.url, q.origin, q.method, preflight)
	r.Person, r.SignedIn = q.person, !preflight // what a login hides is kept, too
	switch {
	case q.header == "":
	case preflight:
		r.Headers = append(r.Headers, [2]string{httpwords.RequestHeaders, strings.ToLower(q.header)})
	default:
		r.Headers = append(r.Headers, [2]string{q.header, "x"})
	}
	a, err := s.Ask(r)
	if err != nil {
		return nil
	}
	return a
}

// reached are the handlers that a question comes by, or its preflight.
func (s *stage) reached(q question, preflight bool) []*rehearsal.Handler {
	if a := s.answer(q, preflight); a != nil {
		return a.Ran
	}
	return nil
}

// keptByMethod reports whether the lines that let somebody in run for reading only. Any
// other list is a slip: whoever may write may use the usual methods. So is every list in
// front of a cors directive, since it keeps the preflights away.
func (c *claimed) keptByMethod(q question, ran []*rehearsal.Handler) bool {
	if c.preflights || len(c.policy.directives()) > 0 {
		return false
	}
	at := c.before.serves(q.url)
	allows := func(h *rehearsal.Handler) bool {
		return slices.Contains(c.handlers, h) && len(at.lets[h]) > 0
	}
	if slices.ContainsFunc(ran, allows) || q.method == http.MethodHead { // which tells no more than GET
		return false
	}
	others := false
	for _, method := range at.methods {
		q.method = method
		runs := slices.ContainsFunc(c.before.reached(q, false), allows)
		if runs && method != http.MethodGet && method != http.MethodHead {
			return false
		}
		others = others || runs
	}
	return others
}

// overruled reports whether, of the handlers that a request came by, one that is for
// fewer requests takes from it what another one says in a field.
func (c *claimed) overruled(q question, ran []*rehearsal.Handler, field, wanted string) bool {
	at := c.before.serves(q.url)
	for _, narrow := range ran {
		if !at.refuses(narrow, field, wanted) {
			continue
		}
		wide := slices.DeleteFunc(slices.Clone(ran), func(h *rehearsal.Handler) bool { return !at.sets(h, field) || at.refuses(h, field, wanted) })
		if len(wide) > 0 && !slices.ContainsFunc(wide, func(h *rehearsal.Handler) bool { return !c.isNarrower(q, narrow, h) }) {
			return true
		}
	}
	return false
}

// isNarrower reports whether one of two handlers is for fewer requests than the other:
// the other one runs in further sites or for further addresses and methods, or it has
// no matcher that looks at something else.
func (c *claimed) isNarrower(q question, narrow, wide *rehearsal.Handler) bool {
	if narrow.ErrorRoute != wide.ErrorRoute {
		return narrow.ErrorRoute
	}
	for _, other := range c.before.places {
		if wide.File != "" && other != nil && other.at[spot{file: wide.File, line: wide.Line}] != nil && other.at[spot{file: narrow.File, line: narrow.Line}] == nil {
			return true
		}
	}
	if looksFurther(narrow, wide) || c.isForOne(q, narrow, wide) {
		return true
	}
	for _, url := range c.urls {
		for _, method := range c.before.serves(q.url).methods {
			other := question{url: url, origin: q.origin, method: method}
			for _, preflight := range []bool{false, method == http.MethodPut} {
				if ran := c.before.reached(other, preflight); slices.Contains(ran, wide) && !slices.Contains(ran, narrow) {
					return true
				}
			}
		}
	}
	return false
}

// isForOne reports whether of two handlers the other one runs for further pages.
func (c *claimed) isForOne(q question, narrow, wide *rehearsal.Handler) bool {
	return slices.ContainsFunc(c.walkers(), func(from string) bool {
		ran := c.before.reached(question{url: q.url, origin: from, method: q.method}, !q.isSimple())
		return slices.Contains(ran, wide) && !slices.Contains(ran, narrow)
	})
}

// looksFurther reports whether a handler has a matcher that another one has not, and
// that looks at more than is asked for.
func looksFurther(narrow, wide *rehearsal.Handler) bool {
	if matrix.LooksAtAnswer(narrow) && !matrix.LooksAtAnswer(wide) {
		return true
	}
	return slices.ContainsFunc(narrow.Matchers, func(m any) bool { return !tells(m, true) && !hasMatcher(wide, m) })
}

func hasMatcher(h *rehearsal.Handler, m any) bool {
	return slices.ContainsFunc(h.Matchers, func(o any) bool { return rehearsal.Compact(o) == rehearsal.Compact(m) })
}

// isInside reports whether a handler is for the requests of another one, or for some of
// them, whatever their origin.
func isInside(narrow, wide *rehearsal.Handler) bool {
	return !slices.ContainsFunc(wide.Matchers, func(m any) bool {
		return !strings.Contains(rehearsal.Compact(m), `"`+httpwords.Origin+`"`) && !hasMatcher(narrow, m)
	})
}

// sets reports whether a handler sets a field in answers. What a cors directive sets
// stands for all of them.
func (p *place) sets(h *rehearsal.Handler, field string) bool {
	return h.Kind == "cors" || slices.ContainsFunc(p.operations[h], func(o *matrix.Operation) bool { return !o.Deletes && o.Field == field })
}

// refuses reports whether a handler deletes a field, or sets a list there that something
// is not in.
func (p *place) refuses(h *rehearsal.Handler, field, wanted string) bool {
	return slices.ContainsFunc(p.operations[h], func(o *matrix.Operation) bool {
		if o.Deletes {
			return h.Kind == "headers" && o.About(field)
		}
		value := strings.Trim(strings.Join(o.Values, ","), `'" `)
		return o.Field == field && !o.Fallback && !o.Keeps && !strings.ContainsAny(value, "{*") &&
			(value == "" || field != httpwords.AllowOrigin && !slices.ContainsFunc(splitList(value), func(v string) bool { return strings.EqualFold(strings.Trim(v, `'"`), wanted) }))
	})
}

// nested names the handlers whose lines of CORS may overrule each other for requests to
// an address: what is proved for it holds only where the same ones run. Empty: there
// are none.
func (s *stage) nested(address string) string {
	at := s.serves(address)
	if at == nil {
		return ""
	}
	var ids []int
	overruled := false
	for _, preflight := range []bool{false, true} {
		seen := map[string]*rehearsal.Handler{}
		for _, h := range s.ran(address, matrix.Stranger, preflight) {
			for _, o := range at.operations[h] {
				overruled = overruled || o.Deletes && h.Kind == "headers" || seen[o.Field] != nil && seen[o.Field] != h
				seen[o.Field] = h
				ids = appendNew(ids, h.ID)
			}
		}
	}
	if !overruled {
		return ""
	}
	return fmt.Sprint(ids)
}
