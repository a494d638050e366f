package cors

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
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
	if wrongType, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		field := strings.ReplaceAll(wrongType.Field, "Rights.", "") // embedded, so no key of the JSON
		return fmt.Errorf("%s: a JSON %s cannot be read there; it takes a value of type %s", field, wrongType.Value, wrongType.Type)
	}
	if strings.HasPrefix(err.Error(), "time: ") { // the only duration there is
		return fmt.Errorf("max_age: %w; write for example \"10m\"", err)
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
func (h *Handler) options(fill filler) (options, problems) {
	rd := reader{fill: fill}
	o := options{
		origins:         rd.list("origins", h.Origins),
		regexps:         rd.read("origin_regexp", h.OriginRegexp, wholeValue),
		except:          rd.list("except", h.Except),
		dangerous:       rd.list("dangerously_allow", h.DangerouslyAllow),
		rights:          rd.rights("", &h.Rights),
		sources:         len(h.OriginsFromRaw),
		enforce:         rd.list("enforce", h.Enforce),
		reportOnly:      h.ReportOnly,
		preflightStatus: h.PreflightStatus,
		preflight:       item{h.Preflight, source{option: "preflight"}},
		upstream:        item{h.Upstream, source{option: "upstream"}},
		timing:          h.Timing,
	}
	for i := range h.For {
		prefix := forPrefix(i)
		o.fors = append(o.fors, forOptions{
			from:    source{option: prefix},
			origins: rd.list(prefix+"origins", h.For[i].Origins),
			rights:  rd.rights(prefix, &h.For[i].Rights),
		})
	}
	o.unknown = rd.incomplete
	if _, key, _, found := placeholder(h.Name); found {
		rd.found.mistake(source{option: "name"}, "name %q has a placeholder ({%s}), which is not filled in there; write the name itself, or {$NAME}", h.Name, key)
	}
	return o, rd.found
}

// forPrefix begins the names of the options of a `for`.
func forPrefix(i int) string { return "for[" + strconv.Itoa(i) + "]." }

// reader reads the values of a configuration.
type reader struct {
	fill       filler
	found      problems
	incomplete bool // some values cannot be known yet
}

func (rd *reader) rights(prefix string, r *Rights) rights {
	out := rights{
		credentials: r.Credentials,
		methods:     list{r.Methods != nil, rd.list(prefix+"methods", r.Methods)},
		headers:     list{r.Headers != nil, rd.list(prefix+"headers", r.Headers)},
		expose:      list{r.Expose != nil, rd.list(prefix+"expose", r.Expose)},
		maxAgeFrom:  source{option: prefix + "max_age"},
	}
	if r.MaxAge != nil {
		d := time.Duration(*r.MaxAge)
		out.maxAge = &d
	}
	return out
}

// splitter makes the values of a list out of one word.
type splitter func(string) []string

func wholeValue(s string) []string { return []string{s} }

// filler fills in the placeholders of a value; known is false where that has
// to wait.
type filler func(value string) (filled string, known bool, err error)

// list reads values that are split on white space and commas.
func (rd *reader) list(option string, values []string) []item {
	return rd.read(option, values, splitList)
}

func (rd *reader) read(option string, values []string, split splitter) []item {
	items := make([]item, 0, len(values))
	for i, v := range values {
		from := source{option, i}
		filled, known, err := rd.fill(v)
		if err != nil {
			rd.found.mistake(from, "%s %q %v", singular(option), v, err)
		}
		if err != nil || !known {
			rd.incomplete = true
			continue
		}
		if filled != "" && !strings.ContainsAny(filled, separators) {
			items = append(items, item{filled, from}) // of a list of a million, mostly
			continue
		}
		words := split(filled)
		if len(words) == 0 {
			rd.found.mistake(from, "%s %q is empty; write a value, or set the variable that it comes from", singular(option), v)
			rd.incomplete = true
		}
		for _, word := range words {
			items = append(items, item{word, from})
		}
	}
	return items
}

// singular is the word for one value of an option.
func singular(option string) string {
	return strings.TrimSuffix(option[strings.LastIndexByte(option, '.')+1:], "s")
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
