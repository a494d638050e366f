package explain

import (
	"net/http"
	"slices"
	"strings"

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
		p.config[key] = rehearsal.Clone(value)
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
func (p *policy) allow(origin string, credentials bool, danger string) {
	if except := wordsOf(p.config, "except"); len(except) > 0 {
		except = slices.DeleteFunc(except, func(w string) bool { return coversOrigin(w, origin) })
		p.config["except"] = anyList(except)
		if len(except) == 0 {
			delete(p.config, "except")
		}
	}
	if credentials && !p.credentials() {
		if len(wordsOf(p.config, "origins")) > 0 {
			p.credential(origin, danger)
			return
		}
		p.config["credentials"] = true
	}
	if !slices.ContainsFunc(wordsOf(p.config, "origins"), func(w string) bool { return w == "*" && !credentials || coversOrigin(w, origin) }) {
		p.config["origins"] = anyList(append([]string{origin}, wordsOf(p.config, "origins")...))
	}
	p.danger(danger)
}

// credential gives one origin credentials. Others keep what they have; a * is
// given up, because nobody can have credentials beside it without a `for`.
func (p *policy) credential(origin, danger string) {
	origins := slices.DeleteFunc(wordsOf(p.config, "origins"), func(o string) bool { return o == "*" || o == origin })
	entry := p.entry(origin)
	switch _, regexps := p.config["origin_regexp"]; {
	case entry != nil:
		entry["credentials"] = true
	case len(origins) > 0 || regexps || p.config["for"] != nil:
		p.config["origins"] = anyList(origins)
		list := rehearsal.List(p.config, "for")
		p.config["for"] = append(slices.Clone(list), map[string]any{"origins": anyList([]string{origin}), "credentials": true})
	default:
		delete(p.config, "except") // of the *
		p.config["origins"] = anyList([]string{origin})
		p.config["credentials"] = true
	}
	p.danger(danger)
}

// entry is the `for` that decides about an origin; nil if none does.
func (p *policy) entry(origin string) map[string]any {
	for _, f := range rehearsal.List(p.config, "for") {
		entry := rehearsal.Map(f)
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

// danger adds a word to `dangerously_allow`, if there is one to add.
func (p *policy) danger(word string) {
	words := wordsOf(p.config, "dangerously_allow")
	if word != "" && !slices.Contains(words, word) {
		p.config["dangerously_allow"] = anyList(append(words, word))
	}
}

func anyList(words []string) []any {
	list := make([]any, len(words))
	for i, w := range words {
		list[i] = w
	}
	return list
}

func canonical(name string) string { return http.CanonicalHeaderKey(name) }
