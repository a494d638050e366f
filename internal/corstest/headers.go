package corstest

import (
	"fmt"
	"net/http"
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

// WantNothing checks that no Access-Control-* header is there.
func WantNothing(t testing.TB, h http.Header) {
	t.Helper()
	for name, values := range h {
		if strings.HasPrefix(strings.ToLower(name), "access-control-") {
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
