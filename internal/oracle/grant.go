package oracle

import (
	"slices"
	"strings"
)

// grant is what pages of an origin may do, resolved.
type grant struct {
	credentials              bool
	methods, headers, expose []string
	maxAge                   string
}

// answerMethod returns Access-Control-Allow-Methods and whether the requested
// method is granted. Several lines, no token, a method that browsers forbid and
// one that is longer than Caddy takes (32 bytes) are granted nothing at all.
func (g *grant) answerMethod(lines []string) (string, bool) {
	if len(lines) != 1 || !IsToken(lines[0]) || len(lines[0]) > 32 || IsForbiddenMethod(lines[0]) {
		return "", false
	}
	asked := lines[0]
	if slices.Contains(g.methods, "*") {
		if g.credentials {
			return asked, true
		}
		return "*", true
	}
	var granted []string
	for _, m := range g.methods {
		for _, normalized := range []string{"DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"} {
			if SameName(m, normalized) {
				m = normalized
			}
		}
		granted = append(granted, m)
	}
	granted = Distinct(granted, func(a, b string) bool { return a == b })
	safelisted := asked == "GET" || asked == "HEAD" || asked == "POST"
	return strings.Join(granted, ","), safelisted || slices.Contains(granted, asked)
}

// answerHeaders returns Access-Control-Allow-Headers and why it does not cover
// what was asked for.
func (g *grant) answerHeaders(lines []string) (string, string) {
	elements, bounded := ReadList(lines)
	if !bounded {
		return "", "headers_malformed"
	}
	reason := ""
	var covered []string
	for _, name := range elements {
		if IsToken(name) && g.coversHeader(name) {
			covered = append(covered, name)
		}
		if IsToken(name) && !g.coversHeader(name) && reason == "" {
			reason = "header_not_allowed"
		}
		if !IsToken(name) {
			reason = "headers_malformed"
		}
	}
	switch {
	case slices.Contains(g.headers, "*") && g.credentials:
		return strings.Join(covered, ","), reason
	case slices.Contains(g.headers, "*") && containsName(g.headers, "Authorization"):
		return "*,Authorization", reason
	case slices.Contains(g.headers, "*"):
		return "*", reason
	default:
		return strings.Join(Distinct(g.headers, SameName), ","), reason
	}
}

func (g *grant) coversHeader(name string) bool {
	switch {
	case !slices.Contains(g.headers, "*"):
		return containsName(g.headers, name)
	case name == "*":
		return !g.credentials // there it is a name that nobody granted
	case SameName(name, "Authorization"):
		return containsName(g.headers, "Authorization")
	default:
		return true
	}
}

// ReadList reads a list header on any number of lines. It is bounded: 4096
// bytes with the commas that would join the lines, 32 empty elements.
func ReadList(lines []string) (elements []string, bounded bool) {
	if len(lines) == 0 {
		return nil, true
	}
	joined := strings.Join(lines, ",")
	empty := 0
	for element := range strings.SplitSeq(joined, ",") {
		if element = strings.Trim(element, " \t"); element == "" {
			empty++
			continue
		}
		elements = append(elements, element)
	}
	return elements, len(joined) <= 4096 && empty <= 32
}

// IsToken reports whether s is a token (RFC 9110, section 5.6.2).
func IsToken(s string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyz"
	for i := range len(s) {
		if !strings.Contains("!#$%&'*+-.^_`|~0123456789"+letters+strings.ToUpper(letters), s[i:i+1]) {
			return false
		}
	}
	return s != ""
}

// IsForbiddenMethod reports whether a method is forbidden (Fetch, forbidden method).
func IsForbiddenMethod(m string) bool {
	return SameName(m, "CONNECT") || SameName(m, "TRACE") || SameName(m, "TRACK")
}

// SameName ignores the case of ASCII letters. What is compared are tokens, or
// is refused as none.
func SameName(a, b string) bool { return Lower(a) == Lower(b) }

// Lower writes the ASCII letters small, and no others.
func Lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c - 'A' + 'a'
		}
	}
	return string(b)
}

func containsName(list []string, name string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return SameName(s, name) })
}
