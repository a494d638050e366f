package expect

import (
	"fmt"
	"io"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// marks stand in front of a result.
var marks = map[Status]string{Passed: "ok   ", Failed: "FAIL ", Unknown: "?    ", Skipped: "skip "}

// text writes a line for every expectation, and for those that did not pass
// what was expected and seen, which policy decided and what would help.
func (r *report) text(out io.Writer) {
	for i := range r.Results {
		for line := range strings.SplitSeq(r.Results[i].text(), "\n") {
			fmt.Fprintln(out, httpwords.Printable(line))
		}
	}
	fmt.Fprintf(out, "\n%s\n", r.summary())
}

func (r *Result) text() string {
	text := fmt.Sprintf("%s %s:%d: %s", marks[r.Status], r.File, r.Line, r.Expectation.String())
	if more := r.difference(); more != "" {
		text += "\n      " + strings.ReplaceAll(more, "\n", "\n      ")
	}
	return text
}

// difference tells expected and seen apart, as a diff does; "" where there is nothing
// to tell.
func (r *Result) difference() string {
	var lines []string
	switch r.Status {
	case Passed:
		return ""
	case Failed:
		lines = append(lines, "- "+r.Expected, "+ "+r.Seen)
	case Unknown, Skipped:
		lines = append(lines, r.Seen)
	}
	if r.Policy != "" {
		lines = append(lines, "Policy: "+r.Policy)
	}
	if r.Cure != "" {
		lines = append(lines, strings.Split("Cure: "+r.Cure, "\n")...)
	}
	return strings.Join(lines, "\n")
}

func (r *report) summary() string {
	n := len(r.Results)
	text := fmt.Sprintf("%d expectations: %d passed", n, r.Passed)
	if n == 1 {
		text = strings.Replace(text, "expectations", "expectation", 1)
	}
	for _, more := range []struct {
		n    int
		what string
	}{{r.Failed, "failed"}, {r.Unknown, "without a verdict"}, {r.Skipped, "skipped"}} {
		if more.n > 0 {
			text += fmt.Sprintf(", %d %s", more.n, more.what)
		}
	}
	return text
}
