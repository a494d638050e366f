package lint

import (
	"net/http"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/origin"
)

const (
	anyPath = "/cors-lint"
	// anyOrigin is one that no matcher can mean (RFC 2606).
	anyOrigin = "https://page.cors-lint.invalid"
)

// reach makes up a request with a method that gets to a node if nobody answers
// it before, or reports that there is none.
func (s *site) reach(routes []*node, n *node, method string) (probe, bool) {
	w := wishesOf(n)
	for _, p := range w.paths {
		for _, h := range append(w.hosts, s.host()) {
			for _, o := range append(w.origins, anyOrigin, "") {
				pr := probe{method: method, path: p, host: h, origin: o, preflight: method == http.MethodOptions && o != ""}
				if _, met := sendThrough(routes, pr, n).meets(n); met {
					return pr, true
				}
			}
		}
	}
	return probe{}, false
}

// actual makes up a request with any method but OPTIONS.
func (s *site) actual(routes []*node, n *node) (probe, bool) {
	for _, method := range append([]string{http.MethodGet, http.MethodPost}, wishesOf(n).methods...) {
		if method == http.MethodOptions {
			continue
		}
		if p, ok := s.reach(routes, n, method); ok {
			return p, true
		}
	}
	return probe{}, false
}

// preflight is the same request's preflight.
func (p probe) asPreflight() probe {
	p.method, p.preflight = http.MethodOptions, true
	return p
}

// from is the same request from another origin.
func (p probe) from(origin string) probe {
	p.origin = origin
	p.preflight = p.preflight && origin != ""
	return p
}

// host returns a host of the site; "" stands for any.
func (s *site) host() string {
	first, _, _ := strings.Cut(s.name, ",")
	first = strings.TrimPrefix(strings.TrimPrefix(first, "http://"), "https://")
	first, _, _ = strings.Cut(first, "/")
	if i := strings.LastIndexByte(first, ':'); i >= 0 {
		first = first[:i]
	}
	return strings.ReplaceAll(first, "*", "any")
}

// wishes are values that the matchers on the way to a node ask for.
type wishes struct {
	paths, hosts, origins, methods []string
}

func wishesOf(n *node) wishes {
	var w wishes
	prefix := "" // what handle_path has cut off
	for _, c := range n.chain() {
		for _, s := range c.match {
			for i := range s {
				w.add(&s[i], prefix)
			}
		}
		prefix += c.strips()
	}
	slices.Reverse(w.paths) // the innermost ask for most
	w.paths = append(w.paths, prefix+anyPath, anyPath)
	return w
}

// strips returns what a group cuts off the path before anything else: Caddy's
// handle_path.
func (n *node) strips() string {
	if n.kind != group || len(n.children) == 0 {
		return ""
	}
	first := n.children[0]
	if first.kind == group && len(first.match) == 0 {
		return first.strips()
	}
	return first.stripPrefix
}

func (w *wishes) add(t *test, prefix string) {
	switch t.kind {
	case "path":
		for _, v := range t.values {
			w.paths = append(w.paths, prefix+samplePath(v))
		}
	case "host":
		for _, v := range t.values {
			w.hosts = append(w.hosts, strings.ReplaceAll(v, "*", "any"))
		}
	case "method":
		w.methods = append(w.methods, t.values...)
	case "header", "header_regexp":
		if t.field == headerOrigin {
			w.origins = append(w.origins, t.sampleOrigins()...)
		}
	case "expression":
		for i := range t.parts {
			w.add(&t.parts[i], prefix)
		}
	}
}

func samplePath(pattern string) string {
	p := strings.ReplaceAll(pattern, "*", "x")
	if !strings.HasPrefix(p, "/") {
		p = "/" + p
	}
	return p
}

// sampleOrigins makes up values of Origin that a test accepts.
func (t *test) sampleOrigins() []string {
	var out []string
	for _, v := range t.values {
		switch {
		case t.kind == "header_regexp":
			s, _ := origin.Samples(v)
			out = append(out, s...)
		case v == "*":
			out = append(out, anyOrigin)
		case strings.HasPrefix(v, "*"):
			out = append(out, "https://app"+strings.Trim(v, "*"))
		case strings.HasSuffix(v, "*"):
			out = append(out, strings.TrimSuffix(v, "*")+"1")
		default: // a * inside is a letter like any other
			out = append(out, v)
		}
	}
	return out
}
