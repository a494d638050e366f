package origin

import (
	"strings"

	"golang.org/x/net/publicsuffix"
)

// Neighbour returns an origin that the expression accepts although its domain is
// a stranger's: https://evilexample.com for https://.*example\.com, which lacks
// the dot. Unlike the search for a Stranger it tries samples only: finding
// nothing proves nothing.
func (r *Regexp) Neighbour() (origin string, found bool) {
	texts, _ := Samples(r.expr)
	for _, text := range texts {
		o, ok := Parse(BesideDomain(text))
		if ok && r.Match(o) {
			return o.Raw, true
		}
	}
	return "", false
}

// BesideDomain puts letters in front of the domain that somebody registered:
// https://app.example.com becomes https://evilexample.com. It returns "" where
// text names no such domain.
func BesideDomain(text string) string {
	scheme, host, ok := strings.Cut(text, "://")
	if !ok {
		scheme, host = "https", text
	}
	name, _, _ := strings.Cut(host, ":")
	domain, err := publicsuffix.EffectiveTLDPlusOne(strings.TrimLeft(name, "."))
	if err != nil {
		return ""
	}
	return scheme + "://evil" + strings.Replace(host, name, domain, 1)
}
