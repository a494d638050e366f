package lint

import (
	"maps"
	"slices"
	"strings"
)

// Names of headers.
const (
	headerOrigin        = "Origin"
	headerVary          = "Vary"
	headerRequestMethod = "Access-Control-Request-Method"
	allowOrigin         = "Access-Control-Allow-Origin"
	allowCredentials    = "Access-Control-Allow-Credentials"
	allowMethods        = "Access-Control-Allow-Methods"
	allowHeaders        = "Access-Control-Allow-Headers"
	exposeHeaders       = "Access-Control-Expose-Headers"
	maxAge              = "Access-Control-Max-Age"

	corsPrefix = "Access-Control-"
)

// preflightOnly are the headers that browsers read in answers to preflights
// only: who writes one expects preflights.
var preflightOnly = []string{allowMethods, allowHeaders, maxAge}

// knownHeaders are the CORS headers of responses that there are, or were.
var knownHeaders = []string{
	allowOrigin, allowCredentials, allowMethods, allowHeaders, exposeHeaders, maxAge,
	"Access-Control-Allow-Private-Network", "Access-Control-Allow-Local-Network",
	"Access-Control-Allow-External",
}

func isCORS(name string) bool {
	return len(name) >= len(corsPrefix) && strings.EqualFold(name[:len(corsPrefix)], corsPrefix)
}

// list splits the value of a header that is a list.
func list(value string) []string {
	var items []string
	for item := range strings.SplitSeq(value, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

// maxUsefulAge is the longest Access-Control-Max-Age that any browser obeys:
// Firefox's.
const maxUsefulAge = 86400

// isToken tells whether s is a token of HTTP.
func isToken(s string) bool {
	for _, r := range s {
		if r <= ' ' || r > '~' || strings.ContainsRune("\"(),/:;<=>?@[\\]{}", r) {
			return false
		}
	}
	return s != ""
}

// forbidden are the request headers that no page can set (Fetch, forbidden
// request-header), with those that cors refuses to list.
const forbidden = " accept-charset accept-encoding access-control-request-headers access-control-request-method " +
	"connection content-length cookie cookie2 date dnt expect host keep-alive origin referer set-cookie te trailer " +
	"transfer-encoding upgrade via "

func isForbiddenRequestHeader(lower string) bool {
	return strings.Contains(forbidden, " "+lower+" ") || strings.HasPrefix(lower, "sec-") || strings.HasPrefix(lower, "proxy-")
}

// readable are the response headers that pages can always read (Fetch,
// CORS-safelisted response-header name), and set-cookie, which they never can.
const readable = " cache-control content-language content-length content-type expires last-modified pragma set-cookie set-cookie2 "

func isPointlessToExpose(lower string) bool {
	return strings.Contains(readable, " "+lower+" ") || strings.Contains(forbidden, " "+lower+" ") && lower != "date" && lower != "via"
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
