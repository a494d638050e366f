package browser

import (
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// pageHeaders turns what the page set into the header list of the request: values normalized, forbidden headers
// dropped; in no-cors mode everything dropped that a form could not send either (#concept-headers-append).
func pageHeaders(set Headers, mode Mode) (kept Headers, dropped []string, bad *Failure) {
	for _, line := range set {
		name, value := line[0], strings.Trim(line[1], tabOrSpace+"\r\n")
		if !httpwords.IsToken(name) {
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
	return !httpwords.EqualNames(name, "range") && IsSafelistedRequestHeader(name, value)
}
