package neighbours

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp/headers"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// AlsoWritten is what a Line with an Effect is about.
const AlsoWritten = "a header directive also writes a header that cors writes"

// Line is what a `header` directive does to one header.
type Line struct {
	Key      string // of Caddy's JSON: add, set, replace or delete
	Name     string // in a deletion perhaps with a * at its ends
	Values   []string
	Keeps    bool // what is there already: it adds, or replaces a part
	Deletes  bool
	Deferred bool
	Fallback bool // only where the header is not there yet
}

// Lines lists what a `header` directive does, in an order that does not
// change from run to run.
func Lines(ops *headers.RespHeaderOps) (lines []Line) {
	if ops == nil || ops.HeaderOps == nil {
		return nil
	}
	line := Line{Deferred: ops.Deferred || ops.Require != nil}
	for _, values := range []struct {
		key string
		of  http.Header
	}{{"set", ops.Set}, {"add", ops.Add}} {
		for _, name := range slices.Sorted(maps.Keys(values.of)) {
			l := line
			l.Key, l.Name, l.Values, l.Keeps = values.key, name, values.of[name], values.key == "add"
			l.Fallback = ops.Require != nil && wantsAbsent(ops.Require.Headers, name)
			lines = append(lines, l)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(ops.Replace)) {
		l := line
		l.Key, l.Name, l.Keeps = "replace", name, true
		for _, r := range ops.Replace[name] {
			l.Values = append(l.Values, r.Search+r.SearchRegexp, r.Replace)
		}
		lines = append(lines, l)
	}
	for _, name := range ops.Delete {
		l := line
		l.Key, l.Name, l.Deletes = "delete", name, true
		lines = append(lines, l)
	}
	return lines
}

// ReadLines are the Lines of what stands in JSON: of a `header`, and of what a proxy
// does to headers.
func ReadLines(config map[string]any) []Line {
	if len(config) == 0 {
		return nil
	}
	raw, err := json.Marshal(config)
	if err != nil {
		return nil
	}
	var ops headers.RespHeaderOps
	if json.Unmarshal(raw, &ops) != nil {
		return nil // Caddy says so when it loads it
	}
	return Lines(&ops)
}

// wantsAbsent recognizes the matcher of `header ?Field`.
func wantsAbsent(required http.Header, name string) bool {
	values, named := required[name]
	return named && values == nil
}

// Effect says what the line does to the answers of cors, and the cure; or "".
func (l *Line) Effect(static bool) string {
	switch {
	case !l.About(httpwords.AllowOrigin) && !httpwords.IsCORSResponseHeader(l.Name):
		if l.losesVary() && !static {
			return "`Vary: Origin` is lost, and caches give the copy of one origin to another: write `header +Vary Accept`, say, or remove it"
		}
		return ""
	case l.Deletes && l.Deferred:
		return "it takes away what cors sends: remove it"
	case l.Deletes:
		return ""
	case l.Fallback:
		return "it fills in what cors leaves out on purpose, for refused origins: remove it"
	case l.Deferred:
		return "it has the last word, and browsers refuse two values: remove it"
	default:
		return "cors replaces it: remove it"
	}
}

// losesVary reports whether the line takes `Origin` out of Vary.
func (l *Line) losesVary() bool {
	if !l.Deferred || l.Keeps || l.Fallback || !l.About(httpwords.Vary) {
		return false
	}
	for e := (httpwords.Elements{Lines: l.Values, Trusted: true}); e.Next(); {
		if e.Element == httpwords.Wildcard || strings.EqualFold(e.Element, httpwords.Origin) {
			return false
		}
	}
	return true
}

// About reports whether the line concerns a header. Names to delete may have a
// * at their ends.
func (l *Line) About(name string) bool {
	name, pattern := strings.ToLower(name), strings.ToLower(l.Name)
	front, atFront := strings.CutPrefix(pattern, httpwords.Wildcard)
	middle, atEnd := strings.CutSuffix(front, httpwords.Wildcard)
	switch {
	case !l.Deletes || !atFront && !atEnd:
		return name == pattern
	case atFront && atEnd:
		return strings.Contains(name, middle)
	case atFront:
		return strings.HasSuffix(name, front)
	default:
		return strings.HasPrefix(name, middle)
	}
}
