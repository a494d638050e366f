package repair

import (
	"net/textproto"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/matrix"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// knowledge is what is read in a site once, for all its policies.
type knowledge struct {
	at    map[spot][]*rehearsal.Handler
	paths []string // the first ones that its matchers tell apart
	names []string // the hosts in matchers
	apart bool     // what runs may depend on the origin
	odd   bool     // or on something else than the address, the method and the origin
	// methods: its matchers tell methods apart.
	methods bool
	after   string // what runs behind some answers only: its error routes, and the like
}

// spot is where a handler stands in the configuration.
type spot struct {
	file string
	line int
	path string // in JSON, which has no lines
}

func (l *line) spot() spot {
	if l.dir == nil {
		return spot{path: l.handler.Path}
	}
	return spot{file: l.dir.file, line: l.dir.first}
}

// spots are the two ways to say where a handler stands.
func spots(h *rehearsal.Handler) []spot {
	return []spot{{file: h.File, line: h.Line}, {path: h.Path}}
}

// known reads a site.
func (s *stage) known(site *matrix.Site) *knowledge {
	if k := s.knows[site]; k != nil {
		return k
	}
	k := &knowledge{at: map[spot][]*rehearsal.Handler{}}
	s.knows[site] = k
	for _, h := range site.Handlers {
		for _, at := range spots(h) {
			k.at[at] = append(k.at[at], h)
		}
		for _, m := range hostsIn.FindAllStringSubmatch(textOfJSON(h.Matchers), -1) {
			k.names = appendNew(k.names, splitList(strings.ReplaceAll(m[1], `"`, " "))...)
		}
		if len(k.paths) < maxPaths {
			k.paths = appendNew(k.paths, pathsAround(h)...)
		}
		config := strings.ToLower(s.config(h))
		k.apart = k.apart || !tells(h.Matchers, false) || h.Kind != "headers" && strings.Contains(config, "origin")
		k.methods = k.methods || strings.Contains(strings.ToLower(textOfJSON(h.Matchers)), "method") || !tells(h.Matchers, true)
		k.odd = k.odd || !tells(h.Matchers, true) || h.Foreign
		if h.ErrorRoute || strings.Contains(h.Path, "/handle_response/") {
			k.after += textOfJSON(h.Matchers) + config
		}
	}
	return k
}

// config is a handler as text.
func (s *stage) config(h *rehearsal.Handler) string {
	text, ok := s.configs[h]
	if !ok {
		text = textOfJSON(h.Config)
		s.configs[h] = text
	}
	return text
}

// tells reports whether matchers tell requests apart by their address and method
// only, and perhaps by their origin.
func tells(matchers any, origin bool) bool {
	switch m := matchers.(type) {
	case []any:
		return !slices.ContainsFunc(m, func(v any) bool { return !tells(v, origin) })
	case map[string]any:
		for name, config := range m {
			if name == "not" && !tells(config, origin) || name != "not" && !tell(name, config, origin) {
				return false
			}
		}
	}
	return true
}

func tell(name string, config any, origin bool) bool {
	switch name {
	case "host", "path", "method":
		return !strings.Contains(textOfStrings(config), "{") // a placeholder
	case "header", "header_regexp":
		for field, values := range rehearsal.Map(config) {
			if !origin || textproto.CanonicalMIMEHeaderKey(field) != httpwords.Origin || strings.Contains(textOfStrings(values), "{") {
				return false
			}
		}
		return true
	}
	return false
}

// textOfStrings are the words in a matcher.
func textOfStrings(config any) string {
	if list, ok := config.([]any); ok {
		var b strings.Builder
		for _, v := range list {
			b.WriteString(textOfStrings(v) + " ")
		}
		return b.String()
	}
	text, _ := config.(string)
	return text
}
