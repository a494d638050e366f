package lint

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/matrix"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// fullPaths is on how many paths of a policy everything is asked. Beyond that its
// routes are mostly alike, and only the plain questions are.
const fullPaths = 48

// site is a site that is being asked.
type site struct {
	*matrix.Site
	report  *Report
	part    *rehearsal.Rehearsal
	address string
	full    int             // paths of the policy with all questions
	clients []netip.Addr    // that ask: a public one first
	named   func() []string // origins that the site tells apart, read once
}

func (r *Report) inspect(s *matrix.Site) {
	bare := bareOptions(s)
	if len(s.Policies) == 0 && len(s.Operations) == 0 && len(bare) == 0 {
		return
	}
	part, address, err := s.Load(r.Stage)
	if err != nil {
		r.unloaded(s, err)
		return
	}
	x := &site{Site: s, report: r, part: part, address: address, clients: append([]netip.Addr{{}}, s.Addresses...), named: sync.OnceValue(s.Named)}
	for _, p := range s.Policies {
		x.policy(p)
	}
	for _, p := range s.Aside {
		if p.ForErrors() || !x.policy(p) {
			x.aside(p)
		}
	}
	if len(s.Policies) == 0 && !r.lacks(s, aboutCORS) {
		for _, h := range bare {
			x.bare(h)
		}
	}
	x.warnings()
}

func (x *site) ask(q matrix.Question) *matrix.Reply {
	x.report.Asked++
	return q.Ask(x.part, x.address)
}

// policy asks for everything that one policy wants. Of what handle_response makes of
// answers it reports whether a usual one is among them.
func (x *site) policy(p *matrix.Policy) (usual bool) {
	paths := p.Paths
	if len(paths) == 0 {
		paths = slices.DeleteFunc(slices.Clone(x.Paths), func(path string) bool { return x.narrower(p, path) })
	}
	unreached, here := x.wishes(p, paths)
	if len(unreached) == len(p.Wishes) && x.told(p, paths) {
		unreached, here = x.wishes(p, paths)
	}
	if x = here; len(unreached) == len(p.Wishes) && slices.Contains(x.Aside, p) {
		return false
	}
	for _, t := range unreached {
		switch {
		case t.w.Unsure || t.w.Guess && len(unreached) < len(p.Wishes):
		case !matrix.Askable(t.w.By(p)) || len(matrix.HeadersWanted(t.w.By(p))) > 0 || t.elsewhere():
			t.unseen()
		default:
			r := t.ask(t.base)
			t.fails("unreached", map[bool]Severity{true: Note, false: Broken}[r.Readable()], r)
		}
	}
	for _, path := range paths[:min(len(paths), fullPaths)] {
		for _, from := range x.clients {
			if x.full >= 2*fullPaths {
				break
			}
			for _, q := range x.variants(p, path, from) {
				x.strangers(p, q)
				x.caches(p, q)
			}
		}
	}
	return true
}

// told asks the pages that something else of the site tells apart where no other reaches
// a policy's lines: those of a map of Origin, or of a matcher, whose variable the lines
// ask for. Those that reach them are whom the lines are for.
func (x *site) told(p *matrix.Policy, paths []string) (found bool) {
	if len(p.Wishes) != 1 || p.Handler != nil || p.Wishes[0].Origin != matrix.Anybody {
		return false
	}
	w, pages := p.Wishes[0], []string(nil)
	for _, origin := range x.named() {
		for _, path := range paths[:min(len(paths), fullPaths)] {
			one := *w
			one.Origin = origin
			if t := x.trial(p, &one, path, x.clients[0]); ran(t.ask(t.base), w.Operation.Handler) {
				pages = append(pages, origin)
				break
			}
		}
	}
	if len(pages) > 0 {
		p.AreFor(pages, x.Lookalikes())
	}
	return len(pages) > 0
}

// wishes asks for what a policy wants at the first of the site's hosts where anything
// comes to it. Its counter, and perhaps its host, are then the policy's.
func (x *site) wishes(p *matrix.Policy, paths []string) (unreached []*trial, at *site) {
	for _, host := range x.AlsoAt(p) {
		here := *x
		here.address = strings.Replace(x.address, x.Host, host, 1)
		var missed []*trial
		for _, w := range p.Wishes {
			if t := here.wish(p, w, paths); t != nil {
				missed = append(missed, t)
			}
		}
		if at == nil || len(missed) < len(p.Wishes) {
			unreached, at = missed, &here
		}
		if len(missed) < len(p.Wishes) {
			break
		}
	}
	return unreached, at
}

// pathsOf are the paths that a policy is written for, or all of the site.
func (x *site) pathsOf(p *matrix.Policy) []string {
	if len(p.Paths) > 0 {
		return p.Paths
	}
	return x.Paths
}

// narrower reports whether another policy is written for the very path.
func (x *site) narrower(p *matrix.Policy, path string) bool {
	return slices.ContainsFunc(x.Policies, func(q *matrix.Policy) bool { return q != p && slices.Contains(q.Paths, path) })
}

// wish asks for what one origin is wanted to do. It returns a trial where what
// names the origin has a part in no answer.
func (x *site) wish(p *matrix.Policy, w *matrix.Wish, paths []string) (unreached *trial) {
	var redirected, empty *trial
	reached := matrix.PreflightOnly(w.By(p))
	ask := (*trial).step
	if reached {
		ask = (*trial).preflightOnly
	}
	for _, path := range paths {
		for _, from := range x.clients {
			t := x.trial(p, w, path, from)
			switch ask(t) {
			case missed:
				unreached = t
			case met:
				reached = true
			case left:
				redirected = t
			case nobody:
				empty = t
			case done:
				return nil
			}
		}
	}
	switch {
	case reached || x.Owns(w.Origin): // a GET of its own pages has no Origin
		return nil
	case empty != nil: // on no path does a handler answer
		empty.fails("unreadable", Broken, empty.ask(empty.base))
		return nil
	case redirected != nil: // everything leads out, and a preflight must not
		if r := redirected.preflights(); r != nil && r.Left == "" {
			redirected.fails("preflight", Broken, r)
		}
		return nil
	}
	return unreached
}

// course is what came of a wish on one path.
type course int

const (
	missed course = iota // what names the origin has no part in the answer
	met
	left   // the answer leads to another site
	nobody // no handler answers, and the empty 200 cannot be read
	done   // the next paths would say the same
)

// step asks a wish on one path.
func (t *trial) step() course {
	switch plain := t.ask(t.base); {
	case !t.counts(plain) && t.base.Method != http.MethodGet && plain.Verdict.Outcome == browser.PreflightFailed:
		t.fails("preflight", Broken, plain)
		return done
	case !t.counts(plain):
		t.takenAway(plain)
		return missed
	case hungUp(plain): // as the author wants it: that is nothing about CORS
		return met
	case t.governed(plain):
		return done
	case plain.Left != "":
		return left
	case plain.Readable():
		t.swallowed(plain)
		t.onlyThis()
		t.more(plain)
		return met
	case t.unfilled(plain), t.needsCookie(plain):
		return done
	case t.forOthers(), t.w.Partly && !t.misspelt(t.w.Operation, plain):
		return met
	case plain.Last() != nil && plain.Last().Silent:
		return nobody
	case t.exception(plain) != nil: // other paths may be none
		t.fails("unreadable", Broken, plain)
		return met
	default:
		t.fails("unreadable", Broken, plain)
		return done
	}
}

// hungUp: `abort` closes the connection.
func hungUp(r *matrix.Reply) bool {
	last := r.Last()
	return last != nil && last.Status == 0 && last.Failed != nil && last.Failed.Kind == "static_response"
}

// forOthers: another client can read. Who is kept out by address is meant to be.
func (t *trial) forOthers() bool {
	return slices.ContainsFunc(t.clients, func(from netip.Addr) bool {
		q := t.base
		q.Address = from
		return from != t.base.Address && t.ask(q).Readable()
	})
}

// preflightOnly asks a wish that stands behind a matcher for OPTIONS: whether
// preflights are allowed, and whether anything allows what comes after them.
func (t *trial) preflightOnly() course {
	if t.full >= fullPaths {
		return met
	}
	if r := t.preflights(http.MethodPut); r != nil && r.Verdict.Outcome == browser.PreflightFailed {
		t.full++
		t.fails("preflight", Broken, r)
		return met
	}
	if t.report.Err != nil || t.answeredElsewhere() {
		return met
	}
	switch r := t.ask(t.base); {
	case r.Readable() || r.Left != "" || r.Last() == nil || r.Last().Silent || r.Last().Policy != nil:
	case r.Last().Upstream: // it may allow that, as far as the configuration tells
		t.full++
		t.fails("answers", Fragile, r)
	default:
		t.full++
		t.fails("answers", Broken, r)
	}
	return met
}

// answeredElsewhere: other lines are for the answers themselves.
func (t *trial) answeredElsewhere() bool {
	return slices.ContainsFunc(t.Policies, func(p *matrix.Policy) bool {
		if len(p.Paths) > 0 && !slices.Contains(p.Paths, t.base.Path) {
			return false
		}
		return slices.ContainsFunc(p.Wishes, func(w *matrix.Wish) bool { return !matrix.PreflightOnly(w.By(p)) })
	})
}
