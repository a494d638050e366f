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
	"handler", "origins", "origin_regexp", "except", "for", "credentials", "methods", "headers", "expose", "max_age", "name",
	"preflight_status", "preflight", "upstream", "timing", "debug", "enforce", "dangerously_allow",
}

const maxOrigins = 6

func policyOf(h *rehearsal.Handler) *policy {
	p := &policy{config: map[string]any{}, whole: !strings.Contains(h.Text, "{")}
	if words := strings.Fields(h.Text); len(words) > 1 && strings.ContainsAny(words[1][:1], "/@") {
		p.matcher = words[1]
	}
	for key, value := range h.Config {
		p.config[key] = clone(value)
		p.whole = p.whole && slices.Contains(written, key)
	}
	for _, expression := range wordsOf(h.Config, "origin_regexp") {
		p.whole = p.whole && !strings.ContainsAny(expression, "{}\"`#") // may want quotes
	}
	if origins := wordsOf(h.Config, "origins"); len(origins) > 0 {
		p.config["origins"] = anyList(origins)
		p.whole = p.whole && len(origins) <= maxOrigins
	}
	return p
}

func (p *policy) credentials() bool { return isTrue(p.config["credentials"]) }

// credentialsFor reports whether an origin of the policy may have credentials.
func (p *policy) credentialsFor(origin string) bool {
	if v, set := p.entry(origin)["credentials"]; set {
		return isTrue(v)
	}
	return p.credentials()
}

func isTrue(v any) bool {
	yes, _ := v.(bool)
	return yes
}

// allow adds an origin, with credentials where it needs them.
func (p *policy) allow(origin string, credentials, insecure bool) {
	if except := wordsOf(p.config, "except"); len(except) > 0 {
		except = slices.DeleteFunc(except, func(w string) bool { return coversOrigin(w, origin) })
		p.config["except"] = anyList(except)
		if len(except) == 0 {
			delete(p.config, "except")
		}
	}
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
	entry := p.entry(origin)
	switch _, regexps := p.config["origin_regexp"]; {
	case entry != nil:
		entry["credentials"] = true
	case len(origins) > 0 || regexps || p.config["for"] != nil:
		p.config["origins"] = anyList(origins)
		list, _ := p.config["for"].([]any)
		p.config["for"] = append(slices.Clone(list), map[string]any{"origins": anyList([]string{origin}), "credentials": true})
	default:
		delete(p.config, "except") // of the *
		p.config["origins"] = anyList([]string{origin})
		p.config["credentials"] = true
	}
	if insecure {
		p.danger("insecure_origins")
	}
}

// entry is the `for` that decides about an origin; nil if none does.
func (p *policy) entry(origin string) map[string]any {
	list, _ := p.config["for"].([]any)
	for _, f := range list {
		entry, _ := f.(map[string]any)
		if slices.ContainsFunc(wordsOf(entry, "origins"), func(w string) bool { return coversOrigin(w, origin) }) {
			return entry
		}
	}
	return nil
}

// usual are the words of an option for one origin, or those that go without
// saying.
func (p *policy) usual(origin, key string, without []string) []string {
	for _, config := range []map[string]any{p.entry(origin), p.config} {
		if _, set := config[key]; set {
			return wordsOf(config, key)
		}
	}
	return slices.Clone(without)
}

// set changes an option for one origin: where it stands today.
func (p *policy) set(origin, key string, words []string) {
	entry := p.entry(origin)
	if _, here := entry[key]; !here {
		entry = p.config
	}
	entry[key] = anyList(words)
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
	list, _ := config["for"].([]any)
	for _, f := range list {
		entry, _ := f.(map[string]any)
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

func anyList(words []string) []any {
	list := make([]any, len(words))
	for i, w := range words {
		list[i] = w
	}
	return list
}

// clone copies what JSON can hold.
func clone(v any) any {
	switch v := v.(type) {
	case map[string]any:
		c := make(map[string]any, len(v))
		for key, child := range v {
			c[key] = clone(child)
		}
		return c
	case []any:
		c := make([]any, len(v))
		for i, child := range v {
			c[i] = clone(child)
		}
		return c
	default:
		return v
	}
}

func canonical(name string) string { return http.CanonicalHeaderKey(name) }
