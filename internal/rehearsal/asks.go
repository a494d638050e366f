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

// matchers notes where matchers look for files.
func (e *editor) matchers(match any) {
	someMap(match, func(m map[string]any) bool {
		e.files(Map(m, "file"))
		return false
	})
}

// AsksOf are the circumstances that matchers, and those that they deny, ask for.
func AsksOf(matchers []any) (a Asks) {
	someMap(matchers, func(m map[string]any) bool {
		for _, kind := range []string{"remote_ip", "client_ip"} {
			for _, text := range Words(m, kind, "ranges") {
				p, err := netip.ParsePrefix(text)
				if single, e := netip.ParseAddr(text); e == nil {
					p, err = netip.PrefixFrom(single, single.BitLen()), nil
				}
				if err == nil && !slices.Contains(a.Addresses, p) {
					a.Addresses = append(a.Addresses, p)
				}
			}
		}
		if p, ok := m["protocol"].(string); ok {
			a.Protocols = appendNew(a.Protocols, p)
		}
		return false
	})
	return a
}

// Asks are those of the whole configuration.
func (r *Rehearsal) Asks() Asks {
	all := make([]any, 0, len(r.Handlers))
	for _, h := range r.Handlers {
		all = append(all, h.Matchers)
	}
	return AsksOf(all)
}

// ClientIn is a client in a range.
func ClientIn(p netip.Prefix) netip.Addr {
	if first := p.Masked().Addr().Next(); p.Contains(first) {
		return first
	}
	return p.Addr()
}
