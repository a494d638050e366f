package explain

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/caddy-cors/caddy-cors/internal/origin"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// policy is a cors directive that a cure offers: one of the file with changes, or a new
// one.
type policy struct {
	config map[string]any // as JSON
	// whole: every part of it can be written. Else only an option is offered,
	// so that nothing is lost.
	whole bool
	// matcher is the one that stands in the file.
	matcher string
}

// The options that lines writes, by what stands in JSON.
var (
	flags = []string{"credentials", "timing", "debug"}
	lists = []string{"origin_regexp", "except", "methods", "headers", "expose", "enforce", "dangerously_allow"}
	words = []string{"preflight_status", "preflight", "upstream", "name"}

	written = slices.Concat(flags, lists, words, []string{"handler", "origins", "for", "max_age"})
)

const maxOrigins = 6

// policyOf is a policy of the file without some of its options.
func policyOf(h *rehearsal.Handler, without ...string) *policy {
	p := &policy{config: rehearsal.Map(rehearsal.Clone(h.Config)), whole: !strings.Contains(h.Text, "{")}
	if head := strings.Fields(h.Text); len(head) > 1 && strings.ContainsAny(head[1][:1], "/@") {
		p.matcher = head[1]
	}
	for _, key := range without {
		delete(p.config, key)
	}
	for key := range p.config {
		p.whole = p.whole && slices.Contains(written, key)
	}
	for _, expression := range WordsOf(p.config, "origin_regexp") {
		p.whole = p.whole && !strings.ContainsAny(expression, "{}\"`#") // may want quotes
	}
	p.whole = p.whole && len(p.origins()) <= maxOrigins
	return p
}

func (p *policy) origins() []string { return WordsOf(p.config, "origins") }

// offer ends a sentence with the policy, where it can be written whole.
func (p *policy) offer(format string, args ...any) string {
	sentence := fmt.Sprintf(format, args...)
	if !p.whole {
		return sentence
	}
	head := []string{"cors"}
	if p.matcher != "" {
		head = append(head, p.matcher)
	} else if origins := p.origins(); len(origins) > 0 && origins[0] == "*" {
		head = append(head, "*") // Caddy would take a lone one for a matcher
	}
	lines := inBlock(strings.Join(append(head, p.origins()...), " "), linesOf(p.config))
	if len(lines) == 1 {
		return sentence + ": `" + lines[0] + "`"
	}
	return sentence + ":\n\t" + strings.Join(lines, "\n\t")
}

// inBlock puts options into the block of a line, if there are any.
func inBlock(head string, options []string) []string {
	if len(options) == 0 {
		return []string{head}
	}
	lines := []string{head + " {"}
	for _, o := range options {
		lines = append(lines, "\t"+o)
	}
	return append(lines, "}")
}

// linesOf writes the options of a policy or of a `for`, one on a line.
func linesOf(config map[string]any) (lines []string) {
	for _, key := range flags {
		if isTrue(config[key]) {
			lines = append(lines, key)
		}
	}
	for _, key := range lists {
		if _, ok := config[key]; ok {
			lines = append(lines, option(key, WordsOf(config, key)))
		}
	}
	for _, key := range words {
		if v, ok := config[key]; ok {
			lines = append(lines, fmt.Sprintf("%s %v", key, v))
		}
	}
	if v, ok := config["max_age"]; ok {
		lines = append(lines, "max_age "+durationText(fmt.Sprint(v)))
	}
	for _, f := range rehearsal.List(config, "for") {
		entry := rehearsal.Map(f)
		inner := linesOf(entry)
		if v, set := entry["credentials"]; set && !isTrue(v) {
			inner = append(inner, "credentials false")
		}
		lines = append(lines, inBlock("for "+strings.Join(WordsOf(entry, "origins"), " "), inner)...)
	}
	return lines
}

func isTrue(v any) bool {
	yes, _ := v.(bool)
	return yes
}

func option(name string, words []string) string {
	if len(words) == 0 {
		return name + " none"
	}
	return name + " " + strings.Join(words, " ")
}

// durationText writes a duration of the JSON: nanoseconds, or as the Caddyfile
// has it.
func durationText(v string) string {
	ns, err := strconv.ParseInt(v, 10, 64)
	switch {
	case err != nil:
		return v
	case ns < 0:
		return "off"
	}
	d := time.Duration(ns)
	text := d.String()
	if d%time.Minute == 0 && d > 0 {
		text = strings.TrimSuffix(text, "0s")
	}
	if d%time.Hour == 0 && d > 0 {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// entry is the `for` that decides about an origin; nil if none does.
func (p *policy) entry(origin string) map[string]any {
	for _, f := range rehearsal.List(p.config, "for") {
		if entry := rehearsal.Map(f); covers(WordsOf(entry, "origins"), origin) {
			return entry
		}
	}
	return nil
}

// of is where an option for one origin stands: in the `for` that decides about it, or in
// the policy.
func (p *policy) of(origin, key string) map[string]any {
	if entry := p.entry(origin); entry[key] != nil {
		return entry
	}
	return p.config
}

// usual are the words of an option for one origin, or those that go without
// saying.
func (p *policy) usual(origin, key string, without []string) []string {
	if config := p.of(origin, key); config[key] != nil {
		return WordsOf(config, key)
	}
	return slices.Clone(without)
}

func (p *policy) credentialsFor(origin string) bool {
	return isTrue(p.of(origin, "credentials")["credentials"])
}

// allow adds an origin.
func (p *policy) allow(origin string) {
	if except := WordsOf(p.config, "except"); covers(except, origin) {
		p.config["except"] = slices.DeleteFunc(except, func(w string) bool { return coversOrigin(w, origin) })
	}
	if len(WordsOf(p.config, "except")) == 0 {
		delete(p.config, "except")
	}
	if origins := p.origins(); !slices.Contains(origins, "*") && !covers(origins, origin) {
		p.config["origins"] = append([]string{origin}, origins...)
	}
}

// credential gives one origin credentials. Others, all those of a * among them, keep
// what they have.
func (p *policy) credential(origin string) {
	others := slices.DeleteFunc(p.origins(), func(o string) bool { return o == origin })
	entry := p.entry(origin)
	switch {
	case entry != nil:
		entry["credentials"] = true
	case len(others) > 0 || p.config["origin_regexp"] != nil || p.config["for"] != nil:
		if slices.Contains(others, "*") {
			others = append([]string{origin}, others...) // the line says whom it is about
		}
		p.config["origins"] = others
		p.config["for"] = append(rehearsal.List(p.config, "for"), map[string]any{"origins": []string{origin}, "credentials": true})
	default:
		p.config["origins"], p.config["credentials"] = []string{origin}, true
	}
}

// danger adds a word to `dangerously_allow`, if there is one to add.
func (p *policy) danger(word string) {
	if words := WordsOf(p.config, "dangerously_allow"); word != "" && !slices.Contains(words, word) {
		p.config["dangerously_allow"] = append(words, word)
	}
}

// refuse takes an origin away.
func (p *policy) refuse(origin string) {
	without := func(config map[string]any) []string {
		left := slices.DeleteFunc(WordsOf(config, "origins"), func(w string) bool { return w == origin })
		config["origins"] = left
		return left
	}
	origins := without(p.config)
	list := slices.DeleteFunc(rehearsal.List(p.config, "for"), func(f any) bool { return len(without(rehearsal.Map(f))) == 0 })
	if p.config["for"] = list; len(list) == 0 {
		delete(p.config, "for")
	}
	switch {
	case slices.Contains(origins, "*") || covers(origins, origin) || p.entry(origin) != nil || p.config["origin_regexp"] != nil || p.config["origins_from"] != nil:
		p.config["except"] = append(WordsOf(p.config, "except"), origin)
	case len(origins) == 0 && len(list) == 0:
		p.whole = false // then no policy is left
	}
}

// covers reports whether an entry of a list is, or stands for, an origin.
func covers(list []string, origin string) bool {
	return slices.ContainsFunc(list, func(w string) bool { return coversOrigin(w, origin) })
}

func coversOrigin(entry, page string) bool {
	p, err := origin.ParsePattern(entry)
	o, err2 := origin.ParsePattern(page)
	return entry == page || err == nil && err2 == nil && p.Covers(o)
}
