package cors

import (
	"net/http"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/origin"
)

// Names and words of the Fetch Standard (https://fetch.spec.whatwg.org/),
// section HTTP extensions, in the form that net/http keys its maps with.
const (
	headerOrigin         = "Origin"
	headerVary           = "Vary"
	headerTrailer        = "Trailer"
	headerSecFetchSite   = "Sec-Fetch-Site"
	headerRequestMethod  = "Access-Control-Request-Method"
	headerRequestHeaders = "Access-Control-Request-Headers"

	headerAllowOrigin      = "Access-Control-Allow-Origin"
	headerAllowCredentials = "Access-Control-Allow-Credentials"
	headerAllowMethods     = "Access-Control-Allow-Methods"
	headerAllowHeaders     = "Access-Control-Allow-Headers"
	headerExposeHeaders    = "Access-Control-Expose-Headers"
	headerMaxAge           = "Access-Control-Max-Age"
	headerTimingAllow      = "Timing-Allow-Origin"

	// prefixAccessControl begins every response header that CORS owns.
	prefixAccessControl = "Access-Control-"

	wildcard   = "*"
	nullOrigin = "null"
	schemeHTTP = "http"

	authorization = "authorization"
)

// isSafelistedMethod: Fetch, CORS-safelisted method. These three need no
// listing, and leaving one out does not forbid it.
func isSafelistedMethod(m string) bool {
	return m == http.MethodGet || m == http.MethodHead || m == http.MethodPost
}

// isForbiddenMethod: Fetch, forbidden method.
func isForbiddenMethod(m string) bool {
	return strings.EqualFold(m, http.MethodConnect) || strings.EqualFold(m, http.MethodTrace) ||
		strings.EqualFold(m, "TRACK")
}

// normalizeMethod: Fetch, normalize. Nothing else is upper-cased: `patch`
// stays `patch`.
func normalizeMethod(m string) string {
	switch upper := strings.ToUpper(m); upper {
	case http.MethodDelete, http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPost, http.MethodPut:
		return upper
	default:
		return m
	}
}

// tokenBytes are the bytes of a token (RFC 9110, section 5.6.2): of methods
// and header names.
var tokenBytes = func() (table [256]bool) {
	for _, b := range []byte("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		table[b] = true
	}
	return table
}()

// badTokenByte returns the index of the first byte that no token may have, or
// -1.
func badTokenByte(s string) int {
	for i := range len(s) {
		if !tokenBytes[s[i]] {
			return i
		}
	}
	return -1
}

func isToken(s string) bool { return s != "" && badTokenByte(s) < 0 }

// hasAccessControlPrefix recognizes the headers of CORS in any spelling:
// http.Header is a map, and nothing makes a handler use canonical keys.
func hasAccessControlPrefix(name string) bool {
	const n = len(prefixAccessControl)
	return len(name) > n && name[n-1] == '-' && strings.EqualFold(name[:n], prefixAccessControl)
}

// sameHost compares an origin with a Host header, in which the default port
// may be written out.
func sameHost(o origin.Origin, host string) bool {
	name, port := o.Host(), o.Port()
	switch {
	case port != "":
		host, ok := strings.CutSuffix(host, ":"+port)
		return ok && strings.EqualFold(host, name)
	case o.Scheme() == schemeHTTP:
		host = strings.TrimSuffix(host, ":80")
	case o.Scheme() == "https":
		host = strings.TrimSuffix(host, ":443")
	}
	return strings.EqualFold(host, name)
}
