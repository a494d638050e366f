package httpwords

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxShown is how many bytes of a stranger's text are shown.
const maxShown = 200

// Shorten bounds what a stranger can write in a log or on a terminal.
func Shorten(s string) string {
	if len(s) > maxShown {
		return strings.ToValidUTF8(s[:maxShown], "") + "…"
	}
	return s
}

// Printable keeps strangers from writing on a terminal, or in a log, what they like: control
// bytes (C0, C1, DEL), bytes that are no text, and the characters that turn the
// direction of text around or make it invisible become dots. Tabs stay.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' || !IsControl(r) {
			return r
		}
		return '.'
	}, s)
}

// IsControl reports whether a character is not to be shown as it is.
func IsControl(r rune) bool {
	return r == utf8.RuneError || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}
