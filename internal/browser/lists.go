package browser

import (
	"fmt"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

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
			if !httpwords.IsToken(element) {
				return nil, fmt.Errorf("reading %s: %q is not a token; separate names by commas, without quotes", name, element)
			}
			values = append(values, element)
		}
	}
	return values, nil
}
