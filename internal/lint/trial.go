package lint

import (
	"net/http"
	"net/netip"
	"slices"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/matrix"
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
	return t
}

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
