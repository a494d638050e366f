package repair

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/matrix"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

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
		if differs && !all && (slices.Contains(p.inside(url), c) || was.varies) {
			return "then " + url + " has no Vary: Origin" + beside(who)
		}
	}
	return ""
}

// upstream notes what an upstream with CORS of its own gave, and gives no more.
func (p *proof) upstream(c *claimed, url string) {
	if p.anothers(c, url) {
		return
	}
	for _, who := range []rehearsal.Person{rehearsal.Own, rehearsal.Echo} {
		for _, from := range append(c.askers(), rehearsal.OwnOrigin) {
			if loss := p.once("loss "+strconv.Itoa(int(who)), url, from, func() string { return p.loses(url, from, who) }); loss != "" {
				c.loss = loss
				return
			}
		}
	}
}

// loses says what a page can read no longer of what an upstream allows.
func (p *proof) loses(url, from string, who rehearsal.Person) string {
	for q := range questions(url, from, who) {
		if p.before.ask(q).readable && !p.after.ask(q).readable && !p.before.ask(plainly(q)).readable {
			return say(q)
		}
	}
	return ""
}

// schemes notes pages over plain http that a matcher let in beside those over
// https, and that the repair leaves out; and the other way round.
func (p *proof) schemes(c *claimed, url string) {
	reads := func(s *stage, from string) bool {
		return s.ask(question{url: url, origin: from, method: http.MethodGet}).readable
	}
	for _, r := range c.draft.readers {
		from := strings.Replace(r.origin, "https://", "http://", 1)
		if from == r.origin {
			from = strings.Replace(r.origin, "http://", "https://", 1)
		}
		if reads(p.before, from) && !reads(p.after, from) && !reads(p.before, matrix.Stranger) {
			c.notes = appendNew(c.notes, "pages of "+from+" can read no longer: the old lines let any scheme in")
			return
		}
	}
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
	if reason := p.options(url); reason != "" {
		return reason
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
