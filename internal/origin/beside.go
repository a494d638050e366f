package origin

import (
	"strings"

	"golang.org/x/net/publicsuffix"
)

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
