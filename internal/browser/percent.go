package browser

import (
	"fmt"
	"strings"
)

// What browsers percent-encode in the parts of a URL besides control bytes and everything beyond ASCII
// (https://url.spec.whatwg.org/#percent-encoded-bytes). The header Location carries bytes, not characters, so that each
// byte is encoded as it is: no byte of a server reaches a terminal or the next request unescaped.
const (
	escapedInPath     = " \"<>^`{}"
	escapedInQuery    = " \"<>'"
	escapedInFragment = " \"<>`"
)

// escapePath encodes the path of s, which has neither query nor fragment, and leaves scheme and host alone.
func escapePath(s string) string {
	start := 0
	if i := strings.Index(s, "//"); i == 0 || i > 0 && s[i-1] == ':' && !strings.Contains(s[:i], "/") {
		start = len(s)
		if slash := strings.IndexByte(s[i+2:], '/'); slash >= 0 {
			start = i + 2 + slash
		}
	}
	return s[:start] + escape(s[start:], escapedInPath)
}

// escapeRest encodes the query and the fragment.
func escapeRest(s string) string {
	query, fragment, found := strings.Cut(s, "#")
	query = escape(query, escapedInQuery)
	if !found {
		return query
	}
	return query + "#" + escapeStrayPercent(escape(fragment, escapedInFragment))
}

func escape(s, set string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || strings.IndexByte(set, c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// escapeStrayPercent escapes a % that starts no escape. Browsers send it as it is, which net/url cannot.
func escapeStrayPercent(s string) string {
	var b strings.Builder
	for i := range len(s) {
		b.WriteByte(s[i])
		if s[i] == '%' && (i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2])) {
			b.WriteString("25")
		}
	}
	return b.String()
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'A' <= c && c <= 'F' || 'a' <= c && c <= 'f'
}
