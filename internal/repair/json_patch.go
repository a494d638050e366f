package repair

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/caddyserver/caddy/v2/caddyconfig"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// PatchOperation is one of RFC 6902.
type PatchOperation struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value,omitempty"`
}

// patch takes the lines out, last first, and puts the handler in: into the route
// of the first line, or into one of its own, where the matchers of that route
// are about origins and methods.
func (p *policy) patch(d *draft, front bool) (patch []PatchOperation, err error) { //nolint:gocognit // its cases stand in the order in which they are tried
	handler, err := d.handler()
	if err != nil {
		return nil, err
	}
	for _, l := range slices.Backward(p.lines) {
		patch = append(patch, PatchOperation{Op: "remove", Path: l.path})
	}
	var at *line
	for _, l := range p.lines {
		if l.key() == p.key && l.field == httpwords.AllowOrigin {
			at = l
			break
		}
	}
	own := len(at.conds) > 0 && at.conds[len(at.conds)-1].cut
	path := at.handler.Path
	var match map[string]any
	if own || front {
		path = path[:strings.LastIndex(path, "/handle/")]
		if front {
			path = path[:strings.Index(path, "/routes/")] + "/routes/0"
		}
		match = map[string]any{}
		for i, c := range at.conds {
			if !front && i < len(at.conds)-1 {
				continue
			}
			for _, r := range c.rest {
				var m map[string]any
				if json.Unmarshal([]byte(r), &m) != nil {
					return nil, errors.New("its matchers cannot be written in one route")
				}
				for name, v := range m {
					if _, twice := match[name]; twice {
						return nil, errors.New("its matchers cannot be written in one route")
					}
					match[name] = v
				}
			}
		}
		route := map[string]any{"handle": []any{handler}}
		if len(match) > 0 {
			route["match"] = []any{match}
		}
		return append(patch, PatchOperation{Op: "add", Path: path, Value: route}), nil
	}
	return append(patch, PatchOperation{Op: "add", Path: path, Value: handler}), nil
}

// handler is the draft in JSON, as Caddy itself adapts it.
func (d *draft) handler() (handler any, err error) {
	text := "http://a {\n" + strings.Join(d.text("", false), "\n") + "\n}\n"
	config, _, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte(text), map[string]any{"filename": "Caddyfile"})
	if err != nil {
		return nil, err
	}
	var doc any
	if err := json.Unmarshal(config, &doc); err != nil {
		return nil, err
	}
	var find func(v any)
	find = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if v["handler"] == "cors" {
				handler = v
			}
			for _, child := range v {
				find(child)
			}
		case []any:
			for _, child := range v {
				find(child)
			}
		}
	}
	find(doc)
	return handler, nil
}

// patched applies a patch of removals and additions (RFC 6902, section 4).
func patched(config []byte, patch []PatchOperation) ([]byte, error) {
	var doc any
	dec := json.NewDecoder(bytes.NewReader(config))
	dec.UseNumber()
	if err := dec.Decode(&doc); err != nil {
		return nil, err
	}
	for _, o := range patch {
		var err error
		if doc, err = o.apply(doc, strings.Split(o.Path, "/")[1:]); err != nil {
			return nil, err
		}
	}
	return json.Marshal(doc)
}

func (o PatchOperation) apply(v any, path []string) (any, error) {
	key := strings.NewReplacer("~1", "/", "~0", "~").Replace(path[0])
	var err error
	switch v := v.(type) {
	case map[string]any:
		switch {
		case len(path) > 1:
			v[key], err = o.apply(v[key], path[1:])
		case o.Op == "remove":
			delete(v, key)
		default:
			v[key] = o.Value
		}
		return v, err
	case []any:
		i, bad := strconv.Atoi(key)
		if bad != nil || i > len(v) || i == len(v) && (len(path) > 1 || o.Op == "remove") {
			break
		}
		switch {
		case len(path) > 1:
			v[i], err = o.apply(v[i], path[1:])
			return v, err
		case o.Op == "remove":
			return slices.Delete(v, i, i+1), nil
		default:
			return slices.Insert(v, i, o.Value), nil
		}
	}
	return nil, fmt.Errorf("nothing is at %s", o.Path)
}
