package repair

import (
	"net/http"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/matrix"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// readers: those whom the author wants can read, errors too, and do what they
// could before. What a narrower policy says, a wider one shall not decide; where
// that names whom an address is for, and was overruled so far, it is only noted.
func (p *proof) readers(c *claimed, url string) string {
	inside := p.inside(url)
	if !slices.Contains(inside, c) {
		return ""
	}
	narrower, named := false, false
	for _, o := range inside {
		if slices.Contains(c.policy.inner, o.policy) {
			narrower = true
			named = named || o.policy.of == nil && !slices.ContainsFunc(o.draft.readers, func(r reader) bool { return r.everybody })
		}
	}
	for _, r := range c.draft.readers {
		failed := p.first(url, r.origin, []rehearsal.Person{rehearsal.Plain, rehearsal.Own, rehearsal.Down, rehearsal.Unauthorized}, func(q question, was, is outcome) bool {
			return p.fails(q, was, is, !narrower && r.may(q) && q.credentials == r.credentials && (!c.keep || q.person != rehearsal.Own))
		})
		switch {
		case failed == "":
		case r.everybody && named:
			c.notes = appendNew(c.notes, "only the origins that the line for "+url+" names can read there: until now the wider line won, and every page could")
		default:
			return failed + " and cannot read the answer"
		}
	}
	return ""
}

// fails reports whether a reader cannot do what it could before, or what its author
// wants.
func (p *proof) fails(q question, was, is outcome, wanted bool) bool {
	if is.readable {
		return was.readable && was.status/100 == 2 && is.status/100 != 2 && !is.edges // what the upstream says, it says
	}
	could := was.readable && (q.person != rehearsal.Own || p.before.ask(plainly(q)).readable)
	return (could || wanted && is.status/100 != 3) && (was.status != 0 || is.status != 0)
}

// upstream notes what an upstream with CORS of its own gave, and gives no more.
func (p *proof) upstream(c *claimed, url string) {
	if p.anothers(c, url) {
		return
	}
	p.hidden(c, url)
	for _, who := range []rehearsal.Person{rehearsal.Own, rehearsal.Echo} {
		for _, from := range append(c.askers(), rehearsal.OwnOrigin) {
			c.loss = p.once("loss"+beside(who), url, from, func() string {
				return p.first(url, from, []rehearsal.Person{who}, func(q question, was, is outcome) bool {
					return was.readable && !is.readable && !p.before.ask(plainly(q)).readable
				})
			})
			if c.loss != "" {
				return
			}
		}
	}
}

// hidden notes that readers see no longer what an upstream exposes.
func (p *proof) hidden(c *claimed, url string) {
	for _, r := range c.draft.readers {
		q := question{url: url, origin: r.origin, method: http.MethodGet, credentials: r.credentials, person: rehearsal.Own}
		if p.after.ask(q).hides(p.before.ask(q).exposed, r.credentials) != nil {
			c.notes = appendNew(c.notes, "if the upstream sends Access-Control-Expose-Headers, pages can no longer see these fields: write their names behind `expose`")
		}
	}
}

// narrowed notes pages that a matcher let in beside the readers, and that the repair
// leaves out: those over http beside https, or the other way round, and subdomains.
func (p *proof) narrowed(c *claimed, url string) {
	if p.before.ask(question{url: url, origin: matrix.Stranger, method: http.MethodGet}).readable {
		return
	}
	for _, r := range c.draft.readers {
		scheme, host, _ := strings.Cut(r.origin, "://")
		other := map[string]string{"https": "http", "http": "https"}[scheme]
		if p.leftOut(c, url, other+"://"+host, "let any scheme in") {
			break
		}
	}
	for _, r := range c.draft.readers {
		scheme, host, _ := strings.Cut(r.origin, "://")
		if strings.Contains(host, ".") && !c.draft.chosen && p.leftOut(c, url, scheme+"://sub."+host, "let subdomains in, too") {
			break
		}
	}
}

func (p *proof) leftOut(c *claimed, url, from, why string) bool {
	q := question{url: url, origin: from, method: http.MethodGet}
	if !p.before.ask(q).readable || p.after.ask(q).readable {
		return false
	}
	c.notes = appendNew(c.notes, "pages of "+from+" can no longer read: the old lines "+why)
	return true
}
