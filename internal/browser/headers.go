package browser

import (
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

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
		if httpwords.EqualNames(line[0], name) {
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
	return slices.ContainsFunc(h, func(line [2]string) bool { return httpwords.EqualNames(line[0], name) })
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
