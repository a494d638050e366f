package matrix

import (
	"regexp"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// echoes reports whether a map fills in whatever Origin says, by an expression that
// everything matches: ~.* ${0}.
func echoes(s *Site) bool {
	return slices.ContainsFunc(s.Handlers, func(h *rehearsal.Handler) bool {
		return h.Kind == "map" && aboutCORS(h.Config["source"]) && slices.ContainsFunc(rehearsal.List(h.Config, "mappings"), echoing)
	})
}

func echoing(row any) bool {
	outputs := rehearsal.Words(row, "outputs")
	if !slices.ContainsFunc(outputs, func(o string) bool { return reflects([]string{o}) || strings.Contains(o, "${") }) {
		return false
	}
	return slices.ContainsFunc(rehearsal.Words(row, "input_regexp"), func(e string) bool {
		re, err := regexp.Compile(e)
		return err == nil && !slices.ContainsFunc([]string{Stranger, Other, httpwords.NullOrigin}, func(o string) bool { return !re.MatchString(o) })
	})
}

// partly reports whether the value of an operation is filled in by something else than
// Origin, and not the same for each request: by a map of paths or hosts, or by vars
// behind a matcher. An origin in it is then meant for some requests only.
func partly(o *Operation, s *Site) bool {
	value := strings.Join(o.Values, " ")
	return slices.ContainsFunc(s.Handlers, func(h *rehearsal.Handler) bool {
		tells := h.Kind == "vars" && Picky(h) ||
			h.Kind == "map" && placeholder.MatchString(rehearsal.Compact(h.Config["source"])) && !aboutCORS(h.Config["source"])
		return tells && len(fillingsOf(h, value)) > 0
	})
}

// fillingsOf are what a map or a vars handler may put in place of the placeholders of
// a value.
func fillingsOf(h *rehearsal.Handler, value string) (all []string) {
	switch h.Kind {
	case "vars":
		for name := range h.Config {
			if strings.Contains(value, "{http.vars."+name+"}") {
				all = append(all, rehearsal.Words(h.Config, name)...)
			}
		}
	case "map":
		for i, name := range rehearsal.Words(h.Config, "destinations") {
			if !strings.Contains(value, name) {
				continue
			}
			for _, m := range append(rehearsal.List(h.Config, "mappings"), map[string]any{"outputs": h.Config["defaults"]}) {
				if row := rehearsal.Words(m, "outputs"); i < len(row) {
					all = append(all, row[i])
				}
			}
		}
	}
	return all
}
