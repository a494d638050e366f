package lint

import (
	"net/http"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/matrix"
)

// caches compares the answers to different origins: where they differ, each must
// say so (Fetch, section CORS protocol and HTTP caches).
func (x *site) caches(p *matrix.Policy, path string) {
	origins := append(make([]string, 0, 2+len(p.Wishes)), "", matrix.Stranger)
	for _, w := range p.Wishes {
		origins = append(origins, w.Origin)
	}
	var with, without *matrix.Reply
	allowed, silent := map[string]bool{}, (*matrix.Reply)(nil)
	for _, o := range origins {
		r := x.ask(matrix.Question{Method: http.MethodGet, Path: path, Origin: o, SignedIn: true})
		a := r.Last()
		if a == nil {
			return
		}
		values := strings.Join(a.Header[httpwords.AllowOrigin], "|")
		allowed[values] = true
		varies := variesByOrigin(a.Header)
		if !varies {
			silent = r
		}
		switch {
		case values != "":
			with = r
		case !varies:
			without = r // and does not say that it depends on Origin
		}
	}
	if len(allowed) < 2 || silent == nil || with == nil {
		return
	}
	if silent.Origin == "" && without != nil {
		silent = without
	}
	for _, w := range p.Wishes {
		if w.Origin == with.Origin || w.Origin == matrix.Anybody {
			t := &trial{x, p, w, with.Question}
			t.fails("vary", Fragile, silent)
			return
		}
	}
}

// besides: a policy by hand where a cors handler decides.
func (x *site) besides(p *matrix.Policy, path string) bool {
	if p.Handler != nil || !slices.ContainsFunc(x.Policies, func(q *matrix.Policy) bool { return q.Handler != nil }) {
		return false
	}
	a := x.ask(matrix.Question{Method: http.MethodGet, Path: path, Origin: p.Wishes[0].Origin, SignedIn: true}).Last()
	return a != nil && a.Policy != nil
}

func variesByOrigin(h http.Header) bool {
	return slices.ContainsFunc(h[httpwords.Vary], func(v string) bool {
		return slices.ContainsFunc(strings.Split(v, ","), func(t string) bool {
			t = strings.TrimSpace(t)
			return t == "*" || strings.EqualFold(t, httpwords.Origin)
		})
	})
}

// strangers asks for pages that nobody had in mind.
func (x *site) strangers(p *matrix.Policy, path string) {
	if len(p.Wishes) == 0 || p.Open && !p.Reflects {
		return
	}
	wanted := map[string]bool{}
	credentials, w := false, p.Wishes[0]
	for _, v := range p.Wishes {
		wanted[v.Origin] = v.Origin != httpwords.NullOrigin && !slices.Contains(p.Lookalikes, v.Origin)
		credentials = credentials || v.Credentials
	}
	strangers := p.Strangers()
	if p.Handler != nil { // it compares origins itself; lines beside it let in whoever asks
		strangers = strangers[:1]
	}
	for _, o := range strangers {
		if wanted[o] || p.Handler != nil && o == httpwords.NullOrigin {
			continue
		}
		r := x.getsIn(path, o, credentials)
		if r == nil {
			continue
		}
		t := &trial{x, p, w, r.Question}
		if i := slices.IndexFunc(p.Wishes, func(v *matrix.Wish) bool { return v.Origin == o }); i >= 0 {
			t.w = p.Wishes[i]
		}
		t.opens(r, credentials)
	}
}

// getsIn returns the reply to a page that reads, or whose request at least is
// sent, since only the preflight is open. Nil: neither.
func (x *site) getsIn(path, origin string, credentials bool) *matrix.Reply {
	q := matrix.Question{Method: http.MethodGet, Path: path, Origin: origin, Credentials: credentials, SignedIn: true}
	r := x.ask(q)
	if r.Readable() {
		return r
	}
	if !credentials {
		return nil
	}
	q.Headers = []string{"Authorization"}
	if r = x.ask(q); r.Verdict.Outcome == browser.PreflightFailed || r.Verdict.Outcome == browser.NetworkError {
		return nil
	}
	return r
}
