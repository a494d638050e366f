package matrix

import (
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// Nowhere is a path that no route names.
const Nowhere = "/anything"

// pathsOf are one path for each route of the site that names some, or that leaves some
// out: those are another one's. So are the rows of a map of paths.
func pathsOf(s *Site) []string {
	all := []string{Nowhere}
	known := map[string]bool{Nowhere: true}
	for _, h := range s.Handlers {
		for _, p := range slices.Concat(samplePaths(h), deniedPaths(h), mappedPaths(h)) {
			if !known[p] {
				known[p] = true
				all = append(all, p)
			}
		}
	}
	all = addNew(all[:min(len(all), maxPaths)], s.Rewritten(all)...)
	return all[:min(len(all), maxPaths)]
}

// Rewritten are paths that a rewrite of the site makes into one of some paths: what
// stands behind it is asked by these. A prefix that is taken off is known by its place
// (Handler.Stripped).
func (s *Site) Rewritten(paths []string) (all []string) {
	paths = paths[:min(len(paths), maxRewritten)]
	for _, h := range s.Handlers {
		for _, r := range replacements(h) {
			for _, path := range paths {
				if from := strings.Replace(path, r.to, r.from, 1); r.to != "" && strings.HasPrefix(from, "/") && from != path {
					all = addNew(all, from)
				}
			}
		}
	}
	return all
}

type replacement struct{ from, to string }

// replacements are what a rewrite replaces in a path: a text, or a sample of what an
// expression matches.
func replacements(h *rehearsal.Handler) (all []replacement) {
	if h.Kind != "rewrite" {
		return nil
	}
	word := func(r any, key string) string { return strings.Join(rehearsal.Words(r, key), "") }
	for _, r := range rehearsal.List(h.Config, "uri_substring") {
		all = append(all, replacement{word(r, "find"), word(r, "replace")})
	}
	for _, r := range rehearsal.List(h.Config, "path_regexp") {
		for _, from := range sampleOfRegexp(word(r, "find")) {
			all = append(all, replacement{from, word(r, "replace")})
		}
	}
	return all
}

// maxRewritten bounds the paths that are looked for behind one rewrite.
const maxRewritten = 64

// mappedPaths are those that a map tells apart.
func mappedPaths(h *rehearsal.Handler) (all []string) {
	if source, _ := h.Config["source"].(string); h.Kind != "map" || source != "{http.request.uri.path}" && source != "{http.request.uri}" {
		return nil
	}
	for _, m := range rehearsal.List(h.Config, "mappings") {
		for _, p := range rehearsal.Words(m, "input") {
			if u, err := url.Parse(p); err == nil && strings.HasPrefix(p, "/") {
				all = append(all, u.RequestURI())
			}
		}
		for _, e := range rehearsal.Words(m, "input_regexp") {
			all = append(all, sampleOfRegexp(e)...)
		}
	}
	return all
}

// PathsOf are paths that lead to a handler. None: all do, as far as it can be read.
// Those that an expression denies come behind them.
func PathsOf(h *rehearsal.Handler) []string {
	all := samplePaths(h)
	for _, set := range setsOf(h.Matchers) {
		if slices.ContainsFunc(expressionsOf(set), negated.MatchString) {
			return addNew(all, deniedPaths(h)...)
		}
	}
	return all
}

var pathLike = regexp.MustCompile(`["'](/[^"'\s]*)["']`)

// samplePaths are paths that the matchers with paths on the way let pass: those of the
// innermost one. What was taken off in front of that (handle_path, uri strip_prefix)
// stands before each, and a query that they want behind it.
func samplePaths(h *rehearsal.Handler) []string { return samplesFor(h.Matchers, h.Stripped) }

func samplesFor(matchers []any, stripped []string) (all []string) {
	query := ""
	for i, sets := range matchers {
		if here := pathsIn(sets, stripped[i]); len(here) > 0 {
			all = here
		}
		if wanted := queryOf(sets); wanted != "" {
			query = "?" + wanted
		}
	}
	if query != "" && len(all) == 0 {
		all = []string{Nowhere}
	}
	for i := range all {
		all[i] += query
	}
	return all
}

// pathsIn are paths that some matcher sets let pass.
func pathsIn(sets any, stripped string) (all []string) {
	for _, set := range rehearsal.List(sets) {
		for _, p := range rehearsal.Words(set, "path") {
			all = addNew(all, stripped+sampleOfPattern(p))
		}
		for _, p := range otherPaths(set) {
			all = addNew(all, stripped+p)
		}
	}
	return all
}

// queryOf is a query that lets a request pass, where none passes without.
func queryOf(sets any) (query string) {
	for _, set := range rehearsal.List(sets) {
		wanted := rehearsal.Map(set, "query")
		if len(wanted) == 0 {
			return ""
		}
		values := url.Values{}
		for name, options := range wanted {
			if v := rehearsal.Words(options); len(v) > 0 && !strings.Contains(v[0], "{") {
				values.Set(name, strings.ReplaceAll(v[0], "*", "1"))
			}
		}
		query = values.Encode()
	}
	return query
}

// setsOf are the sets of matchers on a way.
func setsOf(matchers []any) (all []any) {
	for _, sets := range matchers {
		all = append(all, rehearsal.List(sets)...)
	}
	return all
}

// met are the matchers that questions are made for, or that they pass as they come.
var met = []string{"host", "path", "path_regexp", "method", "query", "remote_ip", "client_ip", "not"}

// Askable reports whether questions are made that meet all matchers on the way to a
// handler. Those for a header field that pages seldom send are not.
func Askable(h *rehearsal.Handler) bool {
	for _, set := range setsOf(h.Matchers) {
		for name, config := range rehearsal.Map(set) {
			if !slices.Contains(met, name) && !aboutCORS(map[string]any{name: config}) && (name != "expression" || !pathLike.MatchString(rehearsal.Compact(config))) {
				return false
			}
		}
	}
	return true
}

// Picky reports whether a matcher on the way to a handler is for more than the host.
func Picky(h *rehearsal.Handler) bool {
	return slices.ContainsFunc(setsOf(h.Matchers), func(set any) bool {
		return slices.ContainsFunc(slices.Collect(maps.Keys(rehearsal.Map(set))), func(name string) bool { return name != "host" })
	})
}

// MethodsOf are those that may come to a handler whose matchers tell methods apart, the
// plainest first. None: they do not, or want OPTIONS alone.
func MethodsOf(h *rehearsal.Handler) []string {
	matchers := rehearsal.Compact(h.Matchers)
	if !aboutMethod.MatchString(matchers) || PreflightOnly(h) {
		return nil
	}
	all := []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodHead}
	for _, m := range capitals.FindAllStringSubmatch(matchers, maxMethods) {
		if isUsualMethod(m[1]) {
			all = addNew(all, m[1])
		}
	}
	return all
}

// maxMethods bounds the methods that one handler's matchers name.
const maxMethods = 16

var (
	aboutMethod = regexp.MustCompile(`"method"|\bmethod\(|\{method\}|http\.request\.method`)
	capitals    = regexp.MustCompile(`["']([A-Z-]+)[\\"']`)
)

// otherPaths are those of expressions.
func otherPaths(set any) (all []string) {
	for _, pattern := range rehearsal.Words(set, "path_regexp", "pattern") {
		all = addNew(all, sampleOfRegexp(pattern)...)
	}
	for _, e := range expressionsOf(set) {
		for _, m := range pathLike.FindAllStringSubmatch(negated.ReplaceAllString(e, ""), -1) {
			all = addNew(all, sampleOfPattern(m[1]))
		}
	}
	return all
}

// negated is a call, or what stands in parentheses, behind a ! of an expression.
var negated = regexp.MustCompile(`!\s*(\{[^{}]*\}\.)?\w*\(([^()]|\([^()]*\))*\)|!=\s*["'][^"']*["']`)

// deniedPaths are paths that matchers on the way do not let pass. What stands behind
// these matchers, as a last `handle`, is reached there.
func deniedPaths(h *rehearsal.Handler) (all []string) {
	for i, sets := range h.Matchers {
		out := denied([]any{sets})
		if len(pathsIn(out[0], "")) > 0 {
			all = addNew(all, samplesFor(append(slices.Clone(h.Matchers[:i]), out...), h.Stripped)...)
		}
	}
	return all
}

// denied are the sets of matchers that matchers on a way do not let pass.
func denied(matchers []any) []any {
	var sets []any
	for _, set := range setsOf(matchers) {
		sets = append(sets, rehearsal.List(set, "not")...)
		for _, e := range expressionsOf(set) {
			for _, part := range negated.FindAllString(e, maxWishes) {
				sets = append(sets, map[string]any{"expression": strings.TrimLeft(part, "!= ")})
			}
		}
	}
	return []any{sets}
}

// sampleOfPattern fills in the * of a path matcher.
func sampleOfPattern(p string) string {
	p = strings.ReplaceAll(p, "*", "x")
	if !strings.HasPrefix(p, "/") {
		p = "/" + p
	}
	return p
}

// sampleOfRegexp is a path that an expression matches, if it is for paths.
func sampleOfRegexp(pattern string) []string {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil
	}
	found := samples(strings.TrimSuffix(strings.TrimPrefix(pattern, "^"), "$"), []string{"", "/"}, func(path string) bool {
		return strings.HasPrefix(path, "/") && re.MatchString(path) && !strings.ContainsAny(path, " ?#%\\")
	})
	return found[:min(len(found), 1)]
}
