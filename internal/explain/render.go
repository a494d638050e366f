package explain

import (
	"fmt"
	"strings"
	"time"

	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// text writes the policy: on one line in backticks where it fits, else as a
// block of indented lines.
func (p *policy) text() string {
	words := []string{"cors"}
	if p.matcher != "" {
		words = append(words, p.matcher)
	}
	head := strings.Join(append(words, p.head()...), " ")
	lines := p.lines()
	if len(lines) == 0 {
		return "`" + head + "`"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n\t%s {\n", head)
	for _, l := range lines {
		fmt.Fprintf(&b, "\t\t%s\n", l)
	}
	b.WriteString("\t}\n")
	return b.String()
}

// head are the origins. Caddy would take a lone * for a matcher.
func (p *policy) head() []string {
	origins := wordsOf(p.config, "origins")
	if p.matcher == "" && len(origins) > 0 && origins[0] == "*" {
		return append([]string{"*"}, origins...)
	}
	return origins
}

func (p *policy) lines() []string { return linesOf(p.config) }

// linesOf writes the options of a policy or of a `for`, one on a line.
func linesOf(config map[string]any) (lines []string) {
	for _, key := range []string{"credentials", "timing", "debug"} {
		if isTrue(config[key]) {
			lines = append(lines, key)
		}
	}
	for _, key := range []string{"origin_regexp", "except", "methods", "headers", "expose", "enforce", "dangerously_allow"} {
		if list, ok := config[key].([]any); ok {
			lines = append(lines, key+" "+orNone(strings.Join(wordsOf(config, key), " "), len(list)))
		}
	}
	for _, key := range []string{"preflight_status", "preflight", "upstream", "name"} {
		if v, ok := config[key]; ok {
			lines = append(lines, fmt.Sprintf("%s %v", key, v))
		}
	}
	if v, ok := config["max_age"]; ok {
		lines = append(lines, "max_age "+durationText(fmt.Sprint(v)))
	}
	for _, f := range rehearsal.List(config, "for") {
		entry := rehearsal.Map(f)
		lines = append(lines, "for "+strings.Join(wordsOf(entry, "origins"), " ")+" {")
		for _, inner := range linesOf(entry) {
			lines = append(lines, "\t"+inner)
		}
		if v, set := entry["credentials"]; set && !isTrue(v) {
			lines = append(lines, "\tcredentials false")
		}
		lines = append(lines, "}")
	}
	return lines
}

// options are lines for the block of a policy that is not written anew.
func (p *policy) options(origin, danger string) string {
	text := "`origins " + origin + "`"
	if danger != "" {
		text += " and `dangerously_allow " + danger + "`"
	}
	return text
}

func orNone(text string, n int) string {
	if n == 0 {
		return "none"
	}
	return text
}

// durationText writes a duration of the JSON: nanoseconds, or as the Caddyfile
// has it.
func durationText(v string) string {
	var ns int64
	if _, err := fmt.Sscanf(v, "%d", &ns); err != nil || fmt.Sprint(ns) != v {
		return v
	}
	if ns < 0 {
		return "off"
	}
	text := strings.TrimSuffix(time.Duration(ns).String(), "m0s")
	switch hours, whole := strings.CutSuffix(text, "h0"); {
	case whole:
		return hours + "h"
	case strings.HasSuffix(text, "s"):
		return text
	}
	return text + "m"
}
