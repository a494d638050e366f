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

func namedBy(h *rehearsal.Handler) (all []string) {
	for _, matchers := range [][]any{h.Matchers, denied(h.Matchers)} {
		g := guardOf(matchers)
		all = append(all, repairedAll(g.origins)...)
		all = append(all, samplesOf(g.expressions)...)
	}
	for _, set := range setsOf(h.Matchers) {
		for _, e := range expressionsOf(set) {
			all = append(all, OriginsIn(e)...)
		}
	}
	if h.Kind == "map" && aboutCORS(h.Config["source"]) {
		for _, row := range rehearsal.List(h.Config, "mappings") {
			all = append(all, repairedAll(rehearsal.Words(row, "input"))...)
			all = append(all, samplesOf(rehearsal.Words(row, "input_regexp"))...)
		}
	}
	return all
}
