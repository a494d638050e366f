package matrix

import (
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// Key is a header field with the value that a matcher wants of it.
type Key struct{ Name, Value string }

// maxClients bounds the clients, and the keys, of one site that are told apart: every
// question is asked for each.
const maxClients = 2

// addressesOf are clients that the matchers of a site ask for. A public one asks
// anyway.
func addressesOf(s *Site) (all []netip.Addr) {
	for _, h := range s.Handlers {
		for _, p := range rehearsal.AsksOf(h.Matchers).Addresses {
			all = addNew(all, rehearsal.ClientIn(p))
		}
	}
	return all[:min(len(all), maxClients)]
}

// keysOf are those that pages can send. Who asks without one may get another answer
// altogether, a 401 for instance.
func keysOf(s *Site) (all []Key) {
	for _, h := range s.Handlers {
		for _, set := range setsOf(h.Matchers) {
			for _, one := range append(rehearsal.List(set, "not"), set) {
				all = addNew(all, keysIn(rehearsal.Map(one, "header"))...)
			}
		}
	}
	return all[:min(len(all), maxClients)]
}

func keysIn(fields map[string]any) (all []Key) {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if aboutCORS(map[string]any{name: ""}) || httpwords.IsForbiddenRequestHeader(strings.ToLower(name)) {
			continue
		}
		for _, v := range rehearsal.Words(fields, name) {
			if v != "" && !strings.ContainsAny(v, "*{") {
				all = append(all, Key{name, v})
			}
		}
	}
	return all
}
