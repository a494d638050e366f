package cors

import (
	"slices"
	"strings"
)

// What responses vary with (Fetch, section CORS protocol and HTTP caches).
const (
	varyActual          = headerOrigin
	varyStaticPreflight = headerRequestMethod + ", " + headerRequestHeaders
	varyPreflight       = headerOrigin + ", " + varyStaticPreflight
)

// maxVaryTokens bounds the search for repeated tokens. Beyond it they stay.
const maxVaryTokens = 64

// vary returns what the answer to a request of that kind depends on: also
// where there was no Origin, or a refused one, because a cache would give that
// copy to everybody.
func (p *policy) vary(k kind) string {
	switch {
	case k == kindPreflight && p.static:
		return varyStaticPreflight
	case k == kindPreflight:
		return varyPreflight
	case p.static:
		return ""
	default:
		return varyActual
	}
}

// mergeVary adds the tokens of want to the lines of a Vary header: nothing of
// theirs is lost, nothing stands there twice. Without any lines the one line
// goes into slot, which the caller owns.
func mergeVary(lines []string, want string, slot []string) []string {
	switch {
	case len(lines) == 0:
		slot[0] = want
		return slot
	case len(lines) == 1 && lines[0] == want:
		return lines
	case want == varyActual && len(lines) == 2 && lines[0] == want && isOtherToken(lines[1], want):
		return lines // what `encode` makes of a Vary of ours
	}
	var tokens []string
	add := func(lines ...string) {
		for e := (elements{lines: lines, trusted: true}); e.next(); {
			if !slices.ContainsFunc(tokens[:min(len(tokens), maxVaryTokens)], func(t string) bool {
				return equalNames(t, e.element)
			}) {
				tokens = append(tokens, e.element)
			}
		}
	}
	// Ours comes last, so that the spelling of theirs survives.
	add(slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return l == want })...)
	if slices.Contains(tokens, wildcard) {
		return []string{wildcard} // RFC 9110, section 12.5.5: never reuse; no token adds to that
	}
	add(want)
	return []string{strings.Join(tokens, ", ")}
}

// equalNames ignores the case of ASCII letters, and only that: strings.EqualFold
// takes any two bytes that are no UTF-8 for the same.
func equalNames(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if a[i] != b[i] && (a[i]^b[i] != 'a'-'A' || !isLetter(a[i])) {
			return false
		}
	}
	return true
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// isOtherToken reports whether a line is one token, neither `*` nor want.
func isOtherToken(line, want string) bool {
	return isToken(line) && line != wildcard && !strings.EqualFold(line, want)
}
