package lint

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/matrix"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// fullPaths is on how many paths of a site everything is asked. Beyond that the
// routes of a site are mostly alike, and only the plain questions are.
const fullPaths = 48

// site is a site that is being asked.
type site struct {
	*matrix.Site
	report  *Report
	part    *rehearsal.Rehearsal
	address string
	full    int          // paths with all questions
	from    netip.Addr   // of the client, where a question does not say
	clients []netip.Addr // that ask: a public one first
}

func (r *Report) inspect(s *matrix.Site) {
	bare := bareOptions(s)
	if len(s.Policies) == 0 && len(s.Operations) == 0 && len(bare) == 0 {
		return
	}
	part, address, err := s.Load(r.Stage)
	if err != nil {
		if r.Err == nil {
			r.Err = err
		}
		return
	}
	x := &site{Site: s, report: r, part: part, address: address, clients: append([]netip.Addr{{}}, s.Addresses...)}
	for _, p := range s.Policies {
		x.policy(p)
	}
	if len(s.Policies) == 0 {
		for _, h := range bare {
			x.bare(h)
		}
	}
	x.warnings()
}

func (x *site) ask(q matrix.Question) *matrix.Reply {
	x.report.Asked++
	if !q.Address.IsValid() {
		q.Address = x.from
	}
	return q.Ask(x.part, x.address)
}

// policy asks for everything that one policy wants.
func (x *site) policy(p *matrix.Policy) {
	if p.Host != "" {
		address := x.address
		x.address = strings.Replace(address, x.Host, p.Host, 1)
		defer func() { x.address = address }()
	}
	paths := p.Paths
	if len(paths) == 0 {
		paths = slices.DeleteFunc(slices.Clone(x.Paths), func(path string) bool { return x.narrower(p, path) })
	}
	var unreached []*trial
	for _, w := range p.Wishes {
		if t := x.wish(p, w, paths); t != nil {
			unreached = append(unreached, t)
		}
	}
	for _, t := range unreached {
		if !t.w.Unsure && (!t.w.Guess || len(unreached) == len(p.Wishes)) {
			r := t.ask(t.base)
			t.fails("unreached", map[bool]Severity{true: Note, false: Broken}[r.Readable()], r)
		}
	}
	defer func() { x.from = netip.Addr{} }()
	for i, path := range paths {
		for _, x.from = range x.clients {
			if i < fullPaths && x.full < 2*fullPaths && !x.besides(p, path) {
				x.strangers(p, path)
				x.caches(p, path)
			}
		}
	}
}

// narrower reports whether another policy is written for the very path.
func (x *site) narrower(p *matrix.Policy, path string) bool {
	return slices.ContainsFunc(x.Policies, func(q *matrix.Policy) bool { return q != p && slices.Contains(q.Paths, path) })
}

// trial is one wish on one path.
type trial struct {
	*site
	p    *matrix.Policy
	w    *matrix.Wish
	base matrix.Question
}

// wish asks for what one origin is wanted to do. It returns a trial where what
// names the origin has a part in no answer.
func (x *site) wish(p *matrix.Policy, w *matrix.Wish, paths []string) (unreached *trial) {
	var redirected *trial
	reached := matrix.PreflightOnly(w.By(p))
	one := x.step
	if reached {
		one = x.preflightOnly
	}
	for _, path := range paths {
		for _, from := range x.clients {
			t := &trial{x, p, w, matrix.Question{Method: http.MethodGet, Path: path, Origin: w.Origin, SignedIn: true, Address: from}}
			switch one(t) {
			case missed:
				unreached = t
			case met:
				reached = true
			case left:
				redirected = t
			case done:
				return nil
			}
		}
	}
	switch {
	case reached:
		return nil
	case redirected != nil: // everything leads out, and a preflight must not
		if r := redirected.preflights(); r != nil {
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
	left // the answer leads to another site
	done // the next paths would say the same
)

// step asks a wish on one path.
func (x *site) step(t *trial) course {
	plain := x.ask(t.base)
	if !t.counts(plain) {
		return missed
	}
	if t.governed(plain) {
		return done
	}
	if plain.Left != "" {
		return left
	}
	if why, _ := t.slip(plain); !plain.Readable() && t.w.Unsure && why == "" {
		return done
	}
	if !plain.Readable() {
		if t.forOthers() {
			return met
		}
		t.fails("unreadable", Broken, plain)
		return done
	}
	t.swallowed(plain)
	t.onlyRoot()
	t.more(plain)
	return met
}

// forOthers: another client can read. Who is kept out by address is meant to be.
func (t *trial) forOthers() bool {
	return slices.ContainsFunc(t.clients, func(from netip.Addr) bool {
		q := t.base
		q.Address = from
		return from != t.base.Address && t.ask(q).Readable()
	})
}

// preflightOnly asks a wish that stands behind a matcher for OPTIONS.
func (x *site) preflightOnly(t *trial) course {
	if t.full >= fullPaths {
		return met
	}
	if r := t.preflights(http.MethodPut); r != nil && r.Verdict.Outcome == browser.PreflightFailed {
		t.full++
		t.fails("preflight", Broken, r)
		return met
	}
	t.afterwards()
	return met
}

// afterwards: preflights are allowed, and nothing allows what comes after them.
// An upstream may, as far as the configuration tells.
func (t *trial) afterwards() {
	if t.report.Err != nil || t.answeredElsewhere() {
		return
	}
	r := t.ask(t.base)
	if r.Readable() || r.Left != "" || r.Last() == nil || r.Last().Silent || r.Last().Policy != nil {
		return
	}
	t.full++
	if r.Last().Upstream {
		t.fails("answers", Fragile, r)
	} else {
		t.fails("answers", Broken, r)
	}
}

// answeredElsewhere: other lines are for the answers themselves.
func (t *trial) answeredElsewhere() bool {
	return slices.ContainsFunc(t.Policies, func(p *matrix.Policy) bool {
		if len(p.Paths) > 0 && !slices.Contains(p.Paths, t.base.Path) {
			return false
		}
		return slices.ContainsFunc(p.Wishes, func(w *matrix.Wish) bool { return w.Operation == nil || !matrix.PreflightOnly(w.By(p)) })
	})
}

// more asks what goes beyond a plain GET.
func (t *trial) more(plain *matrix.Reply) {
	if t.w.Credentials {
		q := t.base
		q.Credentials = true
		if r := t.ask(q); !r.Readable() {
			t.fails("credentials", Broken, r)
			t.withoutCredentials()
			return
		}
	}
	if r := t.preflights(); r != nil {
		t.fails("preflight", Broken, r)
	}
	if t.full++; t.full <= 2*fullPaths {
		t.circumstances(plain)
	}
}

// withoutCredentials asks for preflights where it cannot work with credentials.
func (t *trial) withoutCredentials() {
	w := *t.w
	w.Credentials = false
	if r := (&trial{t.site, t.p, &w, t.base}).preflights(); r != nil {
		t.fails("preflight", Broken, r)
	}
}

// preflights returns the first preflighted request that fails.
func (t *trial) preflights(usual ...string) *matrix.Reply {
	q := t.base
	q.Credentials, q.SignedIn = t.w.Credentials, false
	if t.p.Forwards {
		q.Person = rehearsal.Echo
	}
	methods := t.w.Methods
	if len(methods) == 0 {
		methods = usual
	}
	if len(methods) == 0 && len(t.w.Headers) > 0 {
		methods = []string{http.MethodGet}
	}
	for _, m := range methods[:min(len(methods), 6)] {
		q.Method, q.Headers = m, t.w.Headers[:min(len(t.w.Headers), 8)]
		if r := t.ask(q); len(r.Verdict.Preflights) > 0 && r.Verdict.Outcome != browser.Readable {
			return r
		}
		if len(q.Headers) == 0 && (m == http.MethodPost || m == http.MethodPut || m == http.MethodPatch) && t.p.Handler == nil {
			q.Headers = []string{"Content-Type"}
			if r := t.ask(q); r.Verdict.Reason == browser.HeaderNotAllowed {
				t.fails("json", Fragile, r)
			}
		}
	}
	return nil
}

// circumstances asks again with other upstreams, without the file, and of
// somebody who is not signed in.
func (t *trial) circumstances(plain *matrix.Reply) {
	last := plain.Last()
	q := t.base
	q.Credentials = t.w.Credentials
	if last.Upstream {
		persons := []rehearsal.Person{rehearsal.Down, rehearsal.Unauthorized}
		if !t.p.Keeps {
			persons = append(persons, rehearsal.Own, rehearsal.Echo)
		}
		for _, p := range persons {
			q.Person = p
			if r := t.ask(q); !r.Readable() {
				t.fails(map[bool]string{true: "upstream", false: "error"}[p == rehearsal.Own || p == rehearsal.Echo], Fragile, r)
			}
		}
		q.Person = rehearsal.Plain
	}
	if len(last.FilesPlayed) > 0 {
		q.FilesMissing = true
		if r := t.ask(q); !r.Readable() {
			t.fails("error", Fragile, r)
		}
		q.FilesMissing = false
	}
	if last.Authentication {
		q.SignedIn, q.Credentials = false, false
		if r := t.ask(q); !r.Readable() {
			t.fails("error", Fragile, r)
		}
	}
}

// swallowed: the page of the wish gets an empty answer, and others do not.
func (t *trial) swallowed(plain *matrix.Reply) {
	if !plain.Last().Silent {
		return
	}
	q := t.base
	q.Origin = ""
	if r := t.ask(q); r.Last() != nil && !r.Last().Silent {
		t.fails("swallowed", Broken, plain)
	}
}

// onlyRoot: in Caddy v2 the path / stands for itself. In v1 it stood for all.
func (t *trial) onlyRoot() {
	if len(t.p.Paths) != 1 || t.p.Paths[0] != "/" {
		return
	}
	q := t.base
	q.Path = matrix.Nowhere
	if r := t.ask(q); !r.Readable() && r.Last() != nil && !r.Last().Silent {
		t.fails("root", Fragile, r)
	}
}

// bareOptions are the answers to OPTIONS that somebody wrote by hand.
func bareOptions(s *matrix.Site) (all []*rehearsal.Handler) {
	for _, h := range s.Handlers {
		if h.Kind == "static_response" && matrix.PreflightOnly(h) && !h.ErrorRoute {
			all = append(all, h)
		}
	}
	return all
}

// bare asks whether an answer to OPTIONS keeps preflights from an upstream that
// would have answered them.
func (x *site) bare(h *rehearsal.Handler) {
	for _, path := range x.Paths[:min(len(x.Paths), fullPaths)] {
		q := matrix.Question{Method: http.MethodPut, Path: path, Origin: matrix.Anybody, Person: rehearsal.Echo, SignedIn: true}
		r := x.ask(q)
		q.Method = http.MethodGet
		if r.Preflight() && !r.Readable() && r.Last() != nil && r.Last().By == h && x.ask(q).Readable() {
			x.report.add(x.finding("preflight", Fragile, r, nil,
				"it answers every preflight, without a CORS header, before the upstream can",
				"let only the upstream answer OPTIONS, or put a `cors` policy into the site"), h.Place)
			return
		}
	}
}
