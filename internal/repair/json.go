package repair

import (
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2/caddyconfig"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/neighbours"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// jsonText is a configuration in Caddy's own format.
type jsonText []byte

// load implements document.
func (t jsonText) load(list []edit) (*rehearsal.Rehearsal, error) {
	config, err := patched(t, inOrder(list))
	if err != nil {
		return nil, err
	}
	return rehearsal.JSON(config, rehearsal.Options{Parts: true})
}

// finish implements document.
func (t jsonText) finish(list []edit, res *Result) { res.Patch = inOrder(list) }

// plans implements document.
func (t jsonText) plans(p *policy) []plan {
	if p.of != nil { // in front of the one around it
		return []plan{{front: true}}
	}
	return []plan{{}, {front: true}}
}

// edits implements document. It takes the lines out, and the handlers of which
// nothing is left, and puts the new handler in: into the route of the first line,
// or into one of its own, where the matchers of that route are about origins and
// methods.
func (t jsonText) edits(p *policy, d *draft, pl plan) (list []edit, text []string, reason string) {
	doc, err := parsed(t)
	if err != nil {
		return nil, nil, err.Error()
	}
	gone := removedFrom(doc, p.lines)
	for _, path := range gone {
		list = append(list, edit{op: PatchOperation{Op: "remove", Path: path}})
	}
	if pl.bare {
		return list, nil, ""
	}
	i := slices.IndexFunc(p.lines, func(l *line) bool {
		return l.key() == p.key && (l.field == httpwords.AllowOrigin || slices.Contains(p.scope, l))
	})
	at := p.lines[max(i, 0)]
	put := PatchOperation{Op: "add", Path: at.handler.Path}
	if put.Value, err = d.handler(); err != nil {
		return nil, nil, err.Error()
	}
	route := put.Path[:strings.LastIndex(put.Path, "/handle/")]
	if own := len(at.conds) > 0 && at.conds[len(at.conds)-1].cut; own || pl.front || slices.Contains(gone, route) {
		put.Path = route
		conds := at.conds[max(0, len(at.conds)-1):]
		if pl.front {
			put.Path, conds = put.Path[:strings.Index(put.Path, "/routes/")]+"/routes/0", at.conds
		}
		put.Value = routeFor(conds, put.Value)
	}
	e := edit{op: put}
	if p.of != nil {
		e.rank = 1
	}
	return append(list, e), d.text("cors", claim.spelling), ""
}

// removedFrom are the places that have to go: those of lines, or the whole
// handler, and the whole route, that do nothing else.
func removedFrom(doc any, lines []*line) (paths []string) {
	byHandler := map[*rehearsal.Handler][]string{}
	for _, l := range lines {
		if l.verb != supplies {
			byHandler[l.handler] = appendNew(byHandler[l.handler], l.path)
		}
	}
	gone := map[string]int{} // handlers, by list
	for h, of := range byHandler {
		done := append(neighbours.ReadLines(rehearsal.Map(h.Config, "response")), neighbours.ReadLines(rehearsal.Map(h.Config, "request"))...)
		if h.Kind != "headers" || len(done) > len(of) {
			paths = append(paths, of...)
			continue
		}
		paths = append(paths, h.Path)
		gone[h.Path[:strings.LastIndex(h.Path, "/")]]++
	}
	for list, n := range gone {
		route := strings.TrimSuffix(list, "/handle")
		config, _ := valueAt(doc, route).(map[string]any)
		if handlers, _ := config["handle"].([]any); len(handlers) == n && config["group"] == nil && config["terminal"] == nil && !strings.Contains(route, "/named_routes/") {
			paths = slices.DeleteFunc(paths, func(p string) bool { return strings.HasPrefix(p, list+"/") })
			paths = append(paths, route)
		}
	}
	return paths
}

// routeFor is a route with a handler, behind what is left of some matchers. Each
// has a route of its own, as two may ask for the same kind.
func routeFor(conds []*condition, handler any) map[string]any {
	route := map[string]any{"handle": []any{handler}}
	for _, c := range slices.Backward(conds) {
		switch {
		case len(c.left) == 0:
		case route["match"] == nil:
			route["match"] = c.left
		default:
			inner := map[string]any{"handler": "subroute", "routes": []any{route}}
			route = map[string]any{"match": c.left, "handle": []any{inner}}
		}
	}
	return route
}

// handler is the draft in JSON, as Caddy itself adapts it.
func (d *draft) handler() (any, error) {
	text := "http://a {\n" + strings.Join(d.text("cors", claim.spelling), "\n") + "\n}\n"
	config, _, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte(text), map[string]any{"filename": "Caddyfile"})
	if err != nil {
		return nil, err
	}
	doc, err := parsed(config)
	return valueAt(doc, "/apps/http/servers/srv0/routes/0/handle/0/routes/0/handle/0"), err
}
