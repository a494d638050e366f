package lint

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/matrix"
)

// caches compares the answers to different origins: where they differ, each must
// say so (Fetch, section CORS protocol and HTTP caches).
func (x *site) caches(p *matrix.Policy, q matrix.Question) {
	origins := append(make([]string, 0, 2+len(p.Wishes)), "", matrix.Stranger)
	for _, w := range p.Wishes {
		origins = append(origins, w.Origin)
	}
	var with, silent *matrix.Reply
	allowed := map[string]bool{}
	for _, q.Origin = range origins {
		r := x.ask(q)
		a := r.Last()
		if a == nil || hungUp(r) || p.Handler == nil && a.Policy != nil {
			return
		}
		values := strings.Join(a.Header[httpwords.AllowOrigin], "|")
		allowed[values] = true
		if values != "" {
			with = r
		}
		if !matrix.VariesByOrigin(a.Header) {
			silent = r
		}
	}
	if len(allowed) < 2 || silent == nil || with == nil || !x.decides(p, with) {
		return
	}
	for _, w := range p.Wishes {
		if w.Origin == with.Origin || w.Origin == matrix.Anybody {
			t := &trial{x, p, w, with.Question}
			t.fails("vary", Fragile, silent)
			return
		}
	}
}

// strangers asks for pages that nobody had in mind. A policy for everybody lets them
// in by a *: one that answers with their own name would do so with credentials.
func (x *site) strangers(p *matrix.Policy, q matrix.Question) {
	if len(p.Wishes) == 0 || p.Open && p.Handler != nil {
		return
	}
	promised := slices.ContainsFunc(p.Wishes, func(w *matrix.Wish) bool { return w.Credentials })
	strangers := p.Strangers()
	if p.Handler != nil || p.Open && !p.Reflects { // it compares origins itself, or asks for none
		strangers = strangers[:2]
	}
	path := q.Path
	for _, q.Origin = range strangers {
		if p.Wants(q.Origin) {
			continue
		}
		q.Path = p.NamedIn(path, q.Origin)
		r := x.getsIn(q, promised)
		if r == nil || !x.decides(p, r) || p.Handler == nil && refused(r) || p.Open && r.Last().Header.Get(httpwords.AllowOrigin) == httpwords.Wildcard {
			continue
		}
		t := &trial{x, p, p.Wishes[0], r.Question}
		if i := slices.IndexFunc(p.Wishes, func(v *matrix.Wish) bool { return v.Origin == q.Origin }); i >= 0 {
			t.w = p.Wishes[i]
		}
		t.opens(r)
	}
}

// decides reports whether an answer is a policy's own matter: its lines ran, and no
// other policy came in between. What others let in is asked of them.
func (x *site) decides(p *matrix.Policy, r *matrix.Reply) bool {
	if decision := r.Last().Policy; decision != nil || p.Handler != nil {
		return decision != nil && decision.By == p.Handler
	}
	own, _ := x.linesOf(p, r, func(o *matrix.Operation) bool { return !matrix.LooksAtAnswer(o.Handler) || sent(r, o) })
	if !own || matrix.Picky(p.Wishes[0].By(p)) {
		return own
	}
	// Of lines that both ran, one for fewer requests is meant to be the exception.
	mine, others := x.linesOf(p, r, func(o *matrix.Operation) bool { return o.LetsIn() && sent(r, o) && matrix.Picky(o.Handler) })
	return mine || !others
}

// another reports whether an answer is the matter of another policy.
func (x *site) another(p *matrix.Policy, r *matrix.Reply) bool {
	if decision := r.Last().Policy; decision != nil {
		return decision.By != p.Handler
	}
	mine, others := x.linesOf(p, r, (*matrix.Operation).LetsIn)
	return others && !mine && (p.Handler == nil || !ran(r, p.Handler))
}

// linesOf reports whether a line of a policy that fits ran for an answer, and whether
// one that is not of the policy did.
func (x *site) linesOf(p *matrix.Policy, r *matrix.Reply, fits func(*matrix.Operation) bool) (own, others bool) {
	for _, o := range x.Operations {
		if ran(r, o.Handler) && fits(o) {
			mine := slices.Contains(p.Operations, o)
			own, others = own || mine, others || !mine
		}
	}
	return own, others
}

// getsIn returns the reply to a page that reads, with credentials if it can, or
// whose request at least is sent, since only the preflight is open. Nil: neither.
func (x *site) getsIn(q matrix.Question, promised bool) *matrix.Reply {
	r := x.ask(q)
	q.Credentials = true
	if r.Readable() {
		if with := x.ask(q); with.Readable() {
			return with
		}
		return r
	}
	if !promised {
		return nil
	}
	q.Headers = []string{"Authorization"}
	if r = x.ask(q); r.Verdict.Outcome == browser.PreflightFailed || r.Verdict.Outcome == browser.NetworkError {
		return nil
	}
	return r
}

// aside asks for strangers where a response is not the usual one. Only what they
// read with credentials counts: the page of an error is nobody's secret.
func (x *site) aside(p *matrix.Policy) {
	defer func(asked int) { x.report.Asked = asked }(x.report.Asked)
	paths := x.pathsOf(p)
	for _, path := range paths[:min(len(paths), asidePaths)] {
		for _, c := range append([]circumstance{{"error", matrix.Question{SignedIn: true}}}, circumstances...) {
			if c.id != "error" {
				continue
			}
			q := c.question
			q.Method, q.Path, q.Credentials = http.MethodGet, path, true
			for _, q.Origin = range p.Strangers() {
				if r := x.ask(q); r.Readable() && !p.Wants(q.Origin) && slices.ContainsFunc(p.Operations, func(o *matrix.Operation) bool { return ran(r, o.Handler) }) {
					(&trial{x, p, p.Wishes[0], q}).opens(r)
					return
				}
			}
		}
	}
}

// asidePaths bounds the paths of one policy for errors.
const asidePaths = 8

// unseen says of a line that no question reaches why. Where its matcher wants a header,
// no preflight has it, and it is a defect where no other line lets that preflight pass.
// A GET has no other reason for one.
func (t *trial) unseen() {
	q := t.base
	q.SignedIn, q.Headers = false, matrix.HeadersWanted(t.w.By(t.p))
	switch r := t.ask(q); {
	case len(q.Headers) > 0 && r.Verdict.Outcome == browser.PreflightFailed:
		q.Headers = append(q.Headers, t.AskedFor()...) // pages may have to send more
		if t.ask(q).Verdict.Outcome == browser.PreflightFailed {
			t.fails("preflight", Broken, r)
		}
		return
	case t.counts(r) && r.Readable():
		return
	}
	f := t.finding("unreached", Note, nil, t.p, "no question was asked here: none fits the matchers of this line",
		"ask with `caddy cors check URL`, which takes methods and headers, against the running site")
	if t.p.Reflects && t.w.Credentials && !t.w.Unsure && len(t.named()) == 0 {
		f = t.finding("stranger", Security, nil, t.p, "every page whose request fits the matchers of this line gets in with credentials: it sends back whatever Origin says", byList)
	}
	f.Effect = "its matchers were read, and not asked"
	t.report.add(f, t.w.By(t.p).Place)
}

// unfilled reports whether nothing is wrong with a line but that it does not say for
// whom it is. Of a value that is filled in from the request it says what came of it:
// what a page sends in a header of its own cannot help, as its preflight goes without.
func (t *trial) unfilled(r *matrix.Reply) bool {
	if why, _ := t.miswritten("unreadable", r); why != "" || !t.w.Unsure {
		return false
	}
	o := t.w.Operation
	if !o.Filled() || t.w.Origin != matrix.Anybody {
		return true
	}
	problem, severity := "%s cannot read the answer: the value is filled in from the request, and no request that was tried made it the page's origin", Note
	if o.FilledByHeaders() && len(r.Last().Foreign()) == 0 {
		problem, severity = "%s cannot read the answer: the value comes from a header field of the request, and no page can send its own origin there: preflights have none of the fields that pages set", Broken
	}
	t.report.add(t.finding("unreadable", severity, r, t.p, fmt.Sprintf(problem, t.page()), byList), o.Place)
	return true
}
