package matrix

import (
	"net/netip"

	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

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
