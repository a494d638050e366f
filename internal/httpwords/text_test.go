package httpwords

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestPrintable: nothing that steers a terminal, or turns text around, is left.
func TestPrintable(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"plain":               {"https://é.example\t€", "https://é.example\t€"},
		"C0":                  {"a\x00\x1b[31m\nb", "a..[31m.b"},
		"DEL":                 {"a\x7fb", "a.b"},
		"C1 as characters":    {"a\u0080\u009b31m\u009fb", "a..31m.b"},
		"C1 as a byte":        {"a\x9b31m", "a.31m"},
		"bytes of no text":    {"a\xff\xfe", "a.."},
		"the other direction": {"a\u202e\u2066\u200fb", "a...b"},
		"invisible":           {"a\u200b\U000e0001b", "a..b"},
		"ends of lines":       {"a\u2028\u2029b", "a..b"},
	} {
		if got := Printable(c.text); got != c.want {
			t.Errorf("%s: %q is shown as %q, want %q", name, c.text, got, c.want)
		}
	}
}

// TestShorten: what a stranger writes has a bound, and stays text.
func TestShorten(t *testing.T) {
	if s := strings.Repeat("x", maxShown); Shorten(s) != s {
		t.Error("what is short enough was shortened")
	}
	for n := range 4 {
		got := Shorten(strings.Repeat("x", n) + strings.Repeat("€", maxShown))
		if len(got) > maxShown+len("…") || !utf8.ValidString(got) || !strings.HasSuffix(got, "…") {
			t.Errorf("%d bytes: %q", len(got), got)
		}
	}
}
