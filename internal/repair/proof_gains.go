package repair

import (
	"net/http"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/matrix"
	"github.com/caddy-cors/caddy-cors/internal/origin"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// nobodyGains: whoever is not wanted can do nothing that the old configuration
// refused, and the wanted do no more than what stood there.
func (p *proof) nobodyGains(c *claimed, url string) string {
	if p.anothers(c, url) {
		return ""
	}
	for _, from := range c.askers() {
		gain := p.once("gain", url, from, func() string {
			return p.first(url, from, []rehearsal.Person{rehearsal.Plain, rehearsal.Own, rehearsal.Echo, rehearsal.Unauthorized, rehearsal.Down}, func(q question, was, is outcome) bool {
				return p.gains(q, was, is) && !slices.ContainsFunc(p.inside(url), func(c *claimed) bool { return c.grants(q) && !c.kept(q) })
			})
		})
		if gain != "" {
			return gain + ", which the old lines refuse"
		}
	}
	return ""
}

// anothers reports whether the policy of another repair is for an address, and this
// one's is not. What pages gain or lose there, that repair has to answer for.
func (p *proof) anothers(c *claimed, url string) bool {
	inside := p.inside(url)
	return !slices.Contains(inside, c) && slices.ContainsFunc(inside, func(o *claimed) bool { return slices.Contains(o.urls, url) })
}

// gains reports whether a page can do what it could not: read, or get past the
// preflight. A HEAD tells it no more than the GET that it may send.
func (p *proof) gains(q question, was, is outcome) bool {
	switch {
	case q.method == http.MethodHead && is.readable:
		q.method = http.MethodGet
		return !was.readable && !p.before.ask(q).readable
	case is.preflown:
		return is.sent && !was.sent
	}
	return is.readable && !was.readable && !is.silent
}

// grants reports whether the author's lines evidently want a question to
// succeed that they are for.
func (c *claimed) grants(q question) bool {
	for _, r := range c.draft.readers {
		switch {
		case r.everybody:
			if !q.credentials && r.may(q) && !c.namesOthers(q, true) {
				return true
			}
		case r.of.covers(q.origin) && (!q.credentials || r.credentials && c.hadCredentials(q)) && !c.namesOthers(q, false):
			return true
		}
	}
	return false
}

// namesOthers reports whether the lines that let somebody in at a request, or at its
// preflight, are for other pages by name only: those for this one are for other methods,
// or for errors. What is no origin may be a slip, and is nobody's name; it is not
// everybody either.
func (c *claimed) namesOthers(q question, everybody bool) bool {
	if len(c.policy.directives()) > 0 { // which says whom it is for
		return false
	}
	return c.namesOnly(q, everybody, false) || !q.isSimple() && c.namesOnly(q, everybody, true)
}

// namesOnly is namesOthers for one of the two. Whom a line names is meant, even where
// another line is sent. A line for preflights names its pages where it does not run, too,
// and there a `*` beside it does not mean everybody.
func (c *claimed) namesOnly(q question, everybody, preflight bool) bool {
	ran := c.before.reached(q, preflight)
	named, meant := false, false
	for _, h := range c.lines {
		runs := slices.Contains(ran, h)
		if !runs && (!preflight || !matrix.PreflightOnly(h)) {
			continue
		}
		for _, o := range c.before.serves(q.url).lets[h] {
			value := strings.Join(o.Values, " ")
			_, isOrigin := origin.Parse(value)
			switch {
			case runs && preflight && everybody && isOrigin:
				return value != q.origin
			case runs && strings.Contains(value, "{") && c.tells(q, preflight):
			case value == q.origin || runs && (strings.ContainsAny(value, "*{") || !everybody && !isOrigin):
				meant = true
			}
			named = named || runs
		}
	}
	return named && !meant
}

// tells reports whether the old lines tell a page that another one is allowed.
func (c *claimed) tells(q question, preflight bool) bool {
	a := c.before.answer(q, preflight)
	if a == nil {
		return false
	}
	value := strings.Join(a.Header[httpwords.AllowOrigin], ", ")
	_, isOrigin := origin.Parse(value)
	return isOrigin && value != q.origin
}

// isSimple reports whether a browser asks without a preflight.
func (q question) isSimple() bool { return httpwords.IsSafelistedMethod(q.method) && q.header == "" }

// hadCredentials reports whether the old lines allow credentials for a request, if
// they did not get it right either. Where they say nothing to its method, the
// others of that address count, and where nothing is said to its origin, what is
// written.
func (c *claimed) hadCredentials(q question) bool {
	answered, undone := false, slices.ContainsFunc(c.policy.lines, func(l *line) bool { return l.verb == deletes })
	for i, method := range []string{q.method, http.MethodGet, http.MethodPost, http.MethodPut} {
		allows, credentials := c.before.says(q.url, q.origin, method)
		if credentials {
			return true
		}
		if allows && i == 0 && !undone {
			return false
		}
		answered = answered || allows
	}
	var written []*line
	for _, l := range c.policy.lines {
		if l.field == httpwords.AllowCredentials && l.verb == sets {
			written = append(written, l)
		}
	}
	if undone && written != nil { // another line undoes them: it counts where they run
		return c.before.meets(q.url, q.origin, false, c.before.handlers(c.bases, written))
	}
	return !answered && slices.ContainsFunc(written, func(l *line) bool { return l.key() == "" || l.key() == c.policy.key })
}

// says reports what the answers to a request and to its preflight say: that
// somebody is allowed, and with credentials.
func (s *stage) says(url, from, method string) (allows, credentials bool) {
	for _, preflight := range []bool{false, true} {
		a, err := s.Ask(asked(url, from, method, preflight))
		if err != nil || strings.Join(a.Header[httpwords.AllowOrigin], "") == "" {
			continue
		}
		values := splitList(strings.Join(a.Header[httpwords.AllowCredentials], ",")) // twice is a mistake that is repaired
		allows, credentials = true, credentials || slices.ContainsFunc(values, func(v string) bool { return strings.EqualFold(strings.Trim(v, `'"`), "true") })
	}
	return allows, credentials
}

// may reports whether the lists of a reader cover a request. Without lists it
// is the usual.
func (r reader) may(q question) bool {
	method := httpwords.IsSafelistedMethod(q.method) || r.methods == nil || slices.Contains(r.methods, q.method) || slices.Contains(r.methods, "*")
	header := q.header == "" || r.headers == nil || slices.ContainsFunc(r.headers, func(h string) bool {
		return strings.EqualFold(h, q.header) || h == "*" && !strings.EqualFold(q.header, httpwords.Authorization)
	})
	return method && header
}
