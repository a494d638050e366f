package oracle

import (
	"errors"
	"strings"
)

// Printable replaces what a String of structured fields cannot hold.
func Printable(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c < ' ' || c > '~' {
			b[i] = '?'
		}
	}
	return string(b)
}

// ReadDictionary reads a dictionary whose values are Tokens and Strings without
// parameters (RFC 9651, section 4.2.2).
func ReadDictionary(s string) (map[string]string, error) {
	found := make(map[string]string)
	for {
		n := 0
		for n < len(s) && strings.IndexByte("abcdefghijklmnopqrstuvwxyz0123456789_-.*", s[n]) >= 0 {
			n++
		}
		if n == 0 || strings.IndexByte("0123456789_-.", s[0]) >= 0 {
			return nil, errors.New("no key")
		}
		item, ok := strings.CutPrefix(s[n:], "=")
		if !ok {
			return nil, errors.New("no value")
		}
		value, rest, err := ReadItem(item)
		if err != nil {
			return nil, err
		}
		found[s[:n]] = value
		if rest = strings.TrimLeft(rest, " \t"); rest == "" {
			return found, nil
		}
		if s, ok = strings.CutPrefix(rest, ","); !ok {
			return nil, errors.New("no comma")
		}
		s = strings.TrimLeft(s, " \t")
	}
}

// ReadItem reads a String or a Token (sections 4.2.5 and 4.2.6).
func ReadItem(s string) (value, rest string, err error) {
	if !strings.HasPrefix(s, `"`) {
		n := 0
		for n < len(s) && (IsToken(s[n:n+1]) || s[n] == ':' || s[n] == '/') {
			n++
		}
		if n == 0 || s[0] != '*' && (Lower(s[:1]) < "a" || Lower(s[:1]) > "z") {
			return "", "", errors.New("no token")
		}
		return s[:n], s[n:], nil
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return b.String(), s[i+1:], nil
		case c < ' ' || c > '~':
			return "", "", errors.New("a byte that no string has")
		case c != '\\':
			b.WriteByte(c)
		case i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
			b.WriteByte(s[i])
		default:
			return "", "", errors.New("a backslash before something else")
		}
	}
	return "", "", errors.New("no end of the string")
}
