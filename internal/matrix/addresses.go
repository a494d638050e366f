package matrix

import (
	"net/netip"
	"slices"

	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// maxAddresses bounds the clients of one site that are told apart: every question
// is asked for each.
const maxAddresses = 2

// addressesOf are clients that the matchers of a site ask for. A public one asks
// anyway.
func addressesOf(s *Site) (all []netip.Addr) {
	for _, h := range s.Handlers {
		for _, p := range rehearsal.AsksOf(h.Matchers).Addresses {
			if a := rehearsal.ClientIn(p); !slices.Contains(all, a) && len(all) < maxAddresses {
				all = append(all, a)
			}
		}
	}
	return all
}
