package repair

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/matrix"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// claimed is what a repair promises for one policy: who can read where.
type claimed struct {
	policy  *policy
	draft   *draft
	urls    []string // all that are asked
	bases   []string
	keep    bool     // the upstream's word counts
	always  bool     // it is for all of the site
	written []string // origins that stand in the new text
	before  *stage
	counts  map[string]bool // URLs that are inside though nothing runs there
	notes   []string        // found in the proof
	loss    string          // of those that only the upstream lets read
}

// inside reports whether a policy is for a URL: whether a request comes by its
// lines.
func (c *claimed) inside(url string) bool {
	if c.counts[url] {
		return true
	}
	ofSite := slices.Contains(c.bases, baseOf(url))
	return ofSite && (c.always || slices.ContainsFunc(c.draft.readers, func(r reader) bool { return c.before.meets(url, r.origin, c.policy) }))
}

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
	claims        map[string][]*claimed // of all repairs, by the bases
	insides       map[string][]*claimed // by URL
	same, ways    map[string]string     // by URL: unchanged, and way
	gained, lost  map[question]string   // by URL, origin and person
	fine          map[string]bool       // twins that are proved
	words         map[string]int        // in twins
	goings        map[string]string
	names         map[string]*strings.Replacer
	bySpot        map[spot][]*claimed
	anywhere      map[string][]*claimed // that count where nothing of them runs, by the bases
}

func newProof(before, after *stage, claims []*claimed) *proof {
	p := &proof{
		before: before, after: after, claims: map[string][]*claimed{}, insides: map[string][]*claimed{}, same: map[string]string{},
		gained: map[question]string{}, lost: map[question]string{}, fine: map[string]bool{}, ways: map[string]string{}, words: map[string]int{},
		goings: map[string]string{}, names: map[string]*strings.Replacer{}, bySpot: map[spot][]*claimed{}, anywhere: map[string][]*claimed{},
	}
	for _, c := range claims {
		for _, b := range c.bases {
			p.claims[b] = append(p.claims[b], c)
			if c.always || len(c.counts) > 0 {
				p.anywhere[b] = append(p.anywhere[b], c)
			}
		}
		for _, l := range slices.Concat(c.policy.lines, c.policy.scope) {
			p.bySpot[l.spot()] = appendNew(p.bySpot[l.spot()], c)
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
// on the origin, it is those whose lines run.
func (p *proof) near(url string) []*claimed {
	at := p.before.serves(baseOf(url))
	if at == nil || p.before.known(at.site).apart {
		return p.claims[baseOf(url)]
	}
	list := slices.Clone(p.anywhere[baseOf(url)])
	for _, q := range asksOfMeeting(url, matrix.Stranger) {
		a, err := p.before.Ask(q)
		if err != nil {
			continue
		}
		for _, h := range a.Ran {
			for _, at := range spots(h) {
				list = appendNew(list, p.bySpot[at]...)
			}
		}
	}
	return list
}

// once remembers what was found out.
func once[K comparable](known map[K]string, key K, find func() string) string {
	found, ok := known[key]
	if !ok {
		found = find()
		known[key] = found
	}
	return found
}

// beside says who is behind a proxy, for a sentence.
func beside(who rehearsal.Person) string {
	if who == rehearsal.Plain {
		return ""
	}
	return " (the upstream " + matrix.Persons[who] + ")"
}

// check asks both the same questions. The reason says why the new one will not
// do; what it loses is noted. Of the paths that all requests go the same way on,
// one stands for all.
func (p *proof) check(c *claimed) (reason string) {
	seen := map[string]bool{}
	for _, url := range c.urls {
		from := c.walkers()
		way := once(p.ways, url+" "+strings.Join(from, " "), func() string { return p.way(url, from) })
		twin := p.twin(c, url, from)
		if p.fine[twin] {
			continue
		}
		if reason := once(p.same, url, func() string { return p.unchanged(url) }); reason != "" {
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
		p.schemes(c, url)
		if twin != "" && len(c.notes) == notes && c.loss == "" {
			p.fine[twin] = true
		}
		c.loss = cmp.Or(loss, c.loss)
	}
	return ""
}

// walkers are a stranger and some readers.
func (c *claimed) walkers() []string {
	from := []string{matrix.Stranger}
	for _, r := range c.draft.readers {
		from = appendNew(from, r.origin)
	}
	return from[:min(len(from), 4)]
}

// way is which handlers the requests of some origins come by, in both
// configurations, and which policies are for them.
func (p *proof) way(url string, from []string) string {
	var b strings.Builder
	for _, o := range p.inside(url) {
		fmt.Fprintf(&b, "%p ", o)
	}
	for _, s := range []*stage{p.before, p.after} {
		for _, origin := range from {
			for q := range p.waysOf(url, origin) {
				s.trace(&b, q)
			}
		}
	}
	return b.String()
}

// trace writes the handlers that a request comes by.
func (s *stage) trace(b *strings.Builder, q rehearsal.Question) {
	a, err := s.Ask(q)
	if err != nil {
		fmt.Fprint(b, err, "|")
		return
	}
	for _, h := range a.Ran {
		b.WriteString(strconv.Itoa(h.ID) + " ")
	}
	fmt.Fprint(b, a.Status, "|")
}

// questions are all that a page can try, from one origin and beside each person,
// without credentials and with them.
func questions(url, from string, persons ...rehearsal.Person) iter.Seq[question] {
	return func(yield func(question) bool) {
		for _, who := range persons {
			for _, cred := range []bool{false, true} {
				for _, ask := range requests {
					if !yield(question{url, from, ask[0], ask[1], cred, who}) {
						return
					}
				}
			}
		}
	}
}

// readers: those whom the author wants can read, errors too, and do what they
// could before.
func (p *proof) readers(c *claimed, url string) string {
	if !slices.Contains(p.inside(url), c) {
		return ""
	}
	narrower := slices.ContainsFunc(p.inside(url), func(o *claimed) bool { return slices.Contains(c.policy.inner, o.policy) })
	for _, r := range c.draft.readers {
		for q := range questions(url, r.origin, rehearsal.Plain, rehearsal.Own, rehearsal.Down, rehearsal.Unauthorized) {
			if !p.fails(c, &r, q, narrower) {
				continue
			}
			if !r.everybody || !p.named(c, url) {
				return "then " + say(q) + " fails"
			}
			c.notes = appendNew(c.notes, "only the origins that the line for "+url+" names can read there: until now the wider line won, and every page could")
		}
	}
	return ""
}

// named reports whether a policy for fewer requests, which was overruled so far,
// names whom an address is for.
func (p *proof) named(c *claimed, url string) bool {
	return slices.ContainsFunc(p.inside(url), func(o *claimed) bool {
		everybody := slices.ContainsFunc(o.draft.readers, func(r reader) bool { return r.everybody })
		return slices.Contains(c.policy.inner, o.policy) && o.policy.of == nil && !everybody
	})
}

// fails reports whether a reader cannot do what it could before, or what its author
// wants; what a narrower policy says, it shall not decide.
func (p *proof) fails(c *claimed, r *reader, q question, narrower bool) bool {
	is := p.after.ask(q)
	if is.readable {
		return false
	}
	was, own := p.before.ask(q), q.person == rehearsal.Own
	could := was.readable && (!own || p.before.ask(plainly(q)).readable)
	shall := !narrower && r.may(q) && q.credentials == r.credentials && (!c.keep || !own) && is.status/100 != 3
	return (could || shall) && (was.status != 0 || is.status != 0)
}

func plainly(q question) question {
	q.person = rehearsal.Plain
	return q
}

// say writes a question as a sentence.
func say(q question) string {
	text := "a page on " + q.origin + " sends " + q.method + " " + q.url
	if q.header != "" {
		text += " with " + q.header
	}
	if q.credentials {
		text += " with credentials"
	}
	return text + beside(q.person)
}
