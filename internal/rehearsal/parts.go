package rehearsal

import (
	"errors"
	"maps"
	"os"
	"slices"
)

// Part gets some routes of one server ready, as if the configuration had no
// others: a question through thousands of sites costs a thousand times more.
// The numbers are those of the server's routes, and of its error routes. A part
// is closed with the whole.
func (r *Rehearsal) Part(server string, routes, errorRoutes []int) (*Rehearsal, error) {
	servers, _ := r.raw["servers"].(map[string]any)
	whole, _ := servers[server].(map[string]any)
	if whole == nil {
		return nil, errors.New("no server " + server)
	}
	srv := maps.Clone(whole)
	srv["routes"] = pick(whole["routes"], routes)
	if errs, ok := whole["errors"].(map[string]any); ok {
		srv["errors"] = map[string]any{"routes": pick(errs["routes"], errorRoutes)}
	}
	if named, ok := whole["named_routes"].(map[string]any); ok {
		used := map[string]any{}
		invoked(srv["routes"], named, used)
		invoked(srv["errors"], named, used)
		srv["named_routes"] = used
	}
	app := maps.Clone(r.raw)
	app["servers"] = map[string]any{server: srv}
	part := &Rehearsal{
		Handlers: r.Handlers, Asks: r.Asks, JSON: r.JSON, probes: r.probes, clientAuth: r.clientAuth,
		files: r.files, systems: r.systems, raw: app, ctx: r.ctx, log: r.log, cancel: func() {},
	}
	return part, part.provision(app)
}

func pick(list any, numbers []int) []any {
	routes, _ := list.([]any)
	picked := make([]any, 0, len(numbers))
	for _, n := range numbers {
		if n < len(routes) {
			picked = append(picked, routes[n])
		}
	}
	return picked
}

// invoked collects the named routes that are used somewhere.
func invoked(node any, named, used map[string]any) {
	switch node := node.(type) {
	case map[string]any:
		name, _ := node["name"].(string)
		if route, ok := named[name]; ok && node["handler"] == "invoke" && used[name] == nil {
			used[name] = route
			invoked(route, named, used)
		}
		for _, child := range node {
			invoked(child, named, used)
		}
	case []any:
		for _, child := range node {
			invoked(child, named, used)
		}
	}
}

// Without gets the same ready once more, with a handler changed: change gets a
// copy of its JSON, and returns what stands in its place. Nil leaves it out.
func (r *Rehearsal) Without(h *Handler, change func(map[string]any) map[string]any) (*Rehearsal, error) {
	if h.edited == nil {
		return nil, errors.New("the handler was left out before")
	}
	before := maps.Clone(h.edited)
	defer func() {
		clear(h.edited)
		maps.Copy(h.edited, before)
	}()
	after := change(deepCopy(before).(map[string]any)) //nolint:forcetypeassert // as it came
	if after == nil {
		after = map[string]any{"handler": "subroute"}
	}
	clear(h.edited)
	maps.Copy(h.edited, after)
	other := &Rehearsal{
		Handlers: r.Handlers, Asks: r.Asks, JSON: r.JSON, probes: r.probes, clientAuth: r.clientAuth,
		files: r.files, systems: r.systems, raw: r.raw, ctx: r.ctx, log: r.log, cancel: func() {},
	}
	return other, other.provision(r.raw)
}

func deepCopy(node any) any {
	switch node := node.(type) {
	case map[string]any:
		c := maps.Clone(node)
		for key, child := range c {
			c[key] = deepCopy(child)
		}
		return c
	case []any:
		c := slices.Clone(node)
		for i, child := range c {
			c[i] = deepCopy(child)
		}
		return c
	default:
		return node
	}
}

// Servers are the servers of the http app, by name, with the edges replaced.
func (r *Rehearsal) Servers() map[string]map[string]any {
	all := map[string]map[string]any{}
	servers, _ := r.raw["servers"].(map[string]any)
	for name, s := range servers {
		if srv, ok := s.(map[string]any); ok {
			all[name] = srv
		}
	}
	return all
}

// Source is the text of a file that the configuration was read from.
func (r *Rehearsal) Source(file string) []byte {
	if body, ok := r.sources[file]; ok {
		return body
	}
	body, err := os.ReadFile(file) //nolint:gosec // a file of the configuration
	if err != nil {
		return nil
	}
	return body
}
