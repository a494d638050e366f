package cors

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"
)

// UnmarshalJSON reads the configuration strictly: an option that does not
// exist is an error, with the nearest one that does.
func (h *Handler) UnmarshalJSON(b []byte) error {
	type plain Handler // without this method
	err := caddy.StrictUnmarshalJSON(b, (*plain)(h))
	if err == nil {
		return nil
	}
	_, field, unknown := strings.Cut(err.Error(), "unknown field ")
	if !unknown {
		return err
	}
	field = strings.Trim(field, `"`)
	if w := didYouMean(field, optionNames()); w != "" {
		return fmt.Errorf("unknown field %q (did you mean %q?)", field, w)
	}
	return fmt.Errorf("unknown field %q; the options are %s", field, strings.Join(optionNames(), ", "))
}

// Interface guard.
var _ json.Unmarshaler = (*Handler)(nil)

// options turns the configuration into the input of compile. Values go through
// fill first, which fills in placeholders or leaves a value out.
func (h *Handler) options(fill filler) (o options, found problems) {
	o = options{
		credentials:     h.Credentials,
		preflightStatus: h.PreflightStatus,
		preflight:       item{h.Preflight, source{option: "preflight"}},
		upstream:        item{h.Upstream, source{option: "upstream"}},
		timing:          h.Timing,
	}
	read := func(option string, values []string, split splitter) []item {
		items, complete := readList(option, values, fill, split, &found)
		if !complete {
			o.unknown = true
		}
		return items
	}
	o.origins = read("origins", h.Origins, splitList)
	o.regexps = read("origin_regexp", h.OriginRegexp, wholeValue)
	o.except = read("except", h.Except, splitList)
	o.methods = list{h.Methods != nil, read("methods", h.Methods, splitList)}
	o.headers = list{h.Headers != nil, read("headers", h.Headers, splitList)}
	o.expose = read("expose", h.Expose, splitList)
	o.dangerous = read("dangerously_allow", h.DangerouslyAllow, splitList)
	if h.MaxAge != nil {
		d := time.Duration(*h.MaxAge)
		o.maxAge = &d
	}
	return o, found
}

// splitter makes the values of a list out of one word.
type splitter func(string) []string

func wholeValue(s string) []string { return []string{s} }

// filler fills in the placeholders of a value; known is false where that has
// to wait.
type filler func(value string) (filled string, known bool, err error)

func readList(option string, values []string, fill filler, split splitter, found *problems) (items []item, complete bool) {
	complete = true
	for i, v := range values {
		from := source{option, i}
		filled, known, err := fill(v)
		switch {
		case err != nil:
			found.mistake(from, "%s %q %v", strings.TrimSuffix(option, "s"), v, err)
			complete = false
			continue
		case !known:
			complete = false
			continue
		}
		for _, word := range split(filled) {
			items = append(items, item{word, from})
		}
	}
	return items, complete
}

// placeholder finds the next placeholder of a value. A key has a letter in
// front and a dot inside, which tells it from the braces of a regular
// expression ({2,5}, \p{Greek}).
func placeholder(value string) (before, key, after string, found bool) {
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

// later is the filler while a Caddyfile is read: values of placeholders are
// known when the configuration is loaded, perhaps on another machine.
func later(value string) (string, bool, error) {
	for rest := value; ; {
		_, key, after, found := placeholder(rest)
		if !found {
			return value, rest == value, nil
		}
		if err := checkGlobal(key); err != nil {
			return "", false, err
		}
		rest = after
	}
}

// expand is the filler when the configuration is loaded.
func expand(value string) (string, bool, error) {
	if !strings.Contains(value, "{") {
		return value, true, nil
	}
	var b strings.Builder
	repl := caddy.NewReplacer()
	for rest := value; ; {
		before, key, after, found := placeholder(rest)
		b.WriteString(before)
		if !found {
			return b.String(), true, nil
		}
		if err := checkGlobal(key); err != nil {
			return "", false, err
		}
		filled, known := repl.GetString(key)
		switch {
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
		return fmt.Errorf("has a placeholder that depends on the request ({%s}), which would let the request choose the policy; "+
			"write the value, or a global placeholder such as {env.NAME}", key)
	}
	return nil
}
