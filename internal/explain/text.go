package explain

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/check"
)

// text answers people: what the configuration did, what the browser sees, the
// verdict, what it depends on, and the cure.
func (e *explanation) text(out io.Writer, verbose bool) {
	for _, s := range e.seen() {
		s.print(out)
	}
	fmt.Fprintln(out)
	check.Exchanges(out, e.page, e.request, e.verdict, verbose)
	e.printVerdict(out)
	for _, n := range e.notes {
		fmt.Fprintln(out, "Note: "+n)
	}
	if e.cure != "" {
		fmt.Fprintln(out, "Cure: "+e.cure)
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

func (e *explanation) printVerdict(out io.Writer) {
	v, word := e.verdict, e.headline()
	switch {
	case len(e.notAsked()) > 0:
		fmt.Fprintf(out, "%s: %s\n", word, notAskedText(e.notAsked(), e.page))
		return
	case word == "READABLE":
		fmt.Fprintf(out, "%s: the page gets status %d and may read %s.\n", word, v.Status, exposed(v.Exposed))
		return
	case word == "OPENS":
		fmt.Fprintf(out, "%s: the handshake is answered %d, and the page has its WebSocket.\n", word, v.Status)
		return
	case v.Err != nil:
		fmt.Fprintf(out, "%s: %s\n", word, e.sentence())
		return
	}
	fmt.Fprintf(out, "%s: %s\n", word, e.sentence())
	fmt.Fprintf(out, "  step %d of the browser, https://fetch.spec.whatwg.org/%s (%s)\n", v.Step, v.Anchor, v.Reason)
	if v.Want != nil {
		fmt.Fprintln(out, "The server should have answered:")
		if v.Want.Status != 0 {
			fmt.Fprintf(out, "<   status %d\n", v.Want.Status)
		}
		for _, h := range v.Want.Headers {
			fmt.Fprintf(out, "<   %s: %s\n", h[0], h[1])
		}
	}
}

func notAskedText(sources []string, page browser.Page) string {
	return fmt.Sprintf("%s was not asked, and only that can allow %s. Add --ask to let it be asked.", strings.Join(sources, " and "), page.Origin)
}

func exposed(names []string) string {
	if len(names) == 0 {
		return "the body, but no headers"
	}
	return "the body and the headers " + strings.Join(names, ", ")
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
