package lint

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// The parts of Caddy's configuration that matter here. Everything else may be
// there, and need not be understood.
type (
	jsonConfig struct {
		Apps struct {
			HTTP struct {
				Servers map[string]jsonServer `json:"servers"`
			} `json:"http"`
		} `json:"apps"`
	}

	jsonServer struct {
		Listen []string    `json:"listen"`
		Routes []jsonRoute `json:"routes"`
		Errors struct {
			Routes []jsonRoute `json:"routes"`
		} `json:"errors"`
		NamedRoutes map[string]jsonRoute `json:"named_routes"`
	}

	jsonRoute struct {
		Group    string                       `json:"group"`
		Match    []map[string]json.RawMessage `json:"match"`
		Handle   []json.RawMessage            `json:"handle"`
		Terminal bool                         `json:"terminal"`
	}
)

// jsonReader turns the routes of a server into trees.
type jsonReader struct {
	named   map[string]jsonRoute
	errors  []*node
	server  string // its path
	invoked map[string]bool
}

func readJSON(body []byte) ([]*site, error) {
	var config jsonConfig
	if err := json.Unmarshal(body, &config); err != nil {
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			line := 1 + bytes.Count(body[:min(int(syntax.Offset), len(body))], []byte("\n"))
			return nil, fmt.Errorf("reading JSON: line %d: %w", line, err)
		}
		return nil, fmt.Errorf("reading JSON: %w", err)
	}
	var sites []*site
	for _, name := range sortedKeys(config.Apps.HTTP.Servers) {
		server := config.Apps.HTTP.Servers[name]
		r := jsonReader{named: server.NamedRoutes, server: "apps/http/servers/" + name, invoked: make(map[string]bool)}
		routes := adopt(nil, r.routes(r.server+"/routes", server.Routes))
		errs := adopt(nil, append(r.errors, r.routes(r.server+"/errors/routes", server.Errors.Routes)...))
		sites = append(sites, split(strings.Join(server.Listen, ", "), routes, errs)...)
	}
	return sites, nil
}

// split makes a site of every route that takes all requests for its hosts, as
// the adapter writes them, with the routes that are for all hosts.
func split(listen string, routes, errs []*node) []*site {
	var sites []*site
	for _, n := range routes {
		if hosts := n.hosts(); len(hosts) > 0 && n.terminal {
			s := &site{name: strings.Join(hosts, ", ")}
			s.routes = forHosts(routes, n, hosts)
			s.errors = forHosts(errs, nil, hosts)
			sites = append(sites, s)
		}
	}
	if rest := forHosts(routes, nil, nil); len(rest) > 0 {
		sites = append(sites, &site{name: listen, routes: rest, errors: forHosts(errs, nil, nil)})
	}
	return sites
}

// forHosts keeps a route, those that are not for certain hosts, and other
// routes for the same hosts if there is none to keep.
func forHosts(routes []*node, keep *node, hosts []string) []*node {
	var kept []*node
	for _, n := range routes {
		own := n.hosts()
		switch {
		case n == keep, len(own) == 0, !n.terminal && keep != nil,
			keep == nil && slices.ContainsFunc(own, func(h string) bool { return slices.Contains(hosts, h) }):
			kept = append(kept, n)
		}
	}
	return kept
}

// hosts are those that a route is for; none if it is for others too.
func (n *node) hosts() []string {
	var hosts []string
	for _, s := range n.match {
		i := slices.IndexFunc(s, func(t test) bool { return t.kind == "host" })
		if i < 0 {
			return nil
		}
		hosts = append(hosts, s[i].values...)
	}
	return hosts
}

func (r *jsonReader) routes(path string, routes []jsonRoute) []*node {
	nodes := make([]*node, 0, len(routes))
	for i, route := range routes {
		nodes = append(nodes, r.route(fmt.Sprintf("%s/%d", path, i), route))
	}
	return nodes
}

func (r *jsonReader) route(path string, route jsonRoute) *node {
	n := &node{kind: group, name: "route", at: place{path: path}, set: route.Group, terminal: route.Terminal}
	for _, s := range route.Match {
		n.match = append(n.match, readSet(s, n.at))
	}
	for i, raw := range route.Handle {
		n.children = append(n.children, r.handler(fmt.Sprintf("%s/handle/%d", path, i), raw))
	}
	return n
}

// handler reads a handler. One that cannot be read passes requests on; Caddy
// will complain about it.
func (r *jsonReader) handler(path string, raw json.RawMessage) *node {
	var h jsonHandler
	n := &node{at: place{path: path}}
	if err := json.Unmarshal(raw, &h); err != nil {
		return n
	}
	n.name = h.Handler
	switch h.Handler {
	case "subroute":
		n.kind, n.children = group, r.routes(path+"/routes", h.Routes)
		r.errors = append(r.errors, r.routes(path+"/errors/routes", h.Errors.Routes)...)
	case "invoke":
		n.kind, n.children = group, r.invoke(h.Name)
	default:
		if read, known := jsonHandlers[h.Handler]; known {
			read(n, &h)
		} else if looksLikeAuth(h.Handler) {
			n.kind = auth
		}
	}
	return n
}

func (r *jsonReader) invoke(name string) []*node {
	route, ok := r.named[name]
	if !ok || r.invoked[name] {
		return nil
	}
	r.invoked[name] = true
	defer delete(r.invoked, name)
	return []*node{r.route(r.server+"/named_routes/"+name, route)}
}

// readSet reads a set of matchers.
func readSet(modules map[string]json.RawMessage, at place) set {
	var s set
	for _, kind := range sortedKeys(modules) {
		raw := modules[kind]
		switch kind {
		case "header", "header_regexp":
			s = append(s, readHeaderTests(kind, raw, at)...)
		case "not":
			var sets []map[string]json.RawMessage
			t := test{kind: kind, at: at}
			if json.Unmarshal(raw, &sets) != nil {
				t.kind = "unknown"
			}
			for _, inner := range sets {
				t.not = append(t.not, readSet(inner, at))
			}
			s = append(s, t)
		case "expression":
			s = append(s, readExpression(textOf(raw, "expr"), at))
		default:
			t := test{kind: kind, at: at}
			if json.Unmarshal(raw, &t.values) != nil {
				t.kind = "unknown"
			}
			s = append(s, t)
		}
	}
	return s
}

// readHeaderTests makes a test of every field: a request has to meet them all.
func readHeaderTests(kind string, raw json.RawMessage, at place) set {
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return set{{kind: "unknown", at: at}}
	}
	var s set
	for _, field := range sortedKeys(fields) {
		t := test{kind: kind, field: http.CanonicalHeaderKey(field), at: at}
		if kind == "header_regexp" {
			t.values = []string{textOf(fields[field], "pattern")}
		} else if json.Unmarshal(fields[field], &t.values) != nil {
			t.values = []string{""}
		}
		if len(t.values) == 1 && t.values[0] == "" { // cannot be read
			t = test{kind: "unknown", at: at}
		}
		t.absent = string(fields[field]) == "null"
		s = append(s, t)
	}
	return s
}

// textOf reads a string, or a string in an object.
func textOf(raw json.RawMessage, key string) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) != nil {
		return ""
	}
	if json.Unmarshal(object[key], &text) != nil {
		return ""
	}
	return text
}
