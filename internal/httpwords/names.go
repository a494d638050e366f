// Package httpwords has the words of HTTP and of the Fetch Standard
// (https://fetch.spec.whatwg.org/) that all rooms share: names of header
// fields, tokens, methods, lists, and the names that Fetch forbids or safelists.
package httpwords

import "strings"

// Names of header fields in the form that net/http keys its maps with.
const (
	Origin         = "Origin"
	Vary           = "Vary"
	Trailer        = "Trailer"
	SecFetchSite   = "Sec-Fetch-Site"
	RequestMethod  = "Access-Control-Request-Method"
	RequestHeaders = "Access-Control-Request-Headers"

	AllowOrigin       = "Access-Control-Allow-Origin"
	AllowCredentials  = "Access-Control-Allow-Credentials"
	AllowMethods      = "Access-Control-Allow-Methods"
	AllowHeaders      = "Access-Control-Allow-Headers"
	ExposeHeaders     = "Access-Control-Expose-Headers"
	MaxAge            = "Access-Control-Max-Age"
	TimingAllowOrigin = "Timing-Allow-Origin"
)

// Values of header fields.
const (
	// Wildcard stands for everything in the fields of the CORS protocol.
	Wildcard = "*"
	// NullOrigin is how browsers serialize an opaque origin (HTML, section
	// ASCII serialization of an origin).
	NullOrigin = "null"
	// Authorization, in lower case, is the one name that a wildcard in
	// Access-Control-Allow-Headers does not cover (Fetch, CORS non-wildcard
	// request-header name).
	Authorization = "authorization"
)

// IsCORSResponseHeader reports whether a name is one of the six header fields of
// CORS answers (Fetch, section HTTP responses), in any spelling: http.Header is a
// map, and nothing makes a handler use canonical keys.
func IsCORSResponseHeader(name string) bool {
	switch len(name) {
	case len(MaxAge):
		return strings.EqualFold(name, MaxAge)
	case len(AllowOrigin):
		return strings.EqualFold(name, AllowOrigin)
	case len(AllowMethods): // and AllowHeaders
		return strings.EqualFold(name, AllowMethods) || strings.EqualFold(name, AllowHeaders)
	case len(ExposeHeaders):
		return strings.EqualFold(name, ExposeHeaders)
	case len(AllowCredentials):
		return strings.EqualFold(name, AllowCredentials)
	}
	return false
}

// IsForbiddenRequestHeader reports whether only browsers set a request header
// (Fetch, forbidden request-header), without the prefixes and the method
// overrides. The argument is lower case.
func IsForbiddenRequestHeader(lower string) bool {
	switch lower {
	case "accept-charset", "accept-encoding", "access-control-request-headers", "access-control-request-method",
		"connection", "content-length", "cookie", "cookie2", "date", "dnt", "expect", "host", "keep-alive", "origin",
		"referer", "set-cookie", "te", "trailer", "transfer-encoding", "upgrade", "via":
		return true
	}
	return false
}

// IsRequestOnlyHeader reports whether a name is among the forbidden ones that no
// response has. Content-Length, Connection, Date and others are on both sides.
// The argument is lower case.
func IsRequestOnlyHeader(lower string) bool {
	switch lower {
	case "accept-charset", "access-control-request-headers", "access-control-request-method",
		"cookie", "cookie2", "dnt", "expect", "host", "origin", "referer", "te":
		return true
	}
	return false
}

// IsSafelistedResponseHeader reports whether pages can always read a response
// header (Fetch, CORS-safelisted response-header name). The argument is lower
// case.
func IsSafelistedResponseHeader(lower string) bool {
	switch lower {
	case "cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma":
		return true
	}
	return false
}

// IsForbiddenResponseHeader reports whether pages can never read a response header
// (Fetch, forbidden response-header name). The argument is lower case.
func IsForbiddenResponseHeader(lower string) bool {
	return lower == "set-cookie" || lower == "set-cookie2"
}

// EqualNames reports whether two names are the same but for the case of ASCII
// letters, and only that: strings.EqualFold takes any two bytes that are no
// UTF-8 for the same.
func EqualNames(a, b string) bool {
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
