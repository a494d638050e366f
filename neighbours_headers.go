package cors

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp/headers"
	"go.uber.org/zap"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// checkHeaderLines warns of what `header` directives in front of the handler do to
// its headers. A deferred one runs when the response is written, outside of
// this handler, and so has the last word.
func (h *Handler) checkHeaderLines(handlers []caddyhttp.MiddlewareHandler) {
	for _, neighbour := range handlers {
		hd, ok := neighbour.(*headers.Handler)
		if !ok || hd.Response == nil || hd.Response.HeaderOps == nil {
			continue
		}
		for _, l := range headerLines(hd.Response) {
			if effect := l.effect(h.policy.IsStatic()); effect != "" {
				h.logger.Warn("a header directive also writes a header that cors writes; "+effect,
					zap.String("header", l.name), zap.String("policy", h.describe()))
			}
		}
	}
}

// headerLine is what a `header` directive does to one header.
type headerLine struct {
	name     string // in a deletion perhaps with a * at its ends
	values   []string
	keeps    bool // what is there already: it adds, or replaces a part
	deletes  bool
	deferred bool
	fallback bool // only where the header is not there yet
}

// headerLines lists what a `header` directive does, in an order that does not
// change from run to run.
func headerLines(ops *headers.RespHeaderOps) (lines []headerLine) {
	line := headerLine{deferred: ops.Deferred || ops.Require != nil}
	for _, values := range []struct {
		of    http.Header
		keeps bool
	}{{ops.Set, false}, {ops.Add, true}} {
		for _, name := range slices.Sorted(maps.Keys(values.of)) {
			l := line
			l.name, l.values, l.keeps = name, values.of[name], values.keeps
			l.fallback = ops.Require != nil && wantsAbsent(ops.Require.Headers, name)
			lines = append(lines, l)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(ops.Replace)) {
		l := line
		l.name, l.keeps = name, true
		lines = append(lines, l)
	}
	for _, name := range ops.Delete {
		l := line
		l.name, l.deletes = name, true
		lines = append(lines, l)
	}
	return lines
}

// wantsAbsent recognizes the matcher of `header ?Field`.
func wantsAbsent(required http.Header, name string) bool {
	values, named := required[name]
	return named && values == nil
}

// effect says what the line does to the answers of cors, and the cure; or "".
func (l *headerLine) effect(static bool) string {
	switch {
	case !l.about(httpwords.AllowOrigin) && !httpwords.IsCORSResponseHeader(l.name):
		if l.losesVary() && !static {
			return "`Vary: Origin` is lost, and caches give the copy of one origin to another: write `header +Vary …`, or remove it"
		}
		return ""
	case l.deletes && l.deferred:
		return "it takes away what cors sends: remove it"
	case l.deletes:
		return ""
	case l.fallback:
		return "it fills in what cors leaves out on purpose, for refused origins: remove it"
	case l.deferred:
		return "it has the last word, and browsers refuse two values: remove it"
	default:
		return "cors replaces it: remove it"
	}
}

// losesVary reports whether the line takes `Origin` out of Vary.
func (l *headerLine) losesVary() bool {
	if !l.deferred || l.keeps || l.fallback || !l.about(httpwords.Vary) {
		return false
	}
	for e := (httpwords.Elements{Lines: l.values, Trusted: true}); e.Next(); {
		if e.Element == httpwords.Wildcard || strings.EqualFold(e.Element, httpwords.Origin) {
			return false
		}
	}
	return true
}

// about reports whether the line concerns a header. Names to delete may have a
// * at their ends.
func (l *headerLine) about(name string) bool {
	name, pattern := strings.ToLower(name), strings.ToLower(l.name)
	front, atFront := strings.CutPrefix(pattern, httpwords.Wildcard)
	middle, atEnd := strings.CutSuffix(front, httpwords.Wildcard)
	switch {
	case !l.deletes || !atFront && !atEnd:
		return name == pattern
	case atFront && atEnd:
		return strings.Contains(name, middle)
	case atFront:
		return strings.HasSuffix(name, front)
	default:
		return strings.HasPrefix(name, middle)
	}
}
