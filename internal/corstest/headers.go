package corstest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// WantHeader checks the lines of a header; none means that it must be absent.
func WantHeader(t testing.TB, h http.Header, name string, lines ...string) {
	t.Helper()
	got := h.Values(name)
	if fmt.Sprint(got) != fmt.Sprint(lines) || len(got) != len(lines) {
		t.Errorf("%s: got %q, want %q", name, got, lines)
	}
}

// ofProtocol are the six headers of CORS answers (Fetch, section HTTP responses),
// in lower case.
var ofProtocol = []string{
	"access-control-allow-origin", "access-control-allow-credentials", "access-control-allow-methods",
	"access-control-allow-headers", "access-control-max-age", "access-control-expose-headers",
}

// WantNothing checks that none of the six headers of the protocol is there.
func WantNothing(t testing.TB, h http.Header) {
	t.Helper()
	for name, values := range h {
		if slices.Contains(ofProtocol, strings.ToLower(name)) {
			t.Errorf("%s: %q must not be there", name, values)
		}
	}
}

// VaryTokens counts the tokens of the Vary header, in lower case.
func VaryTokens(h http.Header) map[string]int {
	counts := make(map[string]int)
	for _, line := range h.Values("Vary") {
		for token := range strings.SplitSeq(line, ",") {
			if token = strings.ToLower(strings.Trim(token, " \t")); token != "" {
				counts[token]++
			}
		}
	}
	return counts
}

// WantVary checks that the tokens stand in Vary, once each.
func WantVary(t testing.TB, h http.Header, tokens ...string) {
	t.Helper()
	counts := VaryTokens(h)
	for _, token := range tokens {
		if counts[strings.ToLower(token)] != 1 {
			t.Errorf("Vary %q: %s stands there %d times, want once", h.Values("Vary"), token, counts[strings.ToLower(token)])
		}
	}
}
