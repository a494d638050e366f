package browser

import (
	"slices"
	"strings"
)

// The header names that this package sends or reads.
const (
	hAccept           = "Accept"
	hAllowCredentials = "Access-Control-Allow-Credentials"
	hAllowHeaders     = "Access-Control-Allow-Headers"
	hAllowMethods     = "Access-Control-Allow-Methods"
	hAllowOrigin      = "Access-Control-Allow-Origin"
	hAuthorization    = "Authorization"
	hExposeHeaders    = "Access-Control-Expose-Headers"
	hLocation         = "Location"
	hOrigin           = "Origin"
	hRequestHeaders   = "Access-Control-Request-Headers"
	hRequestMethod    = "Access-Control-Request-Method"
	hSetCookie        = "Set-Cookie"
	hWebSocketKey     = "Sec-WebSocket-Key"
)

// tabOrSpace is what HTTP strips around values; vertical tab, form feed and the like stay.
const tabOrSpace = " \t"

var (
	safelistedResponse = []string{
		"cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma",
	}
	forbiddenResponse = []string{"set-cookie", "set-cookie2"}
)

var (
	normalizedMethods = []string{"DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"}
	safelistedMethods = []string{"GET", "HEAD", "POST"}
	forbiddenMethods  = []string{"CONNECT", "TRACE", "TRACK"}
)

// IsMethod reports whether m is an HTTP token (#concept-method).
func IsMethod(m string) bool { return isToken(m) }

// IsForbiddenMethod reports whether m is CONNECT, TRACE or TRACK in any case (#forbidden-method).
func IsForbiddenMethod(m string) bool { return containsFold(forbiddenMethods, m) }

// NormalizeMethod upper-cases the six methods that browsers upper-case, and nothing else
// (#concept-method-normalize): patch stays patch, which no server knows.
func NormalizeMethod(m string) string {
	for _, known := range normalizedMethods {
		if equalFold(m, known) {
			return known
		}
	}
	return m
}

// isSafelistedMethod reports whether m is GET, HEAD or POST, exactly so written (#cors-safelisted-method).
func isSafelistedMethod(m string) bool { return slices.Contains(safelistedMethods, m) }

var forbiddenHeaders = []string{
	"accept-charset", "accept-encoding", "access-control-request-headers", "access-control-request-method",
	"connection", "content-length", "cookie", "cookie2", "date", "dnt", "expect", "host", "keep-alive", "origin",
	"referer", "set-cookie", "te", "trailer", "transfer-encoding", "upgrade", "via",
}

var methodOverrides = []string{"x-http-method", "x-http-method-override", "x-method-override"}

// IsForbiddenRequestHeader reports whether the browser silently drops such a header of a page
// (#forbidden-request-header).
func IsForbiddenRequestHeader(name, value string) bool {
	name = lower(name)
	if slices.Contains(forbiddenHeaders, name) || strings.HasPrefix(name, "proxy-") || strings.HasPrefix(name, "sec-") {
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

// equalFold ignores ASCII case and only that, unlike strings.EqualFold.
func equalFold(a, b string) bool {
	return len(a) == len(b) && lower(a) == lower(b)
}

func containsFold(list []string, s string) bool {
	return slices.ContainsFunc(list, func(e string) bool { return equalFold(e, s) })
}

// isToken reports whether s is a token of RFC 9110, 5.6.2, the grammar of methods and header names.
func isToken(s string) bool {
	for i := range len(s) {
		if !isTokenByte(s[i]) {
			return false
		}
	}
	return s != ""
}

func isTokenByte(c byte) bool {
	return isAlphanumeric(c) || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0
}

func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}
