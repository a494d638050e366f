package fetch

import (
	"slices"
	"strings"
)

var (
	normalizedMethods = []string{"DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"}
	safelistedMethods = []string{"GET", "HEAD", "POST"}
	forbiddenMethods  = []string{"CONNECT", "TRACE", "TRACK"}
)

// IsMethod reports whether m is an HTTP token (#concept-method).
func IsMethod(m string) bool { return isToken(m) }

// IsForbiddenMethod reports CONNECT, TRACE and TRACK in any case (#forbidden-method).
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

// IsSafelistedMethod reports GET, HEAD and POST, exactly so written (#cors-safelisted-method).
func IsSafelistedMethod(m string) bool { return slices.Contains(safelistedMethods, m) }

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

// settleHeaders turns what the page set into the header list of the request: values normalized, forbidden headers
// dropped; in no-cors mode everything dropped that a form could not send either (#concept-headers-append).
func settleHeaders(set Headers, mode Mode) (kept Headers, dropped []string, bad *Failure) {
	for _, line := range set {
		name, value := line[0], strings.Trim(line[1], tabOrSpace+"\r\n")
		if !isToken(name) {
			return nil, nil, fail(HeaderInvalid, "%q is no header name, so the page's own call throws", name)
		}
		if strings.ContainsAny(value, "\x00\r\n") {
			return nil, nil, fail(HeaderInvalid, "the value %q of %s contains a NUL or a line break, so the page's own call throws", value, name)
		}
		if IsForbiddenRequestHeader(name, value) || mode == ModeNoCORS && !noCORSSafelisted(kept, name, value) {
			dropped = append(dropped, lower(name))
			continue
		}
		kept = append(kept, [2]string{name, value})
	}
	return kept, dropped, nil
}

// noCORSSafelisted judges the value that several lines would join to (#no-cors-safelisted-request-header).
func noCORSSafelisted(kept Headers, name, value string) bool {
	if before, ok := kept.Get(name); ok {
		value = before + ", " + value
	}
	return !equalFold(name, "range") && IsSafelistedRequestHeader(name, value)
}
