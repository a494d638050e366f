package repair

import (
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/matrix"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// place is a site that was made ready, and what is read in it once, for all its
// policies.
type place struct {
	site    *matrix.Site
	part    *rehearsal.Rehearsal
	at      map[spot][]*rehearsal.Handler
	configs map[*rehearsal.Handler]string

	operations map[*rehearsal.Handler][]*matrix.Operation // on answers, but for Vary
	lets       map[*rehearsal.Handler][]*matrix.Operation // that let somebody in, of an upstream's answers too

	pages      []string                    // that its matchers and maps tell apart
	responders map[*rehearsal.Handler]bool // answers to OPTIONS by hand

	paths   []string // the first ones that its matchers tell apart
	names   []string // the hosts in matchers
	apart   bool     // what runs may depend on the origin
	odd     bool     // or on something else than the address, the method and the origin
	methods []string // enough of them to see what runs: where no matcher tells them apart, one
	after   string   // what runs behind some answers only: its error routes, and the like
}

// spot is where a handler stands in the configuration.
type spot struct {
	file string
	line int
	path string // in JSON, which has no lines
}

func (l *line) spot() spot {
	if l.dir == nil {
		return spot{path: l.handler.Path}
	}
	return spot{file: l.dir.file, line: l.dir.first}
}

// placeOf reads a site.
func placeOf(site *matrix.Site, part *rehearsal.Rehearsal) *place {
	p := &place{
		site: site, part: part, at: map[spot][]*rehearsal.Handler{}, configs: map[*rehearsal.Handler]string{},
		operations: map[*rehearsal.Handler][]*matrix.Operation{}, lets: map[*rehearsal.Handler][]*matrix.Operation{},
		responders: map[*rehearsal.Handler]bool{},
		methods:    []string{http.MethodPut, http.MethodGet, http.MethodPost, http.MethodDelete, http.MethodPatch},
	}
	for _, o := range site.Operations {
		p.sort(o)
	}
	p.pages = site.Named()
	alike := true
	for _, h := range site.Handlers {
		for _, at := range []spot{{file: h.File, line: h.Line}, {path: h.Path}} {
			p.at[at] = append(p.at[at], h)
		}
		if h.Kind == "static_response" && !h.ErrorRoute && matrix.AboutPreflights(h) {
			p.responders[h] = true
		}
		matchers, config := rehearsal.Compact(h.Matchers), rehearsal.Compact(h.Config)
		p.configs[h] = config
		for _, m := range hostsIn.FindAllStringSubmatch(matchers, -1) {
			p.names = appendNew(p.names, splitList(strings.ReplaceAll(m[1], `"`, " "))...)
		}
		if len(p.paths) < maxPaths {
			p.paths = appendNew(p.paths, pathsAround(h)...)
		}
		p.apart = p.apart || !tells(h.Matchers, false) || h.Kind != "headers" && strings.Contains(strings.ToLower(config), "origin")
		p.odd = p.odd || !tells(h.Matchers, true) || h.Foreign
		alike = alike && !p.odd && !strings.Contains(strings.ToLower(matchers), "method")
		if h.ErrorRoute || strings.Contains(h.Path, "/handle_response/") {
			p.after += matchers + config
		}
	}
	if alike {
		p.methods = p.methods[:1]
	}
	return p
}

// sort puts an operation where it is looked for.
func (p *place) sort(o *matrix.Operation) {
	if !o.Request && o.Field != httpwords.Vary && o.Handler.Kind != "reverse_proxy" {
		p.operations[o.Handler] = append(p.operations[o.Handler], o)
	}
	if o.LetsIn() {
		p.lets[o.Handler] = append(p.lets[o.Handler], o)
	}
}

// tells reports whether matchers tell requests apart by their address and method
// only, and perhaps by their origin.
func tells(matchers any, origin bool) bool {
	switch m := matchers.(type) {
	case []any:
		return !slices.ContainsFunc(m, func(v any) bool { return !tells(v, origin) })
	case map[string]any:
		for name, config := range m {
			if name == "not" && !tells(config, origin) || name != "not" && !tell(name, config, origin) {
				return false
			}
		}
	}
	return true
}

func tell(name string, config any, origin bool) bool {
	switch name {
	case "host", "path", "method":
		return !strings.Contains(rehearsal.Compact(config), "{") // a placeholder
	case "header", "header_regexp":
		for field, values := range rehearsal.Map(config) {
			list, _ := values.([]any)
			if !origin || textproto.CanonicalMIMEHeaderKey(field) != httpwords.Origin || strings.Contains(rehearsal.Compact(list), "{") {
				return false
			}
		}
		return true
	}
	return false
}
