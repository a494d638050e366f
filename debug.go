package cors

import "strings"

// headerDebug explains a decision to developers, where the operator asks for
// it.
const headerDebug = "Cors-Debug"

// debug is the value of the header: a dictionary of structured fields (RFC 9651).
func (d *decision) debug(policy string) string {
	var b strings.Builder
	b.WriteString("policy=" + sfString(policy) + ", decision=" + d.verdict.String())
	if d.reason != reasonNone {
		b.WriteString(", reason=" + d.reason.String())
	}
	if detail := d.detail(); detail != "" {
		b.WriteString(", detail=" + sfString(detail))
	}
	return b.String()
}

// detail says in words what would help.
func (d *decision) detail() string {
	switch d.reason {
	case reasonNone:
		return ""
	case reasonOriginNotAllowed:
		return "the policy does not name this origin"
	case reasonOriginMalformed:
		return "Origin is not one serialized origin"
	case reasonMethodNotAllowed:
		return "the method asked for is not in: " + orNothing(d.allowMethods)
	case reasonHeaderNotAllowed:
		return "a header asked for is not in: " + orNothing(d.allowHeaders)
	case reasonHeadersMalformed:
		return "Access-Control-Request-Headers is malformed or too long"
	case reasonSourceUnavailable:
		return "a source of origins could not be asked"
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
