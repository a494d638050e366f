package repair

import (
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
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
	memo    map[string]bool
}

// inside reports whether a policy is for a URL: whether a request comes by its
// lines.
func (c *claimed) inside(url string) bool {
	if is, ok := c.memo[url]; ok {
		return is
	}
	ofSite := slices.ContainsFunc(c.bases, func(b string) bool { return strings.HasPrefix(url, b+"/") })
	is := ofSite && (c.always || slices.ContainsFunc(c.draft.readers, func(r reader) bool { return c.before.meets(url, r.origin, c.policy.lines) }))
	c.memo[url] = is
	return is
}

// requests are what pages try: all kinds of methods and headers.
var requests = [][2]string{
	{"GET", ""},
	{"POST", ""},
	{"POST", "Content-Type"},
	{"PUT", ""},
	{"PUT", "Content-Type"},
	{"DELETE", ""},
	{"PATCH", "Content-Type"},
	{"GET", "Authorization"},
	{"GET", "X-Probe"},
}

// proof compares two configurations.
type proof struct {
	before, after *stage
	claims        []*claimed // of all repairs
	losses        []string
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
		if reason := p.unchanged(url); reason != "" {
			return reason
		}
		way := p.way(c, url)
		if seen[way] {
			continue
		}
		seen[way] = true
		for _, step := range []func(*claimed, string) string{p.readers, p.nobodyGains, p.caches} {
			if reason := step(c, url); reason != "" {
				return reason
			}
		}
		p.upstream(c, url)
		p.plainHTTP(c, url)
	}
	return ""
}

// way is which handlers the requests of readers and of a stranger come by, in
// both configurations, and which policies are for them.
func (p *proof) way(c *claimed, url string) string {
	var b strings.Builder
	for _, o := range p.claims {
		fmt.Fprint(&b, o.inside(url), " ")
	}
	from := []string{"https://evil.example"}
	for _, r := range c.draft.readers {
		from = appendNew(from, r.origin)
	}
	for _, s := range []*stage{p.before, p.after} {
		for _, origin := range from[:min(len(from), 4)] {
			for _, ask := range requests {
				s.trace(&b, rehearsal.Question{Method: ask[0], URL: url, Headers: [][2]string{{"Origin", origin}}, SignedIn: true})
				s.trace(&b, rehearsal.Question{Method: http.MethodOptions, URL: url, Headers: [][2]string{{"Origin", origin}, {"Access-Control-Request-Method", ask[0]}}})
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
	if !c.inside(url) {
		return ""
	}
	narrower := slices.ContainsFunc(p.claims, func(o *claimed) bool { return slices.Contains(c.policy.inner, o.policy) && o.inside(url) })
	for _, r := range c.draft.readers {
		for q := range questions(url, r.origin, rehearsal.Plain, rehearsal.Own, rehearsal.Down, rehearsal.Unauthorized) {
			if (!q.credentials || r.credentials) && p.fails(c, &r, q, narrower) {
				return "then " + say(q) + " fails"
			}
		}
	}
	return ""
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

// caches: where the answer depends on the origin, it says so.
func (p *proof) caches(c *claimed, url string) string {
	for _, who := range []rehearsal.Person{rehearsal.Plain, rehearsal.Own, rehearsal.Down} {
		first, all, differs := "", true, false
		for i, from := range c.askers() {
			o := p.after.ask(question{url, from, "GET", "", false, who})
			if i == 0 {
				first = o.allowed
			}
			differs, all = differs || o.allowed != first, all && o.varies
		}
		was := p.before.ask(question{url, "https://evil.example", "GET", "", false, who})
		if differs && !all && (c.inside(url) || was.varies) {
			return "then " + url + " has no Vary: Origin" + beside(who)
		}
	}
	return ""
}

// upstream notes what an upstream with CORS of its own gave, and gives no more.
func (p *proof) upstream(c *claimed, url string) {
	for _, who := range []rehearsal.Person{rehearsal.Own, rehearsal.Echo} {
		for _, from := range append(c.askers(), rehearsal.OwnOrigin) {
			for q := range questions(url, from, who) {
				if p.before.ask(q).readable && !p.after.ask(q).readable && !p.before.ask(plainly(q)).readable {
					p.losses = append(p.losses, say(q))
					return
				}
			}
		}
	}
}

// plainHTTP notes pages over plain http that a matcher let in beside those over
// https, and that the repair leaves out.
func (p *proof) plainHTTP(c *claimed, url string) {
	reads := func(s *stage, from string) bool {
		return s.ask(question{url: url, origin: from, method: http.MethodGet}).readable
	}
	for _, r := range c.draft.readers {
		from := strings.Replace(r.origin, "https://", "http://", 1)
		if reads(p.before, from) && !reads(p.after, from) && !reads(p.before, matrix.Stranger) {
			c.draft.notes = appendNew(c.draft.notes, "pages of "+from+" can read no longer: the old lines let any scheme in")
			return
		}
	}
}

func plainly(q question) question {
	q.person = rehearsal.Plain
	return q
}

// unchanged: who sends no Origin sees no difference.
func (p *proof) unchanged(url string) string {
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		for _, missing := range []bool{false, true} {
			q := rehearsal.Question{Method: method, URL: url, FilesMissing: missing, SignedIn: true}
			if a, b := plainAnswer(p.before, q), plainAnswer(p.after, q); a != b {
				return fmt.Sprintf("then %s %s without an Origin is answered otherwise", method, url)
			}
		}
	}
	return p.opened(url)
}

// opened: what answers OPTIONS by hand may also keep them from an upstream behind
// an authentication that lets every OPTIONS pass.
func (p *proof) opened(url string) string {
	unsigned := rehearsal.Question{Method: http.MethodGet, URL: url}
	guarded, err := p.before.Ask(unsigned)
	if err != nil || !guarded.Authentication || guarded.Upstream {
		return ""
	}
	unsigned.Method = http.MethodOptions
	was, wasErr := p.before.Ask(unsigned)
	is, isErr := p.after.Ask(unsigned)
	if wasErr == nil && isErr == nil && is.Upstream && !was.Upstream {
		return fmt.Sprintf("then OPTIONS %s reaches the upstream past the authentication", url)
	}
	return ""
}

// plainAnswer is an answer without what CORS has in it.
func plainAnswer(s *stage, q rehearsal.Question) string {
	a, err := s.Ask(q)
	if err != nil {
		return err.Error()
	}
	by := ""
	if a.By != nil {
		by = fmt.Sprint(a.By.Kind, a.By.Config["upstreams"], a.By.Config["body"])
	}
	var fields []string
	for name, values := range a.Header {
		if !httpwords.IsCORSResponseHeader(name) && name != httpwords.Vary && name != "Header_down" && httpwords.IsToken(name) {
			fields = append(fields, name+": "+strings.Join(values, ", "))
		}
	}
	slices.Sort(fields)
	return fmt.Sprint(a.Status, by, a.Upstream, a.Silent, fields)
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
