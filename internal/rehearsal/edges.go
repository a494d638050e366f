package rehearsal

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/caddyserver/caddy/v2"
)

// moduleName is the last part of the names of the modules that stand in for
// what is outside.
const moduleName = "cors_rehearsal"

// subrouteName is the handler that stands in for a subroute.
const subrouteName = moduleName + "_subroute"

// Handler is one handler of the configuration.
type Handler struct {
	Place
	ID         int    `json:"-"`
	Kind       string `json:"handler"` // the module's name, for example reverse_proxy
	ErrorRoute bool   `json:"error_route,omitempty"`
	// Way are the routes with matchers that lead to a cors handler, outermost
	// first. Empty for other handlers.
	Way []*Route `json:"-"`
	// Foreign: another plugin's. It is left out, as if it let the request pass.
	Foreign bool `json:"foreign,omitempty"`
	// ReportOnly: a cors handler that changes nothing.
	ReportOnly bool `json:"-"`
	// Config is the handler as it stands in the JSON, without routes inside.
	Config map[string]any `json:"-"`
	// Matchers are the matcher sets of the routes that lead here, outermost
	// first.
	Matchers []any `json:"-"`
	// Stripped are the prefixes that rewrites in front of each of Matchers take off the
	// path: what a matcher of paths sees is without it.
	Stripped []string `json:"-"`

	edited map[string]any // as Caddy gets it
}

// Route is a route with matchers.
type Route struct {
	Place
	ID    int
	Match any // the matcher sets, as they stand in the JSON
}

// editor replaces the edges of a configuration, and puts a mark in front of
// every handler.
type editor struct {
	places   *places
	options  Options
	handlers []*Handler
	probes   []*Route
	roots    map[string]bool // of files
	systems  map[string]bool // file systems, by name
	unknown  []LeftOut       // modules that this Caddy does not have
}

// scope is where in the configuration the editor is.
type scope struct {
	pointer string // JSON pointer
	chain   string // the matchers that lead here, as places wants them
	way     []*Route
	match   []any
	prefix  string   // that rewrites took off the path so far
	cut     []string // likewise, in front of each of match
	errors  bool
}

func (s scope) at(parts ...string) scope {
	for _, p := range parts {
		s.pointer += "/" + escapePointer(p)
	}
	return s
}

// servers edits every server of the http app.
func (e *editor) servers(app map[string]any) {
	for name, srv := range mapsIn(app["servers"]) {
		at := scope{pointer: "/apps/http/servers"}.at(name)
		at.chain = sectionRoutes(name)
		if list, ok := srv["routes"].([]any); ok {
			srv["routes"] = e.routes(list, at.at("routes"))
		}
		if list := List(srv, "errors", "routes"); list != nil {
			in := at.at("errors", "routes")
			in.errors, in.chain = true, sectionErrors(name)
			Map(srv, "errors")["routes"] = e.routes(list, in)
		}
		for key, route := range mapsIn(srv["named_routes"]) {
			in := at.at("named_routes", key)
			in.chain = sectionNamed(key)
			Map(srv, "named_routes")[key] = e.route(route, in)
		}
		quiet(srv)
	}
	delete(app, "metrics")
}

// quiet takes out of a server what acts outside.
func quiet(srv map[string]any) {
	for _, key := range []string{"logs", "listener_wrappers", "packet_conn_wrappers", "metrics"} {
		delete(srv, key)
	}
	if Dig(srv, "trusted_proxies", "source") != "static" {
		delete(srv, "trusted_proxies")
	}
	if Map(srv, "automatic_https") == nil {
		srv["automatic_https"] = map[string]any{}
	}
	Map(srv, "automatic_https")["disable_certificates"] = true // its redirects stay
	if len(List(srv, "tls_connection_policies")) > 0 {
		srv["tls_connection_policies"] = []any{map[string]any{}}
	}
}

// routes edits a list of routes.
func (e *editor) routes(list []any, at scope) []any {
	out := make([]any, 0, len(list))
	for i, r := range list {
		route, ok := r.(map[string]any)
		if !ok {
			out = append(out, r)
			continue
		}
		in := at.at(strconv.Itoa(i))
		if probe := e.probe(route, &in); probe != nil {
			out = append(out, probe)
		}
		out = append(out, e.route(route, in))
		for _, h := range List(route, "handle") {
			at.prefix += strings.Join(Words(h, "strip_path_prefix"), "")
		}
	}
	return out
}

func (e *editor) route(route map[string]any, at scope) map[string]any {
	for _, set := range List(route, "match") {
		for name := range Map(set) {
			if e.lacks("http.matchers."+name, Place{Path: at.pointer}) { // so nobody knows what it lets pass
				e.unknown[len(e.unknown)-1].Body = Compact(route)
				delete(Map(set), name)
				route = map[string]any{"match": route["match"]}
			}
		}
	}
	e.matchers(route["match"])
	if handlers, ok := route["handle"].([]any); ok {
		route["handle"] = e.handle(handlers, at)
	}
	return route
}

// lacks reports whether this Caddy has no such module, and notes it.
func (e *editor) lacks(id string, at Place) bool {
	_, err := caddy.GetModule(id)
	if err != nil {
		e.unknown = append(e.unknown, LeftOut{Place: at, Err: fmt.Errorf("unknown module: %s: this Caddy is built without its plugin; ask the one that runs the configuration", id)})
	}
	return err != nil
}

// probe is a route in front of one with matchers. It notes what these make of
// the request, where the route leads to a cors handler.
func (e *editor) probe(route map[string]any, at *scope) any {
	key := keyOfMatch(route["match"])
	if key == "" {
		return nil
	}
	at.chain += key
	at.match, at.cut = append(slices.Clip(at.match), route["match"]), append(slices.Clip(at.cut), at.prefix)
	place := e.places.take("route " + at.chain)
	place.Path = at.pointer
	if !e.options.Ways || !leadsToCORS(route) {
		return nil
	}
	r := &Route{Place: place, ID: len(e.probes), Match: route["match"]}
	e.probes = append(e.probes, r)
	at.way = append(slices.Clone(at.way), r)
	return map[string]any{"handle": []any{map[string]any{"handler": moduleName, "probe": true, "id": r.ID, "match": route["match"]}}}
}

func leadsToCORS(route map[string]any) bool {
	return someMap(route, func(m map[string]any) bool { return m["handler"] == "cors" || m["handler"] == "invoke" })
}

// handle edits the handlers of one route.
func (e *editor) handle(handlers []any, at scope) []any {
	out := make([]any, 0, 2*len(handlers))
	for i, x := range handlers {
		raw, ok := x.(map[string]any)
		if !ok {
			out = append(out, x)
			continue
		}
		in := at.at("handle", strconv.Itoa(i))
		h := e.note(raw, in)
		out = append(out, map[string]any{"handler": moduleName, "id": h.ID})
		if replaced := e.replace(raw, h); replaced != nil {
			h.edited = replaced
			innerRoutes(replaced, func(list []any, match any, pointer string) []any {
				deeper := in
				deeper.pointer += pointer
				if h.Kind != "subroute" {
					deeper.chain += keyOfMatch(match)
				}
				return e.routes(list, deeper)
			})
			out = append(out, replaced)
		}
	}
	return out
}

func (e *editor) note(raw map[string]any, at scope) *Handler {
	h := &Handler{ID: len(e.handlers), ErrorRoute: at.errors, Config: withoutRoutes(raw), Matchers: at.match, Stripped: at.cut}
	h.Kind, _ = raw["handler"].(string)
	h.Place = e.places.take(keyOfHandler(raw, at.chain))
	h.Place.Path = at.pointer
	if h.Kind == "cors" {
		h.Way = at.way
		h.ReportOnly, _ = raw["report_only"].(bool)
	}
	e.handlers = append(e.handlers, h)
	return h
}
