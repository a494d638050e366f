package matrix

import (
	"net/http"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// permit collects what the operations that count for an origin allow it.
func (p *Policy) permit(w *Wish) {
	for _, o := range p.Operations {
		g := guardOf(o.Handler.Matchers)
		named := len(g.origins) > 0 && len(g.expressions) == 0
		if o.Deletes || named && !slices.Contains(g.origins, w.Origin) && (w.Origin != Anybody || p.wantsAll(g.origins)) {
			continue
		}
		list := splitList(strings.Join(o.Values, ","))
		switch o.Field {
		case httpwords.AllowCredentials:
			if w.Origin == Anybody && len(p.Wishes) > 1 && w.Operation.Filled() {
				continue // a * for the others, who go without
			}
			w.Credentials = w.Credentials || slices.ContainsFunc(list, func(v string) bool { return strings.EqualFold(v, "true") })
		case httpwords.AllowMethods:
			w.Methods = addNew(w.Methods, wanted(list, "PUT", isUsualMethod)...)
		case httpwords.AllowHeaders:
			w.Headers = addNew(w.Headers, wanted(list, "Content-Type", httpwords.IsToken)...)
		}
	}
}

// wantsAll reports whether each of some origins has a wish of its own.
func (p *Policy) wantsAll(origins []string) bool {
	return !slices.ContainsFunc(origins, func(o string) bool { return !p.Wants(o) })
}

// wanted are the words of a list that can be asked about. What stands for all,
// or is not known before a request, becomes one that is usual.
func wanted(list []string, usual string, valid func(string) bool) (all []string) {
	for _, w := range list {
		if usual == http.MethodPut {
			w = strings.ToUpper(w)
		}
		switch {
		case w == "*" || strings.Contains(w, "{"):
			all = addNew(all, usual)
		case valid(w):
			all = addNew(all, w)
		}
	}
	return all
}

func isUsualMethod(m string) bool {
	return httpwords.IsToken(m) && m != http.MethodOptions && !httpwords.IsForbiddenMethod(m)
}
