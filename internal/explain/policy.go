package explain

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// usualMethods are those of a policy without `methods`.
var usualMethods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}

// policy is a policy that is written anew, from the JSON of one or from nothing.
type policy struct {
	config map[string]any
	// whole: every part of it can be written. Else only an option is offered,
	// so that nothing is lost.
	whole bool
	// matcher is the one that stands in the file.
	matcher string
}

// written are the options that text can write.
var written = []string{
	"handler", "origins", "credentials", "methods", "headers", "expose", "max_age", "name", "preflight_status",
	"preflight", "upstream", "timing", "debug", "enforce", "dangerously_allow",
}

const maxOrigins = 6

func policyOf(h *rehearsal.Handler) *policy {
	p := &policy{config: map[string]any{}, whole: !strings.Contains(h.Text, "{")}
	if words := strings.Fields(h.Text); len(words) > 1 && strings.ContainsAny(words[1][:1], "/@") {
		p.matcher = words[1]
	}
	for key, value := range h.Config {
		p.config[key] = value
		p.whole = p.whole && slices.Contains(written, key)
	}
	if origins := wordsOf(h.Config, "origins"); len(origins) > 0 {
		p.config["origins"] = anyList(origins)
		p.whole = p.whole && len(origins) <= maxOrigins
	}
	return p
}

func (p *policy) credentials() bool {
	yes, _ := p.config["credentials"].(bool)
	return yes
}

// allow adds an origin, with credentials where it needs them.
func (p *policy) allow(origin string, credentials, insecure bool) {
	if credentials && !p.credentials() {
		if len(wordsOf(p.config, "origins")) == 0 {
			p.config["credentials"] = true
		} else {
			p.credential(origin, insecure)
			return
		}
	}
	if !slices.Contains(wordsOf(p.config, "origins"), origin) {
		p.config["origins"] = anyList(append([]string{origin}, wordsOf(p.config, "origins")...))
	}
	if insecure {
		p.danger("insecure_origins")
	}
}

// credential gives one origin credentials. Others keep what they have; a * is
// given up, because nobody can have credentials beside it without a `for`.
func (p *policy) credential(origin string, insecure bool) {
	origins := slices.DeleteFunc(wordsOf(p.config, "origins"), func(o string) bool { return o == "*" || o == origin })
	if len(origins) > 0 {
		p.config["origins"] = anyList(origins)
		p.config["for"] = origin
	} else {
		p.config["origins"] = anyList([]string{origin})
		p.config["credentials"] = true
	}
	if insecure {
		p.danger("insecure_origins")
	}
}

func (p *policy) danger(word string) {
	words := wordsOf(p.config, "dangerously_allow")
	if !slices.Contains(words, word) {
		p.config["dangerously_allow"] = anyList(append(words, word))
	}
}

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

func (p *policy) lines() (lines []string) {
	for _, key := range []string{"credentials", "timing", "debug"} {
		if yes, _ := p.config[key].(bool); yes {
			lines = append(lines, key)
		}
	}
	for _, key := range []string{"methods", "headers", "expose", "enforce", "dangerously_allow"} {
		if list, ok := p.config[key].([]any); ok {
			lines = append(lines, key+" "+orNone(strings.Join(wordsOf(p.config, key), " "), len(list)))
		}
	}
	for _, key := range []string{"preflight_status", "preflight", "upstream", "name"} {
		if v, ok := p.config[key]; ok {
			lines = append(lines, fmt.Sprintf("%s %v", key, v))
		}
	}
	if v, ok := p.config["max_age"]; ok {
		lines = append(lines, "max_age "+durationText(fmt.Sprint(v)))
	}
	if o, ok := p.config["for"].(string); ok {
		lines = append(lines, "for "+o+" {", "\tcredentials", "}")
	}
	return lines
}

// options are lines for the block of a policy that is not written anew.
func (p *policy) options(origin string, insecure bool) string {
	text := "`origins " + origin + "`"
	if insecure {
		text += " and `dangerously_allow insecure_origins`"
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

// usual are the words of an option, or those that go without saying.
func usual(config map[string]any, key string, without []string) []string {
	if _, set := config[key]; !set {
		return slices.Clone(without)
	}
	return wordsOf(config, key)
}

func anyList(words []string) []any {
	list := make([]any, len(words))
	for i, w := range words {
		list[i] = w
	}
	return list
}

func canonical(name string) string { return http.CanonicalHeaderKey(name) }
