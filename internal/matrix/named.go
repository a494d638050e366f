package matrix

import "github.com/caddy-cors/caddy-cors/internal/rehearsal"

// maxNamed bounds the origins of one site that are asked for since something tells them
// apart.
const maxNamed = 24

// Named are origins that matchers, or maps of Origin, tell apart from others: those that
// stand there, and samples of patterns and expressions. Some may be kept out.
func (s *Site) Named() (all []string) {
	for _, h := range s.Handlers {
		all = addNew(all, namedBy(h)...)
		if len(all) >= maxNamed {
			return all[:maxNamed]
		}
	}
	return all
}

// Lookalikes are origins that the expressions of matchers, and of maps of Origin, match
// though nobody meant them.
func (s *Site) Lookalikes() (all []string) {
	for _, h := range s.Handlers {
		for _, e := range expressionsBy(h) {
			all = addNew(all, lookalikesOf(e)...)
		}
		if len(all) >= maxNamed {
			return all[:maxNamed]
		}
	}
	return all
}

func namedBy(h *rehearsal.Handler) (all []string) {
	for _, matchers := range [][]any{h.Matchers, denied(h.Matchers)} {
		all = append(all, repairedAll(guardOf(matchers).origins)...)
	}
	for _, set := range setsOf(h.Matchers) {
		for _, e := range expressionsOf(set) {
			all = append(all, OriginsIn(e)...)
		}
	}
	for _, row := range rowsOf(h) {
		all = append(all, repairedAll(rehearsal.Words(row, "input"))...)
	}
	return append(all, samplesOf(expressionsBy(h))...)
}

func expressionsBy(h *rehearsal.Handler) (all []string) {
	all = append(guardOf(h.Matchers).expressions, guardOf(denied(h.Matchers)).expressions...)
	for _, row := range rowsOf(h) {
		all = append(all, rehearsal.Words(row, "input_regexp")...)
	}
	return all
}

// rowsOf are the rows of a map of Origin.
func rowsOf(h *rehearsal.Handler) []any {
	if h.Kind != "map" || !aboutCORS(h.Config["source"]) {
		return nil
	}
	return rehearsal.List(h.Config, "mappings")
}
