package lint

import (
	"slices"
	"sort"
	"strings"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

// standardOrder is Caddy's order of directives, which it does not export, with
// cors where this module registers it, and plug-ins that authenticate where
// their manuals tell people to put them.
var standardOrder = []string{
	"tracing", "map", "vars", "fs", "root", "log_append", "skip_log", "log_skip", "log_name", "log_level",
	"header", "copy_response_headers", "cors", "request_body", "timeouts",
	"redir", "method", "rewrite", "uri", "try_files",
	"authenticate", "authorize", "jwtauth", "jwt", "basicauth", "basic_auth", "forward_auth", "request_header", "encode", "push", "intercept", "templates",
	"invoke", "handle", "route",
	"abort", "error", "copy_response", "respond", "metrics", "reverse_proxy", "php_fastcgi", "file_server", "acme_server",
}

// readOrder applies the `order` options of the global block.
func readOrder(options []caddyfile.Segment) []string {
	order := slices.Clone(standardOrder)
	for _, segment := range options {
		d := readSegment(segment)
		if d.name != "order" || len(d.args) < 2 {
			continue
		}
		name := d.args[0]
		rest := slices.DeleteFunc(slices.Clone(order), func(s string) bool { return s == name })
		at := -1
		switch d.args[1] {
		case "first":
			at = 0
		case "last":
			at = len(rest)
		case "before", "after":
			if len(d.args) > 2 {
				at = slices.Index(rest, d.args[2])
			}
			if at >= 0 && d.args[1] == "after" {
				at++
			}
		}
		if at >= 0 {
			order = slices.Insert(rest, at, name)
		}
	}
	return order
}

// position is where a directive stands in the order. One that is not known
// stands before those that answer.
func position(order []string, name string) int {
	if name == "handle_path" {
		name = "handle"
	}
	if i := slices.Index(order, name); i >= 0 {
		return i
	}
	return slices.Index(order, "invoke")
}

// sortNodes sorts as Caddy does outside route.
func sortNodes(nodes []*node, order []string) {
	sort.SliceStable(nodes, func(i, j int) bool {
		a, b := nodes[i], nodes[j]
		if x, y := position(order, a.name), position(order, b.name); x != y {
			return x < y
		}
		return moreSpecific(a, b)
	})
}

// moreSpecific is Caddy's rule for two of one directive: the longer path first,
// where both have exactly one; else the one with a matcher.
func moreSpecific(a, b *node) bool {
	x, y := onlyPath(a.match), onlyPath(b.match)
	if x == "" || y == "" {
		return len(a.match) > 0 && len(b.match) == 0
	}
	tx, ty := strings.TrimSuffix(x, "*"), strings.TrimSuffix(y, "*")
	switch {
	case tx == ty:
		return len(x) < len(y)
	case len(tx) == len(ty):
		return tx < ty
	}
	return len(tx) > len(ty)
}

func onlyPath(m matcher) string {
	if len(m) != 1 {
		return ""
	}
	for _, t := range m[0] {
		if t.kind == "path" && len(t.values) == 1 {
			return t.values[0]
		}
	}
	return ""
}
