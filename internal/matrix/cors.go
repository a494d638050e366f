package matrix

import (
	"fmt"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/origin"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// readCORS reads the wishes of a cors handler.
func (p *Policy) readCORS(config map[string]any, host string) {
	p.Keeps = config["upstream"] == "keep"
	p.Forwards = config["preflight"] == "forward"
	p.MaxAge = strings.Trim(fmt.Sprint(config["max_age"]), "<nil>")
	forSome, _ := config["for"].([]any)
	for _, f := range forSome {
		entry, _ := f.(map[string]any)
		p.grant(rehearsal.Words(entry["origins"]), entry, config)
	}
	p.grant(rehearsal.Words(config["origins"]), config)
	var samples []string
	for _, e := range rehearsal.Words(config["origin_regexp"]) {
		found := samplesOf([]string{e})
		re, err := origin.CompileRegexp(e)
		for _, f := range found {
			// The site's own host may be what a matcher wants to find in it.
			head, _, _ := strings.Cut(f, ".")
			if o, ok := origin.Parse(head + "." + host); ok && err == nil && re.Match(o) {
				found = addNew(found, o.Raw)
			}
		}
		samples = append(samples, found...)
	}
	before := len(p.Wishes)
	p.grant(samples, config)
	for _, w := range p.Wishes[before:] {
		w.Guess = true
	}
	if len(p.Wishes) > 0 {
		p.except(rehearsal.Words(config["except"]))
	}
}

func (p *Policy) except(origins []string) {
	p.Wishes = slices.DeleteFunc(p.Wishes, func(w *Wish) bool { return slices.Contains(origins, w.Origin) })
}

// grant adds wishes. What the first configuration does not set, the next ones do.
func (p *Policy) grant(origins []string, configs ...map[string]any) {
	find := func(key string) any {
		for _, c := range configs {
			if v, ok := c[key]; ok {
				return v
			}
		}
		return nil
	}
	list := func(key string, without ...string) []string {
		if v := find(key); v != nil {
			return rehearsal.Words(v)
		}
		return without
	}
	for _, name := range splitAll(origins) {
		var named []string
		switch name {
		case httpwords.Wildcard:
			named, p.Open = []string{Anybody}, true
		case httpwords.NullOrigin:
			named = []string{name}
		default:
			named = Repaired(strings.TrimSuffix(strings.ReplaceAll(strings.ReplaceAll(name, "**", "*"), ":*", ":8443"), "/"))
		}
		for _, n := range named {
			if len(p.Wishes) >= maxWishes || slices.ContainsFunc(p.Wishes, func(w *Wish) bool { return w.Origin == n }) {
				continue
			}
			w := &Wish{Origin: n, Guess: strings.Contains(name, "*") && n != Anybody, Expose: list("expose")}
			w.Credentials, _ = find("credentials").(bool)
			w.Methods = wanted(list("methods", "PUT"), "PUT", isUsualMethod)
			w.Headers = wanted(list("headers", "Content-Type"), "Content-Type", httpwords.IsToken)
			p.Wishes = append(p.Wishes, w)
		}
	}
}

func splitAll(list []string) (all []string) {
	for _, l := range list {
		all = append(all, splitList(l)...)
	}
	return all
}

func splitList(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(", \t\n;'\"", r) })
}

func addNew[T comparable](list []T, more ...T) []T {
	for _, m := range more {
		if !slices.Contains(list, m) {
			list = append(list, m)
		}
	}
	return list
}
