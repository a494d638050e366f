package httpwords

import "strings"

// maxEmptyElements bounds what RFC 9110, section 5.6.1.2, makes recipients
// tolerate: "a reasonable number of empty list elements".
const maxEmptyElements = 32

// Elements walks over the elements of a list field (RFC 9110, section 5.6.1) on
// any number of lines, without allocating. Empty elements are passed over.
type Elements struct {
	// Lines are those that are still to be read.
	Lines []string

	// Trusted says that the lines are a response's, so that empty elements need
	// no bound. A request with more than 32 of them is not read to its end.
	Trusted bool

	// Element is the current element, without white space around it.
	Element string

	// Untidy reports whether white space or an empty element was there.
	Untidy bool

	line   string
	inLine bool
	empty  int
}

// TooManyEmpty reports whether the walk ended at the bound on empty elements.
func (e *Elements) TooManyEmpty() bool { return !e.Trusted && e.empty > maxEmptyElements }

// Next moves to the next element, and reports whether there is one.
func (e *Elements) Next() bool {
	for {
		if !e.inLine {
			if len(e.Lines) == 0 {
				return false
			}
			e.line, e.Lines, e.inLine = e.Lines[0], e.Lines[1:], true
		}
		raw, rest, more := strings.Cut(e.line, ",")
		e.line, e.inLine = rest, more
		e.Element = trimOWS(raw)
		if len(e.Element) != len(raw) {
			e.Untidy = true
		}
		if e.Element != "" {
			return true
		}
		e.Untidy = true
		if e.empty++; e.TooManyEmpty() {
			return false
		}
	}
}

// trimOWS removes optional white space (RFC 9110, section 5.6.3).
func trimOWS(s string) string {
	for s != "" && (s[0] == ' ' || s[0] == '\t') {
		s = s[1:]
	}
	for s != "" && (s[len(s)-1] == ' ' || s[len(s)-1] == '\t') {
		s = s[:len(s)-1]
	}
	return s
}
