package rehearsal

import (
	"errors"
	"maps"
	"os"
)

// Part gets some routes of one server ready, as if the configuration had no
// others: a question through thousands of sites costs a thousand times more.
// The numbers are those of the server's routes, and of its error routes. A part
// is closed with the whole.
func (r *Rehearsal) Part(server string, routes, errorRoutes []int) (*Rehearsal, error) {
	whole := Map(r.raw, "servers", server)
	if whole == nil {
		return nil, errors.New("no server " + server)
	}
	srv := maps.Clone(whole)
	srv["routes"] = pick(whole["routes"], routes)
	if errs := Map(whole, "errors"); errs != nil {
		srv["errors"] = map[string]any{"routes": pick(errs["routes"], errorRoutes)}
	}
	if named := Map(whole, "named_routes"); named != nil {
		used := map[string]any{}
		invoked(srv["routes"], named, used)
		invoked(srv["errors"], named, used)
		srv["named_routes"] = used
	}
	app := maps.Clone(r.raw)
	app["servers"] = map[string]any{server: srv}
	return r.again(app)
}

// again gets the same, or a part of it, ready once more.
func (r *Rehearsal) again(app map[string]any) (*Rehearsal, error) {
	other := &Rehearsal{
		Handlers: r.Handlers, JSON: r.JSON, probes: r.probes, tls: r.tls,
		files: r.files, raw: app, ctx: r.ctx, log: r.log, cancel: func() {},
	}
	return other, other.provision(app)
}

func pick(list any, numbers []int) []any {
	routes := List(list)
	picked := make([]any, 0, len(numbers))
	for _, n := range numbers {
		if n < len(routes) {
			picked = append(picked, routes[n])
		}
	}
	return picked
}

// invoked collects the named routes that are used somewhere.
func invoked(tree any, named, used map[string]any) {
	someMap(tree, func(m map[string]any) bool {
		name, _ := m["name"].(string)
		if route, ok := named[name]; ok && m["handler"] == "invoke" && used[name] == nil {
			used[name] = route
			invoked(route, named, used)
		}
		return false
	})
}

// Without gets the same ready once more, with a handler left out.
func (r *Rehearsal) Without(h *Handler) (*Rehearsal, error) {
	if h.edited == nil {
		return nil, errors.New("the handler was left out before")
	}
	before := maps.Clone(h.edited)
	clear(h.edited)
	h.edited["handler"] = "subroute"
	defer func() {
		clear(h.edited)
		maps.Copy(h.edited, before)
	}()
	return r.again(r.raw)
}

// Servers are the servers of the http app, by name, with the edges replaced.
func (r *Rehearsal) Servers() map[string]map[string]any {
	return maps.Collect(mapsIn(r.raw["servers"]))
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
