package matrix

import (
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/origin"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// readCORS reads the wishes of a cors handler.
func (p *Policy) readCORS(config map[string]any, host string) {
	p.Keeps, p.Forwards = config["upstream"] == "keep", config["preflight"] == "forward"
	for _, f := range rehearsal.List(config, "for") {
		p.grant(rehearsal.Words(f, "origins"), false, rehearsal.Map(f), config)
	}
	p.grant(rehearsal.Words(config, "origins"), false, config)
	for _, e := range rehearsal.Words(config, "origin_regexp") {
		found := samplesOf([]string{e})
		re, err := origin.CompileRegexp(e)
		for _, f := range found {
			// The site's own host may be what a matcher wants to find in it.
			head, _, _ := strings.Cut(f, ".")
			if o, ok := origin.Parse(head + "." + host); ok && err == nil && re.Match(o) {
				found = addNew(found, o.Raw)
			}
		}
		p.grant(found, true, config)
	}
	except := rehearsal.Words(config, "except")
	p.Wishes = slices.DeleteFunc(p.Wishes, func(w *Wish) bool { return slices.Contains(except, w.Origin) })
}

// inPattern fills in what stands for several ports or labels.
var inPattern = strings.NewReplacer("**", "*", ":*", ":8443")

// grant adds wishes. What the first configuration does not set, the next ones do.
func (p *Policy) grant(origins []string, guess bool, configs ...map[string]any) {
	find := func(key string, without ...any) any {
		for _, c := range configs {
			if v, ok := c[key]; ok {
				return v
			}
		}
		return without
	}
	for _, name := range splitList(strings.Join(origins, ",")) {
		var named []string
		switch name {
		case httpwords.Wildcard:
			named, p.Open = []string{Anybody}, true
		case httpwords.NullOrigin:
			named = []string{name}
		default:
			named = Repaired(inPattern.Replace(name))
		}
		for _, n := range named {
			w := &Wish{Origin: n, Guess: guess || strings.Contains(name, "*") && n != Anybody}
			w.Credentials, _ = find("credentials").(bool)
			w.Methods = wanted(rehearsal.Words(find("methods", "PUT")), "PUT", isUsualMethod)
			w.Headers = wanted(rehearsal.Words(find("headers", "Content-Type")), "Content-Type", httpwords.IsToken)
			p.wish(w)
		}
	}
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
