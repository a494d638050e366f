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
	name = strings.TrimLeft(name, ".")
	domain, err := publicsuffix.EffectiveTLDPlusOne(name)
	if suffix, icann := publicsuffix.PublicSuffix(name); err != nil || !icann && !strings.Contains(suffix, ".") {
		return "" // nobody registers names below .lan
	}
	return scheme + "://evil" + strings.Replace(host, name, domain, 1)
}
