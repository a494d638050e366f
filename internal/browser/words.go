package browser

import (
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// The header names that this package sends or reads.
const (
	hAccept        = "Accept"
	hAuthorization = "Authorization"
	hLocation      = "Location"
	hSetCookie     = "Set-Cookie"
	hWebSocketKey  = "Sec-WebSocket-Key"
)

// tabOrSpace is what HTTP strips around values; vertical tab, form feed and the like stay.
const tabOrSpace = " \t"

// IsMethod reports whether m is an HTTP token (#concept-method).
func IsMethod(m string) bool { return httpwords.IsToken(m) }

// IsForbiddenMethod reports whether m is CONNECT, TRACE or TRACK in any case (#forbidden-method).
func IsForbiddenMethod(m string) bool { return httpwords.IsForbiddenMethod(m) }

// NormalizeMethod upper-cases the six methods that browsers upper-case, and nothing else
// (#concept-method-normalize): patch stays patch, which no server knows.
func NormalizeMethod(m string) string { return httpwords.NormalizeMethod(m) }

var methodOverrides = []string{"x-http-method", "x-http-method-override", "x-method-override"}

// IsForbiddenRequestHeader reports whether the browser silently drops such a header of a page
// (#forbidden-request-header).
func IsForbiddenRequestHeader(name, value string) bool {
	name = lower(name)
	if httpwords.IsForbiddenRequestHeader(name) || strings.HasPrefix(name, "proxy-") || strings.HasPrefix(name, "sec-") {
		return true
	}
	return slices.Contains(methodOverrides, name) && slices.ContainsFunc(splitQuoted(value), IsForbiddenMethod)
}

// splitQuoted splits at the commas outside quoted strings and trims (#concept-header-list-get-decode-split). The
// quotes stay, so a quoted TRACE is no method.
func splitQuoted(value string) []string {
	var values []string
	quoted, start := false, 0
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && quoted:
			i++
		case c == ',' && !quoted:
			values = append(values, strings.Trim(value[start:i], tabOrSpace))
			start = i + 1
		}
	}
	return append(values, strings.Trim(value[start:], tabOrSpace))
}

// sortedLowercase is "convert header names to a sorted-lowercase set".
func sortedLowercase(names []string) []string {
	set := make([]string, len(names))
	for i, name := range names {
		set[i] = lower(name)
	}
	slices.Sort(set)
	return slices.Compact(set)
}

// lower is ASCII lower case, byte by byte. strings.ToLower also folds the Kelvin sign to k, and rewrites bytes that are
// not UTF-8; browsers do neither.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

func containsFold(list []string, s string) bool {
	return slices.ContainsFunc(list, func(e string) bool { return httpwords.EqualNames(e, s) })
}

func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}
