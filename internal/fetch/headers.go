package fetch

import (
	"fmt"
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
	hMaxAge           = "Access-Control-Max-Age"
	hOrigin           = "Origin"
	hRequestHeaders   = "Access-Control-Request-Headers"
	hRequestMethod    = "Access-Control-Request-Method"
	hSetCookie        = "Set-Cookie"
)

// tabOrSpace is what HTTP strips around values; vertical tab, form feed and the like stay.
const tabOrSpace = " \t"

// Headers is a header list as it came over the wire: in order, duplicates kept (#concept-header-list).
// Names keep their spelling; every look-up ignores ASCII case.
type Headers [][2]string

// HeadersFrom turns an http.Header into a header list. The order of different names, which a map has lost, becomes
// alphabetical; nothing in CORS depends on it.
func HeadersFrom(h map[string][]string) Headers {
	var list Headers
	for name, values := range h {
		for _, value := range values {
			list = append(list, [2]string{name, value})
		}
	}
	slices.SortStableFunc(list, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	return list
}

// Values returns the value of every line called name, trimmed as HTTP trims it; nil if there is none.
func (h Headers) Values(name string) []string {
	var values []string
	for _, line := range h {
		if equalFold(line[0], name) {
			values = append(values, strings.Trim(line[1], tabOrSpace))
		}
	}
	return values
}

// Get joins all lines called name with a comma and a space (#concept-header-list-get); false if there is none.
func (h Headers) Get(name string) (string, bool) {
	values := h.Values(name)
	return strings.Join(values, ", "), values != nil
}

// Has reports whether there is a line called name.
func (h Headers) Has(name string) bool {
	return slices.ContainsFunc(h, func(line [2]string) bool { return equalFold(line[0], name) })
}

// Without returns a copy that lacks the lines with the given names.
func (h Headers) Without(names ...string) Headers {
	return slices.DeleteFunc(slices.Clone(h), func(line [2]string) bool { return containsFold(names, line[0]) })
}

// Names returns the distinct names, lower-case and sorted bytewise.
func (h Headers) Names() []string {
	names := make([]string, len(h))
	for i, line := range h {
		names[i] = line[0]
	}
	return sortedLowercase(names)
}

// ExtractHeaderListValues reads the comma-separated tokens of all lines called name (#extract-header-list-values).
// Nil means that the header is absent; an empty list, that it lists nothing. The error quotes the first element that
// is no token: one such element makes the whole list worthless, on whichever line it stands.
//
// It knows only the #token grammar that Access-Control-Allow-Methods, -Allow-Headers and -Expose-Headers share.
func ExtractHeaderListValues(h Headers, name string) ([]string, error) {
	lines := h.Values(name)
	if lines == nil {
		return nil, nil
	}
	values := []string{}
	for _, line := range lines {
		for element := range strings.SplitSeq(line, ",") {
			element = strings.Trim(element, tabOrSpace)
			if element == "" { // RFC 9110, 5.6.1: recipients ignore empty elements
				continue
			}
			if !isToken(element) {
				return nil, fmt.Errorf("reading %s: %q is not a token; separate names by commas, without quotes", name, element)
			}
			values = append(values, element)
		}
	}
	return values, nil
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
