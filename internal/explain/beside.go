package explain

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/neighbours"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// What stands beside a policy and writes its headers.

// handWritten names the lines that write CORS headers.
func handWritten(a *rehearsal.Answer) string {
	found := writers(a, "access-control-allow-")
	names := make([]string, 0, len(found))
	for _, h := range found {
		names = append(names, name(h))
	}
	return strings.Join(slices.Compact(names), " and ")
}

// writers are the handlers, besides cors, that the request came by and that
// write a header.
func writers(a *rehearsal.Answer, field string) (all []*rehearsal.Handler) {
	for _, h := range a.Ran {
		if h.Kind != "cors" && mentions(h, field) {
			all = append(all, h)
		}
	}
	return all
}

// mentions reports whether a handler's JSON has a word in it.
func mentions(h *rehearsal.Handler, word string) bool {
	b, err := json.Marshal(h.Config)
	return err == nil && strings.Contains(strings.ToLower(string(b)), strings.ToLower(word))
}

// lastWord is about a `header` in front of a policy that is done after it, in the words
// of the warning at run time.
func lastWord(a *rehearsal.Answer, d *rehearsal.Decision) string {
	for _, h := range a.Ran {
		if h == d.By {
			return ""
		}
		ops := rehearsal.Map(h.Config, "response")
		if h.Kind != "headers" {
			continue
		}
		for _, l := range neighbours.ReadLines(ops) {
			const noVary = true // what is lost for caches is not why a page cannot read
			if effect := l.Effect(noVary); effect != "" && l.Deferred {
				return fmt.Sprintf("%s stands beside the policy at %s; %s", name(h), d.By.Place, effect)
			}
		}
	}
	return ""
}
