package repair

import (
	"regexp"
	"slices"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/matrix"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// claimed is what a repair promises for one policy: who can read where.
type claimed struct {
	policy     *policy
	draft      *draft
	before     *stage
	urls       []string // all that are asked
	bases      []string
	keep       bool                 // the upstream's word counts
	written    []string             // origins that stand in the new text
	handlers   []*rehearsal.Handler // whoever comes by them is inside
	lines      []*rehearsal.Handler // all that its lines became, those for preflights and for a part of it too
	answering  []*rehearsal.Handler // those that answer preflights
	leavesOut  bool                 // they do so for some only, on purpose
	asking     []string             // origins, once they are known
	preflights bool                 // with its preflight
	always     bool                 // it is for all of the site
	counts     map[string]bool      // URLs that are inside though nothing runs there
	notes      []string             // found in the proof
	loss       string               // of those that only the upstream lets read
}

// claims says what a job's try promises.
func (w *workshop) claims(j *job) (list []*claimed) {
	for i, p := range j.policies {
		list = append(list, w.claim(p, j.drafts[i], len(j.tries[0].options) > 0, j.origins()))
	}
	return list
}

// claim says what a draft promises for one policy. Lines that are for preflights
// only count where there are no others.
func (w *workshop) claim(p *policy, d *draft, keep bool, written []string) *claimed {
	c := &claimed{policy: p, draft: d, keep: keep, before: w.before, counts: map[string]bool{}, bases: w.before.hosts(w.before.bases(p.site)), written: written}
	lines := p.scope
	if lines == nil {
		lines = slices.DeleteFunc(slices.Clone(p.lines), func(l *line) bool {
			return l.onlyOptions() || l.field != httpwords.AllowOrigin && l.verb != decides
		})
	}
	c.preflights = !slices.ContainsFunc(lines, func(l *line) bool { return !l.onlyOptions() })
	if len(lines) == 0 {
		lines = p.lines
	}
	c.handlers, c.lines = w.before.handlers(c.bases, lines), w.before.handlers(c.bases, slices.Concat(p.lines, p.parted()))
	paths, own := w.before.paths(p)
	c.urls = addresses(c.bases, paths)
	c.answering = c.responders()
	c.leavesOut = slices.ContainsFunc(c.answering, matrix.LeavesOutPreflights)
	if slices.ContainsFunc(c.urls, c.inside) {
		return c
	}
	// Nothing of it ever runs, so it counts where it is written for.
	c.always = p.key == ""
	for _, url := range addresses(c.bases, paths[:own]) {
		c.counts[url] = true
	}
	return c
}

// responders are the handlers that answer preflights where a policy is for, and those of
// its lines.
func (c *claimed) responders() (list []*rehearsal.Handler) {
	list = c.before.handlers(c.bases, which(c.policy.lines, func(l *line) bool { return l.verb == answers }))
	for _, url := range c.urls {
		at := c.before.serves(url)
		if at == nil || len(at.responders) == 0 || !c.inside(url) {
			continue
		}
		for _, from := range c.walkers() {
			for _, h := range c.before.ran(url, from, true) {
				if at.responders[h] {
					list = appendNew(list, h)
				}
			}
		}
	}
	return list
}

// inside reports whether a policy is for a URL: whether a request comes by its
// lines.
func (c *claimed) inside(url string) bool {
	switch {
	case c.counts[url]:
		return true
	case !slices.Contains(c.bases, baseOf(url)):
		return false
	}
	return c.always || slices.ContainsFunc(c.draft.readers, func(r reader) bool { return c.before.meets(url, r.origin, c.preflights, c.handlers) })
}

// meets reports whether a page's request comes by one of some handlers.
func (s *stage) meets(url, from string, preflight bool, handlers []*rehearsal.Handler) bool {
	return ranAny(s.ran(url, from, preflight), handlers)
}

// ranAny reports whether one of some handlers is among those that ran.
func ranAny(ran, handlers []*rehearsal.Handler) bool {
	return slices.ContainsFunc(ran, func(h *rehearsal.Handler) bool { return slices.Contains(handlers, h) })
}

var port = regexp.MustCompile(`:\d+$`)

// askers are strangers who look like the readers, the readers, what stands in the new
// text, and whom the site tells apart.
func (c *claimed) askers() []string {
	if c.asking == nil {
		c.asking = c.whoAsks()
	}
	return c.asking
}

func (c *claimed) whoAsks() []string {
	var wanted matrix.Policy
	var list []string
	for _, r := range c.draft.readers {
		wanted.Wishes = append(wanted.Wishes, &matrix.Wish{Origin: r.origin})
		list = append(list, r.origin, port.ReplaceAllString(r.origin, "")+":8443")
	}
	for _, base := range c.bases {
		if at := c.before.serves(base); at != nil {
			list = append(list, at.pages...)
		}
	}
	return slices.Clip(appendNew(wanted.Strangers(), append(list, c.written...)...))
}

// walkers are a stranger and some readers.
func (c *claimed) walkers() []string {
	from := []string{matrix.Stranger}
	for _, r := range c.draft.readers {
		from = appendNew(from, r.origin)
	}
	return from[:min(len(from), 4)]
}
