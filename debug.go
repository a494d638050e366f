package cors

import (
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/policy"
)

// headerDebug explains a decision to developers, where the operator asks for
// it.
const headerDebug = "Cors-Debug"

// debugValue is the value of the header: a dictionary of structured fields (RFC 9651).
func debugValue(d *policy.Decision, name string) string {
	var b strings.Builder
	b.WriteString("policy=" + sfString(name) + ", decision=" + d.Verdict.String())
	if d.Reason != policy.ReasonNone {
		b.WriteString(", reason=" + d.Reason.String())
	}
	if detail := detail(d); detail != "" {
		b.WriteString(", detail=" + sfString(detail))
	}
	return b.String()
}

// detail says the reason in words.
func detail(d *policy.Decision) string {
	switch d.Reason {
	case policy.ReasonNone:
		return ""
	case policy.ReasonOriginNotAllowed:
		return "the policy does not allow this origin"
	case policy.ReasonOriginMalformed:
		return "Origin is not one serialized origin"
	case policy.ReasonMethodNotAllowed:
		return "the method asked for is not in: " + orNothing(d.AllowMethods)
	case policy.ReasonHeaderNotAllowed:
		return "a header asked for is not in: " + orNothing(d.AllowHeaders)
	case policy.ReasonHeadersMalformed:
		return "Access-Control-Request-Headers is malformed or too long"
	case policy.ReasonSourceUnavailable:
		return "a source of origins could not be asked"
	case policy.ReasonHostNotVerified:
		return "the Host is not known to be the site's; name the site's hosts in its address"
	}
	return ""
}

func orNothing(list string) string {
	if list == "" {
		return "(none)"
	}
	return list
}

// sfString writes a String of structured fields: printable ASCII in quotes.
func sfString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c > '~':
			b.WriteByte('?')
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
