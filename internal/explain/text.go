package explain

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/caddy-cors/caddy-cors/internal/check"
)

// text answers people: what the configuration did, what the browser sees, the
// verdict, what it depends on, and the cure.
func (e *Explanation) text(out io.Writer, verbose bool) {
	for _, s := range e.seen() {
		s.print(out)
	}
	fmt.Fprintln(out)
	check.Exchanges(out, e.page, e.request, e.Verdict, verbose)
	check.Verdict(out, e.Verdict)
	for _, n := range e.notes() {
		fmt.Fprintln(out, "Note: "+n)
	}
	if cure := e.Cure(); cure != "" {
		fmt.Fprintln(out, "Cure: "+cure)
	}
}

func (s *seen) print(out io.Writer) {
	fmt.Fprintf(out, "%s %s\n", s.Method, s.URL)
	if s.Policy == "" && !s.unanswered {
		fmt.Fprintln(out, "  no cors handler governs it")
	}
	line := func(word, text string) {
		if text != "" {
			fmt.Fprintf(out, "  %-9s %s\n", word, text)
		}
	}
	line("nearest", s.Nearest)
	line("policy", s.Policy)
	line("at", s.Place)
	for _, m := range s.Matchers {
		line("matcher", m)
	}
	if s.Reason != "" {
		line("decision", s.Decision+" ("+s.Reason+")")
	} else {
		line("decision", s.Decision)
	}
	line("answered", s.Answered)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
