package origin

import (
	"strings"

	"golang.org/x/net/publicsuffix"
)

// PublicSuffix returns the name that the wildcard stands over if that is a
// public suffix (publicsuffix.org), below which names belong to strangers:
// "github.io" for https://*.github.io. A name on no list, such as "internal",
// is none; one below which every name is a suffix ("ck", by the rule *.ck) is.
func (p Pattern) PublicSuffix() (suffix string, ok bool) {
	if p.Depth == Exact {
		return "", false
	}
	suffix, _, ok = suffixAt(p.Host)
	return suffix, ok
}

// suffixAt reports whether strangers can take names directly below host, and
// whether the suffix is one of a registry (ICANN) or of a company (private).
func suffixAt(host string) (suffix string, icann, ok bool) {
	base := strings.TrimSuffix(host, ".")
	if isReserved(base) || endsInNumber(lastLabel(base)) {
		return "", false, false
	}
	if isUnlisted(base) {
		return base, false, true
	}
	below := "0." + base // a name below it, on no list of exceptions
	switch suffix, icann = publicsuffix.PublicSuffix(below); suffix {
	case below:
		return base, icann, true
	case base:
		// The list's last resort, that any top-level name is one, does not count.
		if icann || strings.Contains(base, ".") {
			return base, icann, true
		}
	}
	return "", false, false
}

// publicSuffix returns the suffix of a host under which it was registered.
func publicSuffix(host string) string {
	host = strings.TrimSuffix(host, ".")
	for name, ok := host, true; ok; _, name, ok = strings.Cut(name, ".") {
		if isUnlisted(name) {
			return name
		}
	}
	suffix, _ := publicsuffix.PublicSuffix(host)
	return suffix
}

// reserved are the names that nobody can register, so that what is below them
// is one's own network's: RFC 6761 (localhost, test), RFC 6762 (local), RFC 8375
// (home.arpa, which the public suffix list has nevertheless) and ICANN's
// resolution on internal.
var reserved = [...]string{"localhost", "test", "internal", "local", "home.arpa"}

func isReserved(name string) bool {
	for _, r := range reserved {
		if front, ok := strings.CutSuffix(name, r); ok && (front == "" || strings.HasSuffix(front, ".")) {
			return true
		}
	}
	return false
}

// isUnderICANN tells of a * inside the label that somebody registers, as in
// https://*example.com. No such pattern is meant: its dot is missing.
func (p Pattern) isUnderICANN() bool {
	if p.Depth != InLabel {
		return false
	}
	_, icann, ok := suffixAt(p.Host)
	return ok && icann
}
