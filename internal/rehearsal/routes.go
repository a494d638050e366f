package rehearsal

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// innerRoutes visits the lists of routes inside a handler, wherever they are,
// and puts what visit returns in their place: `routes` of a subroute and of its
// errors, and of each `handle_response`, whose matcher goes along.
func innerRoutes(h map[string]any, visit func(list []any, match any, pointer string) []any) {
	visitRoutes(h, nil, "", visit)
}

func visitRoutes(node any, match any, pointer string, visit func([]any, any, string) []any) {
	switch node := node.(type) {
	case map[string]any:
		if m, ok := node["match"]; ok {
			match = m
		}
		for _, key := range slices.Sorted(maps.Keys(node)) {
			child := node[key]
			at := pointer + "/" + escapePointer(key)
			if list, ok := child.([]any); ok && key == "routes" {
				node[key] = visit(list, match, at)
				continue
			}
			visitRoutes(child, match, at, visit)
		}
	case []any:
		for i, child := range node {
			visitRoutes(child, match, pointer+"/"+strconv.Itoa(i), visit)
		}
	}
}

// withoutRoutes copies a handler and leaves its lists of routes out.
func withoutRoutes(h map[string]any) map[string]any { return Map(cloneWithout(h, "routes")) }

// escapePointer writes a key for a JSON pointer (RFC 6901, section 3).
func escapePointer(key string) string {
	if !strings.ContainsAny(key, "~/") {
		return key
	}
	return strings.ReplaceAll(strings.ReplaceAll(key, "~", "~0"), "/", "~1")
}
