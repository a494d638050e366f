package repair

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2/caddyconfig"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/matrix"
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
func (t jsonText) plans(*policy) []plan { return []plan{{}, {front: true}} }

// jsonSites are the sites of a configuration, with what does CORS in them.
func jsonSites(before *stage) (sites []*site) {
	for _, s := range before.sites {
		address := before.address(s)
		if address == "" {
			continue
		}
		st := &site{bases: []string{address}, lines: []*line{}}
		for _, o := range s.Operations {
			st.lines = append(st.lines, linesOfOperation(o)...)
		}
		for _, h := range s.Handlers {
			if t := tableOf(h.Config); t != nil {
				st.lines = append(st.lines, &line{handler: h, table: t, conds: condsOf(h), verb: supplies, path: h.Path})
			}
		}
		sites = append(sites, st)
	}
	return sites
}

// linesOfOperation are the places of an operation that have to go.
func linesOfOperation(o *matrix.Operation) (lines []*line) {
	l := &line{handler: o.Handler, field: o.Field, conds: condsOf(o.Handler), ifMissing: o.Verb == matrix.Default, path: o.Place.Path}
	for _, v := range o.Values {
		l.value = append(l.value, claim{text: v, value: v})
	}
	switch {
	case o.Field == httpwords.Vary && (o.Request || o.Verb == matrix.Delete || !variesByOriginOnly(o.Values)):
		return nil
	case o.Handler.Kind == "static_response":
		l.path = o.Handler.Path + "/headers/" + escaped(o.Name)
	case o.Verb == matrix.Delete: // what strips an upstream's answer stays
		if o.Handler.Kind != "headers" || o.Request {
			return nil
		}
		l.verb = deletes
		list, _ := valueAt(o.Handler.Config, strings.TrimPrefix(o.Place.Path, o.Handler.Path)).([]any)
		l.path += fmt.Sprint("/", slices.IndexFunc(list, func(v any) bool { return v == o.Name }))
	default:
		l.path = l.path[:len(l.path)-len(o.Name)] + escaped(o.Name)
	}
	return []*line{l}
}

// condsOf are the matchers on the way to a handler.
func condsOf(h *rehearsal.Handler) (conds []*condition) {
	for _, sets := range h.Matchers {
		conds = append(conds, conditionOfJSON(sets))
	}
	return conds
}

// tableOf writes a map or a vars as a Caddyfile has it. Nil: it is none.
func tableOf(config map[string]any) *node {
	switch config["handler"] {
	case "vars":
		for _, key := range slices.Sorted(maps.Keys(config)) {
			if key != "handler" {
				return &node{words: []string{"vars", key, fmt.Sprint(config[key])}}
			}
		}
	case "map":
		n := &node{words: append([]string{"map", fmt.Sprint(config["source"])}, wordsOfJSON("", config["destinations"])[1:]...)}
		rows, _ := config["mappings"].([]any)
		for _, r := range append(rows, map[string]any{"input": "default", "outputs": config["defaults"]}) {
			row, _ := r.(map[string]any)
			in, isText := row["input"].(string)
			if !isText {
				in = fmt.Sprint("~", row["input_regexp"])
			}
			n.children = append(n.children, &node{words: wordsOfJSON(in, row["outputs"])})
		}
		return n
	}
	return nil
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
	i := slices.IndexFunc(p.lines, func(l *line) bool { return l.key() == p.key && l.field == httpwords.AllowOrigin })
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
		if put.Value, err = routeFor(conds, put.Value); err != nil {
			return nil, nil, err.Error()
		}
	}
	return append(list, edit{op: put}), d.text("cors", false), ""
}

// removedFrom are the places that have to go: those of lines, or the whole
// handler, and the whole route, that do nothing else.
func removedFrom(doc any, lines []*line) (paths []string) {
	byHandler := map[string][]string{}
	for _, l := range lines {
		if l.verb == supplies {
			continue
		}
		byHandler[l.handler.Path] = appendNew(byHandler[l.handler.Path], l.path)
	}
	gone := map[string]int{} // handlers, by list
	for handler, of := range byHandler {
		config, _ := valueAt(doc, handler).(map[string]any)
		response, _ := config["response"].(map[string]any)
		request, _ := config["request"].(map[string]any)
		if config["handler"] != "headers" || len(neighbours.ReadLines(response))+len(neighbours.ReadLines(request)) > len(of) {
			paths = append(paths, of...)
			continue
		}
		paths = append(paths, handler)
		gone[handler[:strings.LastIndex(handler, "/")]]++
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

// routeFor is a route with a handler, behind what is left of some matchers.
func routeFor(conds []*condition, handler any) (route map[string]any, err error) {
	match := map[string]any{}
	for _, c := range conds {
		for _, r := range c.rest {
			var m map[string]any
			bad := json.Unmarshal([]byte(r), &m)
			for name, v := range m {
				if _, twice := match[name]; twice {
					bad = errors.ErrUnsupported
				}
				match[name] = v
			}
			if bad != nil {
				return nil, errors.New("its matchers cannot be written in one route")
			}
		}
	}
	route = map[string]any{"handle": []any{handler}}
	if len(match) > 0 {
		route["match"] = []any{match}
	}
	return route, nil
}

// handler is the draft in JSON, as Caddy itself adapts it.
func (d *draft) handler() (any, error) {
	text := "http://a {\n" + strings.Join(d.text("cors", false), "\n") + "\n}\n"
	config, _, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte(text), map[string]any{"filename": "Caddyfile"})
	if err != nil {
		return nil, err
	}
	doc, err := parsed(config)
	return valueAt(doc, "/apps/http/servers/srv0/routes/0/handle/0/routes/0/handle/0"), err
}

// conditionOfJSON reads the matcher sets of a route. Several sets are an or,
// which has no place in one condition.
func conditionOfJSON(sets any) *condition {
	c := &condition{}
	list, _ := sets.([]any)
	for _, s := range list {
		set, _ := s.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(set)) {
			one := condition{}
			one.line(&node{words: wordsOfJSON(name, set[name])})
			if len(one.rest) > 0 {
				c.rest = append(c.rest, textOfJSON(map[string]any{name: set[name]}))
			}
			c.cut, c.aboutOrigin, c.onlyOptions = c.cut || one.cut, c.aboutOrigin || one.aboutOrigin, c.onlyOptions || one.onlyOptions
			c.origins, c.except = append(c.origins, one.origins...), append(c.except, one.except...)
			c.tangled = c.tangled || one.tangled
		}
	}
	c.tangled = c.tangled || len(list) > 1 && c.cut
	if len(list) > 1 && !c.cut {
		c.rest, c.tangled = []string{textOfJSON(sets)}, false
	}
	return c
}

// wordsOfJSON writes a matcher as a Caddyfile has it.
func wordsOfJSON(name string, config any) []string {
	words := []string{name}
	switch config := config.(type) {
	case []any:
		for _, v := range config {
			if inner, ok := v.(map[string]any); ok { // not
				for key, value := range inner {
					words = append(words, wordsOfJSON(key, value)...)
				}
				continue
			}
			words = append(words, fmt.Sprint(v))
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(config)) {
			words = append(words, key)
			switch value := config[key].(type) {
			case []any:
				for _, v := range value {
					words = append(words, fmt.Sprint(v))
				}
			case map[string]any: // header_regexp
				words = append(words, fmt.Sprint(value["pattern"]))
			case string: // expression
				words = append(words, value)
			}
		}
	default:
		words = append(words, fmt.Sprint(config))
	}
	return words
}

func textOfJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}
