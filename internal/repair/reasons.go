package repair

import (
	"regexp"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/lint"
	"github.com/caddy-cors/caddy-cors/internal/matrix"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// A reason is for somebody who sees his own lines, and not the draft: it says what was
// tried, in one line, and names no line of it.

// lengthy is from where on a block is shown without its inside.
const lengthy = 100

// tried says what stands in place of the old lines in a try.
func (j *job) tried() string {
	text := strings.Join(strings.Fields(strings.Join(j.text, " ")), " ")
	if head, _, block := strings.Cut(text, " {"); block && len(text) > lengthy {
		text = head + " { … }"
	}
	if text == "" {
		return "without these lines, "
	}
	return "with " + inTicks(text) + " in place of these lines, "
}

// wrong is the reason where a try does not do the same.
func (j *job) wrong(clause string) string {
	return j.tried() + clause + "; write the `cors` yourself"
}

var (
	inDraft  = regexp.MustCompile(`,? (at [^\s:]+:\d+|\([^()\s]+:\d+\))`)
	invented = regexp.MustCompile(`also accepts \S+\.invalid\b[^\s;,]*`)
)

// refused is what Caddy says of a draft, without its way there.
func refused(err error) string {
	text, about := inDraft.ReplaceAllString(err.Error(), ""), "Caddy does not load the file with `cors` in place of these lines: "
	for _, mark := range []string{"tokens for 'cors': ", "http.handlers.cors: "} {
		if i := strings.LastIndex(text, mark); i >= 0 {
			text, about = text[i+len(mark):], "`cors` refuses whom these lines let in: "
		}
	}
	text = invented.ReplaceAllString(text, "also accepts pages of strangers")
	if strings.Contains(text, " also accepts ") {
		text += ", or name origins that it is for with --origin"
	}
	return about + text
}

// found is what lint would say of a draft.
func (j *job) found(f lint.Finding) string {
	line, cure := "another line", "; "+f.Cure
	if f.Text != "" {
		line = inTicks(f.Text)
	}
	if f.Cure == "" || inDraft.MatchString(f.Cure) || strings.Contains(f.Cure, "this line") {
		cure = "; write the `cors` yourself"
	}
	return j.tried() + "one fault would be left: " + strings.ReplaceAll(inDraft.ReplaceAllString(f.Problem, ""), "this line", line) + cure
}

// inTicks shows a text as code.
func inTicks(text string) string { return "`" + strings.ReplaceAll(text, "`", "") + "`" }

// tangle names the matcher that cannot be read.
func (p *policy) tangle() string {
	for _, l := range p.lines {
		if i := slices.IndexFunc(l.conds, func(c *condition) bool { return c.tangled }); i >= 0 {
			name := "a matcher here"
			if l.conds[i].matcher != "" {
				name = "the matcher " + l.conds[i].matcher
			}
			return name + " cannot be read as a list of origins, or joins them with something else; write `cors` with these origins yourself"
		}
	}
	return ""
}

// unnamed says of a value that it does not tell whom it is for.
func unnamed(value string) string {
	why := inTicks(value) + " is no origin that a browser sends"
	switch {
	case strings.Contains(value, "{args["):
		why = "a snippet is imported without the origin that " + inTicks(value) + " stands for"
	case strings.Contains(value, "{"):
		why = "which origins " + inTicks(value) + " becomes is not known here"
	case value == "":
		why = "the value is empty"
	}
	return why + "; name the origins with --origin"
}

// page is how a question names its origin: made-up names mean any page.
func page(from string) string {
	switch from {
	case matrix.Anybody, matrix.Stranger, matrix.Other:
		return "a page of any origin"
	case rehearsal.OwnOrigin:
		return "a page that the upstream lets in"
	}
	return "a page on " + from
}
