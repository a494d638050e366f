package lint

import (
	"maps"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

// reader turns a Caddyfile into trees.
type reader struct {
	order []string
	named map[string]directive // named routes
	file  string               // the one that was asked about
	site  *site
}

// readCaddyfile reads the sites of a parsed Caddyfile.
func readCaddyfile(filename string, blocks []caddyfile.ServerBlock) []*site {
	r := reader{order: standardOrder, named: make(map[string]directive), file: filename}
	var sites []*site
	for _, b := range blocks {
		switch {
		case len(b.Keys) == 0:
			r.order = readOrder(b.Segments)
		case b.IsNamedRoute && len(b.Segments) > 0:
			d := readSegment(b.Segments[0])
			r.named[strings.Trim(d.name, "&()")] = d
		default:
			sites = append(sites, r.readSite(b))
		}
	}
	return sites
}

func (r *reader) readSite(b caddyfile.ServerBlock) *site {
	keys := make([]string, len(b.Keys))
	for i, k := range b.Keys {
		keys[i] = k.Text
	}
	r.site = &site{name: strings.Join(keys, ", ")}
	lines := make([]directive, len(b.Segments))
	for i, s := range b.Segments {
		lines[i] = readSegment(s)
	}
	r.site.routes = adopt(nil, r.chain(lines, nil, true))
	adopt(nil, r.site.errors)
	all(slices.Concat(r.site.routes, r.site.errors), func(n *node) {
		n.at.imported = n.at.file != r.file
		for _, o := range n.ops {
			o.at.imported = o.at.file != r.file
		}
	})
	return r.site
}

// chain reads the lines of a block into handlers in the order in which requests
// meet them.
func (r *reader) chain(lines []directive, outer map[string]matcher, sorted bool) []*node {
	named := maps.Clone(outer)
	if named == nil {
		named = make(map[string]matcher)
	}
	for _, d := range lines {
		if strings.HasPrefix(d.name, "@") {
			named[d.name] = readMatcher(d)
		}
	}
	var nodes []*node
	for _, d := range lines {
		if !strings.HasPrefix(d.name, "@") {
			nodes = append(nodes, r.directive(d, named)...)
		}
	}
	if sorted {
		sortNodes(nodes, r.order)
	}
	return nodes
}

// exclusive are the directives of which only the first that matches runs.
var exclusive = map[string]string{"handle": "handle", "handle_path": "handle", "rewrite": "rewrite", "root": "root"}

func (r *reader) directive(d directive, named map[string]matcher) []*node {
	n := &node{name: d.name, at: d.at, last: d.last, set: exclusive[d.name]}
	if d.name != "rewrite" || len(d.args) != 1 { // a lone word is where to
		n.matchWord = d.takeMatcher()
	}
	n.match = wordMatcher(n.matchWord, named, d.at)
	switch d.name {
	case "handle", "handle_path":
		n.kind, n.children = group, r.chain(d.block, named, true)
		if d.name == "handle_path" {
			n.children = append([]*node{cutPath(n)}, n.children...)
		}
	case "route":
		n.kind, n.children = group, r.chain(d.block, named, false)
	case "invoke":
		n.kind = group
		if len(d.args) > 0 {
			n.children = r.invoke(d.args[0])
		}
	case "handle_errors":
		r.site.errors = append(r.site.errors, r.chain(d.block, named, true)...)
		return nil
	default:
		if read, known := directives[d.name]; known {
			read(n, d)
		} else if looksLikeAuth(d.name) {
			n.kind = auth
		}
	}
	return []*node{n}
}

// invoke reads a named route where it is used, so that every use is a branch of
// its own. The name is removed meanwhile: Caddy refuses routes that invoke
// themselves.
func (r *reader) invoke(name string) []*node {
	d, ok := r.named[name]
	if !ok {
		return nil
	}
	delete(r.named, name)
	nodes := r.chain(d.block, nil, true)
	r.named[name] = d
	return nodes
}

func cutPath(handle *node) *node {
	prefix := strings.TrimSuffix(strings.TrimSuffix(handle.matchWord, "*"), "/")
	return &node{kind: rewrite, name: "uri", at: handle.at, last: handle.at.line, stripPrefix: prefix}
}

// looksLikeAuth guesses by the name of a plug-in's directive.
func looksLikeAuth(name string) bool {
	for _, part := range []string{"auth", "jwt", "oidc", "oauth"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}
