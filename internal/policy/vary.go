package policy

import (
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// What responses vary with (Fetch, section CORS protocol and HTTP caches).
const (
	varyActual          = httpwords.Origin
	varyStaticPreflight = httpwords.RequestMethod + ", " + httpwords.RequestHeaders
	varyPreflight       = httpwords.Origin + ", " + varyStaticPreflight
)

// maxVaryTokens bounds the search for repeated tokens. Beyond it they stay.
const maxVaryTokens = 64

// Vary returns what the answer to a request of that kind depends on: also
// where there was no Origin, or a refused one, because a cache would give that
// copy to everybody.
func (p *Policy) Vary(k Kind) string {
	switch {
	case k == KindPreflight && p.static:
		return varyStaticPreflight
	case k == KindPreflight:
		return varyPreflight
	case p.static:
		return ""
	default:
		return varyActual
	}
}

// MergeVary adds the tokens of want to the lines of a Vary header: nothing of
// theirs is lost, nothing stands there twice. Without any lines the one line
// goes into slot, which the caller owns.
func MergeVary(lines []string, want string, slot []string) []string {
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
		for e := (httpwords.Elements{Lines: lines, Trusted: true}); e.Next(); {
			if !slices.ContainsFunc(tokens[:min(len(tokens), maxVaryTokens)], func(t string) bool {
				return httpwords.EqualNames(t, e.Element)
			}) {
				tokens = append(tokens, e.Element)
			}
		}
	}
	// Ours comes last, so that the spelling of theirs survives.
	add(slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return l == want })...)
	if slices.Contains(tokens, httpwords.Wildcard) {
		return []string{httpwords.Wildcard} // RFC 9110, section 12.5.5: never reuse; no token adds to that
	}
	add(want)
	return []string{strings.Join(tokens, ", ")}
}

// isOtherToken reports whether a line is one token, neither `*` nor want.
func isOtherToken(line, want string) bool {
	return httpwords.IsToken(line) && line != httpwords.Wildcard && !strings.EqualFold(line, want)
}
