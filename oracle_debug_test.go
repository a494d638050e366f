package cors

import (
	"errors"
	"maps"
	"net/http"
	"strings"
	"testing"
)

// checkDebug: the header explains the decision, in a dictionary that every
// parser of structured fields can read.
func checkDebug(t *testing.T, c *oracleConfig, want *oracleAnswer, sent http.Header) {
	t.Helper()
	lines := sent["Cors-Debug"]
	if !c.Debug {
		if lines != nil {
			t.Errorf("Cors-Debug %q was not asked for", lines)
		}
		return
	}
	if len(lines) != 1 {
		t.Errorf("Cors-Debug: %q", lines)
		return
	}
	got, err := readDictionary(lines[0])
	if err != nil {
		t.Errorf("%q: %v", lines[0], err)
		return
	}
	detail, explained := got["detail"]
	delete(got, "detail")
	if explained != (want.reason != "") || explained && detail == "" {
		t.Errorf("%q explains nothing, or nothing is to be explained", lines[0])
	}
	wanted := map[string]string{"policy": printable(c.Name), "decision": want.verdict}
	if want.reason != "" {
		wanted["reason"] = want.reason
	}
	if !maps.Equal(got, wanted) {
		t.Errorf("got %q, want %q", got, wanted)
	}
}

// printable replaces what a String of structured fields cannot hold.
func printable(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c < ' ' || c > '~' {
			b[i] = '?'
		}
	}
	return string(b)
}

// readDictionary reads a dictionary whose values are Tokens and Strings without
// parameters (RFC 9651, section 4.2.2).
func readDictionary(s string) (map[string]string, error) {
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
		value, rest, err := readItem(item)
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

// readItem reads a String or a Token (sections 4.2.5 and 4.2.6).
func readItem(s string) (value, rest string, err error) {
	if !strings.HasPrefix(s, `"`) {
		n := 0
		for n < len(s) && (isHTTPToken(s[n:n+1]) || s[n] == ':' || s[n] == '/') {
			n++
		}
		if n == 0 || s[0] != '*' && (asciiLower(s[:1]) < "a" || asciiLower(s[:1]) > "z") {
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

// TestReadDictionary: the check itself can fail.
func TestReadDictionary(t *testing.T) {
	t.Parallel()
	for s, valid := range map[string]bool{
		`a=b, c="d"`: true, `a="\"\\"`: true, `*a=*`: true, `a=b/c:d`: true,
		``: false, `a`: false, `A=b`: false, `a=b,`: false, `a=b c=d`: false, `a="b`: false, `a="\b"`: false, "a=\"\x7f\"": false, `a=1`: false, `1=a`: false,
	} {
		if got, err := readDictionary(s); (err == nil) != valid {
			t.Errorf("%s: got %q, %v", s, got, err)
		}
	}
}
