package repair

import (
	"cmp"
	"slices"

	"github.com/caddy-cors/caddy-cors/internal/matrix"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// requests are what pages try: all kinds of methods and headers.
var requests = [][2]string{
	{"GET", ""},
	{"HEAD", ""},
	{"POST", ""},
	{"POST", "Content-Type"},
	{"PUT", ""},
	{"PUT", "Content-Type"},
	{"DELETE", ""},
	{"PATCH", "Content-Type"},
	{"GET", "Authorization"},
	{"GET", "X-Probe"},
}

// proof compares two configurations. What it finds out about an address is for all
// repairs.
type proof struct {
	before, after *stage
	claims        map[string][]*claimed             // of all repairs, by the bases
	anywhere      map[string][]*claimed             // those that count where nothing of them runs
	byHandler     map[*rehearsal.Handler][]*claimed // those that count where it runs
	insides       map[string][]*claimed             // by URL
	found         map[[3]string]string              // by what was looked for, URL, and origin
	fine          map[string]bool                   // ways that are proved
}

func newProof(before, after *stage, claims []*claimed) *proof {
	p := &proof{
		before: before, after: after, claims: map[string][]*claimed{}, anywhere: map[string][]*claimed{}, byHandler: map[*rehearsal.Handler][]*claimed{},
		insides: map[string][]*claimed{}, found: map[[3]string]string{}, fine: map[string]bool{},
	}
	for _, c := range claims {
		for _, b := range c.bases {
			p.claims[b] = append(p.claims[b], c)
			if c.always || len(c.counts) > 0 {
				p.anywhere[b] = append(p.anywhere[b], c)
			}
		}
		for _, h := range c.handlers {
			p.byHandler[h] = append(p.byHandler[h], c)
		}
	}
	return p
}

// inside are the claims that a URL is inside of.
func (p *proof) inside(url string) []*claimed {
	list, ok := p.insides[url]
	if !ok {
		for _, c := range p.near(url) {
			if c.inside(url) {
				list = append(list, c)
			}
		}
		p.insides[url] = list
	}
	return list
}

// near are the claims that a URL may be inside of. Where what runs does not depend
// on the origin, it is those whose handlers run.
func (p *proof) near(url string) []*claimed {
	at := p.before.serves(url)
	if at == nil || at.apart {
		return p.claims[baseOf(url)]
	}
	list := slices.Clone(p.anywhere[baseOf(url)])
	for _, preflight := range []bool{false, true} {
		for _, h := range p.before.ran(url, matrix.Stranger, preflight) {
			list = appendNew(list, p.byHandler[h]...)
		}
	}
	return list
}

// once remembers what was found out.
func (p *proof) once(what, url, from string, find func() string) string {
	key := [3]string{what, url, from}
	found, ok := p.found[key]
	if !ok {
		found = find()
		p.found[key] = found
	}
	return found
}

// check asks both the same questions. The reason says why the new one will not
// do; what it loses is noted. Of the addresses that all requests go the same way
// on, one stands for all.
func (p *proof) check(c *claimed) (reason string) {
	seen := map[string]bool{}
	for _, url := range c.urls {
		way := p.way(c, url)
		if p.fine[way] {
			continue
		}
		if reason := p.once("unchanged", url, "", func() string { return p.unchanged(url) }); reason != "" {
			return reason
		}
		if seen[way] {
			continue
		}
		seen[way] = true
		notes, loss := len(c.notes), c.loss
		c.loss = ""
		for _, step := range []func(*claimed, string) string{p.readers, p.nobodyGains, p.caches, p.exposed} {
			if reason := step(c, url); reason != "" {
				return reason
			}
		}
		p.upstream(c, url)
		p.narrowed(c, url)
		p.fine[way] = len(c.notes) == notes && c.loss == ""
		c.loss = cmp.Or(loss, c.loss)
	}
	return c.unasked()
}

// first says the first of all that a page can try, from an origin and beside some
// persons, without credentials and with them, that is wrong. Empty: nothing is.
func (p *proof) first(url, from string, persons []rehearsal.Person, wrong func(q question, was, is outcome) bool) string {
	for _, who := range persons {
		for _, cred := range []bool{false, true} {
			for _, ask := range requests {
				if q := (question{url, from, ask[0], ask[1], cred, who}); wrong(q, p.before.ask(q), p.after.ask(q)) {
					return q.String()
				}
			}
		}
	}
	return ""
}

// String writes a question as a sentence.
func (q question) String() string {
	text := page(q.origin) + " sends " + q.method + " " + q.url
	if q.header != "" {
		text += " with " + q.header
	}
	if q.credentials {
		text += " with credentials"
	}
	return text + beside(q.person)
}

// beside says who is behind a proxy, for a sentence.
func beside(who rehearsal.Person) string {
	if who == rehearsal.Plain {
		return ""
	}
	return " (the upstream " + matrix.Persons[who] + ")"
}

func plainly(q question) question {
	q.person = rehearsal.Plain
	return q
}
