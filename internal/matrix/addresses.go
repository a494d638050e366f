package matrix

import (
	"net/netip"
	"slices"
)

// maxAddresses bounds the clients of one site that are told apart: every question
// is asked for each.
const maxAddresses = 2

// addressesOf are clients that the matchers of a site ask for. A public one asks
// anyway.
func addressesOf(s *Site) (all []netip.Addr) {
	for _, h := range s.Handlers {
		eachSet(h.Matchers, func(set any) {
			for _, text := range rangesOf(set) {
				if a, ok := inside(text); ok && !slices.Contains(all, a) && len(all) < maxAddresses {
					all = append(all, a)
				}
			}
		})
	}
	return all
}

// rangesOf are those that a matcher set lets pass, or keeps away.
func rangesOf(set any) (all []string) {
	for _, kind := range []string{"remote_ip", "client_ip"} {
		all = append(all, words(dig(set, kind, "ranges"))...)
	}
	m, _ := set.(map[string]any)
	if not, ok := m["not"].([]any); ok {
		for _, inner := range not {
			all = append(all, rangesOf(inner)...)
		}
	}
	return all
}

// inside is an address in a range, as matchers write it.
func inside(text string) (netip.Addr, bool) {
	if a, err := netip.ParseAddr(text); err == nil {
		return a, true
	}
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Addr{}, false
	}
	if first := p.Masked().Addr().Next(); p.Contains(first) {
		return first, true
	}
	return p.Addr(), true
}
