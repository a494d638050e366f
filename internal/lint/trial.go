package lint

import (
	"net/http"
	"net/netip"
	"regexp"
	"slices"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/matrix"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// trial is one wish on one path.
type trial struct {
	*site
	p    *matrix.Policy
	w    *matrix.Wish
	base matrix.Question
}

// trial is a plain request, as the matchers of a wish ask for it.
func (x *site) trial(p *matrix.Policy, w *matrix.Wish, path string, from netip.Addr) *trial {
	t := &trial{x, p, w, matrix.Question{
		Method: http.MethodGet, Path: p.NamedIn(path, w.Origin), Fields: matrix.FieldsWanted(w.By(p)), Origin: w.Origin, SignedIn: true, Address: from,
	}}
	methods := matrix.MethodsOf(w.By(p))
	if i := slices.IndexFunc(methods, t.arrives); i >= 0 {
		t.base.Method = methods[i]
	}
	return t.admitted()
}

// admitted is the trial for a page that a guard spares, where it turns all others away.
func (t *trial) admitted() *trial {
	if t.w.Origin != matrix.Anybody || len(t.p.Admitted) == 0 || t.through() {
		return t
	}
	for _, o := range t.p.Admitted {
		one := *t.w
		one.Origin = o
		spared := &trial{t.site, t.p, &one, t.base}
		spared.base.Origin = o
		if spared.through() {
			return spared
		}
	}
	return t
}

// through reports whether a request comes by the policy to more than a refusal.
func (t *trial) through() bool {
	r := t.ask(t.base)
	return t.counts(r) && !refused(r)
}

// refused reports whether an answer is a refusal that says the same to everybody: it is
// nobody's secret, and nobody's gain.
func refused(r *matrix.Reply) bool {
	last := r.Last()
	if last == nil || last.Status < http.StatusBadRequest || last.Upstream {
		return false
	}
	if last.By == nil { // a file that is missing refuses nobody
		return last.Failed != nil && last.Failed.Kind == "error"
	}
	return last.By.Kind == "static_response" && !filledIn.MatchString(rehearsal.Compact(last.By.Config))
}

// filledIn finds placeholders that Caddy fills in anywhere.
var filledIn = regexp.MustCompile(`\{(http|env|file|system|time)\.`)

// arrives reports whether a request of a method comes to the line, whatever becomes of
// its preflight.
func (t *trial) arrives(method string) bool {
	q := t.base
	q.Method, q.Origin, q.Fields = method, "", append(slices.Clone(q.Fields), matrix.Key{Name: httpwords.Origin, Value: t.w.Origin})
	return t.counts(t.ask(q))
}

// variants are the plain requests that come to the lines of a policy, from nobody yet.
func (x *site) variants(p *matrix.Policy, path string, from netip.Addr) (all []matrix.Question) {
	for _, w := range p.Wishes {
		q := x.trial(p, w, path, from).base
		q.Path, q.Origin = path, ""
		if !slices.ContainsFunc(all, func(other matrix.Question) bool {
			return other.Method == q.Method && slices.Equal(other.Fields, q.Fields)
		}) {
			all = append(all, q)
		}
	}
	return all
}
