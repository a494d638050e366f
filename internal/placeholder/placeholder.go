// Package placeholder fills in Caddy's placeholders in the values of a
// configuration. Those that depend on a request are refused: a request must not
// choose the policy that judges it.
package placeholder

import (
	"errors"
	"fmt"
	"strings"

	"github.com/caddyserver/caddy/v2"
)

// Filler fills in the placeholders of a value. It reports whether the value is
// known; where not, that has to wait.
type Filler func(value string) (filled string, known bool, err error)

// Find finds the first placeholder of a value. A key has a letter in front and a
// dot inside, which tells it from the braces of a regular expression ({2,5},
// \p{Greek}).
func Find(value string) (before, key, after string, found bool) {
	for rest := value; ; {
		open := strings.IndexByte(rest, '{')
		if open < 0 {
			return value, "", "", false
		}
		inner, tail, closed := strings.Cut(rest[open+1:], "}")
		if !closed {
			return value, "", "", false
		}
		if inner != "" && 'a' <= inner[0]|0x20 && inner[0]|0x20 <= 'z' && strings.Contains(inner, ".") {
			return value[:len(value)-len(rest)+open], inner, tail, true
		}
		rest = rest[open+1:]
	}
}

// Later is the Filler while a Caddyfile is read: values of placeholders are
// known when the configuration is loaded, perhaps on another machine.
func Later(value string) (string, bool, error) {
	for rest := value; ; {
		_, key, after, found := Find(rest)
		if !found {
			return value, rest == value, nil
		}
		if err := checkGlobal(key); err != nil {
			return "", false, err
		}
		rest = after
	}
}

// Expand is the Filler when the configuration is loaded.
func Expand(value string) (string, bool, error) {
	if !strings.Contains(value, "{") {
		return value, true, nil
	}
	var b strings.Builder
	repl := caddy.NewReplacer()
	for rest := value; ; {
		before, key, after, found := Find(rest)
		b.WriteString(before)
		if !found {
			return b.String(), true, nil
		}
		if err := checkGlobal(key); err != nil {
			return "", false, err
		}
		filled, known := repl.GetString(key)
		switch {
		case !known && value == "{"+key+"}": // the caller quotes the value
			return "", false, errors.New("is an unknown placeholder; write {env.NAME} or {file.PATH}, or remove it")
		case !known:
			return "", false, fmt.Errorf("has an unknown placeholder {%s}; write {env.NAME} or {file.PATH}, or remove it", key)
		case strings.TrimSpace(filled) == "":
			return "", false, errors.New("became empty when it was filled in; set the variable or remove the line")
		}
		b.WriteString(filled)
		rest = after
	}
}

// checkGlobal refuses placeholders that a request fills in.
func checkGlobal(key string) error {
	if strings.HasPrefix(key, "http.") {
		return errors.New("has a placeholder that depends on the request, which would let the request choose the policy; " +
			"write the value, or a global placeholder such as {env.NAME}")
	}
	return nil
}
