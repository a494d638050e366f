package rehearsal

import (
	"net/netip"
	"slices"
	"strings"
)

// Asks are the circumstances that matchers ask for.
type Asks struct {
	Addresses []netip.Prefix
	Protocols []string
}

// sources replaces the sources of origins that would contact somebody: all but
// files.
func (e *editor) sources(raw map[string]any) {
	list := List(raw, "origins_from")
	for i, source := range list {
		if Dig(source, "source") != "file" && !e.options.Ask {
			list[i] = map[string]any{"source": moduleName, "name": nameOfSource(Map(source))}
		}
	}
}

// nameOfSource is how the Caddyfile calls a source.
func nameOfSource(source map[string]any) string {
	kind, _ := source["source"].(string)
	for _, key := range []string{"url", "endpoint", "key"} {
		if text, ok := source[key].(string); ok {
			return kind + " " + text
		}
	}
	return kind
}

// files notes where a handler or a matcher looks for files.
func (e *editor) files(raw map[string]any) {
	if root, ok := raw["root"].(string); ok {
		e.roots[root] = true
	}
	for _, key := range []string{"fs", "file_system"} {
		if name, ok := raw[key].(string); ok && name != "" && !strings.Contains(name, "{") {
			e.systems[name] = true
		}
	}
}

// matchers notes what matchers ask for that a question does not say.
func (e *editor) matchers(node any) {
	switch node := node.(type) {
	case []any:
		for _, child := range node {
			e.matchers(child)
		}
	case map[string]any:
		for name, child := range node {
			e.matcher(name, child)
		}
	}
}

func (e *editor) matcher(name string, config any) {
	switch name {
	case "file":
		if raw, ok := config.(map[string]any); ok {
			e.files(raw)
		}
	case "protocol":
		if p, ok := config.(string); ok && !slices.Contains(e.asks.Protocols, p) {
			e.asks.Protocols = append(e.asks.Protocols, p)
		}
	case "remote_ip", "client_ip":
		raw, _ := config.(map[string]any)
		ranges, _ := raw["ranges"].([]any)
		for _, r := range ranges {
			e.address(r)
		}
	case "not":
		e.matchers(config)
	}
}

func (e *editor) address(r any) {
	text, _ := r.(string)
	p, err := netip.ParsePrefix(text)
	if err != nil {
		a, err := netip.ParseAddr(text)
		if err != nil {
			return
		}
		p = netip.PrefixFrom(a, a.BitLen())
	}
	if !slices.Contains(e.asks.Addresses, p) {
		e.asks.Addresses = append(e.asks.Addresses, p)
	}
}
