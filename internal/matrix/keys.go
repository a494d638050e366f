package matrix

import (
	"maps"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// Key is a header field with the value that a matcher wants of it.
type Key struct{ Name, Value string }

// maxKeys bounds the keys of one site: each is a further question on a path.
const maxKeys = 2

// keysOf are those that pages can send. Who asks without one may get another answer
// altogether, a 401 for instance.
func keysOf(s *Site) (all []Key) {
	for _, h := range s.Handlers {
		for _, set := range setsOf(h.Matchers) {
			for _, one := range append(rehearsal.List(set, "not"), set) {
				fields := rehearsal.Map(one, "header")
				for _, name := range slices.Sorted(maps.Keys(fields)) {
					for _, v := range rehearsal.Words(fields, name) {
						if v != "" && !strings.ContainsAny(v, "*{") && !aboutCORS(map[string]any{name: ""}) && !httpwords.IsForbiddenRequestHeader(strings.ToLower(name)) {
							all = addNew(all, Key{name, v})
						}
					}
				}
			}
		}
	}
	return all[:min(len(all), maxKeys)]
}
