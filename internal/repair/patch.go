package repair

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// PatchOperation is one of RFC 6902.
type PatchOperation struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value,omitempty"`
}

// inOrder sorts operations so that none moves what the next ones are about: what
// comes last in the configuration is first. What two sites say counts once. What
// is taken away where something is put is replaced.
func inOrder(list []edit) (patch []PatchOperation) {
	list = slices.SortedStableFunc(slices.Values(list), func(a, b edit) int {
		return cmp.Or(slices.CompareFunc(pointer(b.op.Path), pointer(a.op.Path), comparePart),
			strings.Compare(b.op.Op, a.op.Op), // a removal first
			a.rank-b.rank)
	})
	for _, e := range list {
		if !slices.ContainsFunc(patch, func(o PatchOperation) bool { return reflect.DeepEqual(o, e.op) }) {
			patch = append(patch, e.op)
		}
	}
	for i := 1; i < len(patch); i++ {
		if patch[i-1].Path == patch[i].Path && patch[i-1].Op == "remove" {
			patch[i].Op = "replace"
			patch = slices.Delete(patch, i-1, i)
		}
	}
	return patch
}

func comparePart(a, b string) int {
	n, errA := strconv.Atoi(a)
	m, errB := strconv.Atoi(b)
	if errA != nil || errB != nil {
		return strings.Compare(a, b)
	}
	return n - m
}

// pointer takes a JSON pointer apart (RFC 6901).
func pointer(path string) []string {
	parts := strings.Split(path, "/")[1:]
	for i, p := range parts {
		parts[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(p)
	}
	return parts
}

func escaped(part string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(part) }

// valueAt looks a value up. Nil: there is none.
func valueAt(doc any, path string) any {
	for _, key := range pointer(path) {
		switch v := doc.(type) {
		case map[string]any:
			doc = v[key]
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i >= len(v) {
				return nil
			}
			doc = v[i]
		default:
			return nil
		}
	}
	return doc
}

func parsed(config []byte) (doc any, err error) {
	dec := json.NewDecoder(bytes.NewReader(config))
	dec.UseNumber()
	return doc, dec.Decode(&doc)
}

// patched applies a patch (RFC 6902, section 4).
func patched(config []byte, patch []PatchOperation) ([]byte, error) {
	doc, err := parsed(config)
	if err != nil {
		return nil, err
	}
	for _, o := range patch {
		if doc, err = o.apply(doc, pointer(o.Path)); err != nil {
			return nil, err
		}
	}
	return json.Marshal(doc)
}

func (o PatchOperation) apply(v any, path []string) (any, error) {
	if len(path) == 0 {
		return o.Value, nil
	}
	key, last := path[0], len(path) == 1
	var err error
	switch v := v.(type) {
	case map[string]any:
		_, there := v[key]
		switch {
		case !there && (!last || o.Op != "add"):
			return nil, fmt.Errorf("nothing is at %s", o.Path)
		case !last || o.Op != "remove":
			v[key], err = o.apply(v[key], path[1:])
		default:
			delete(v, key)
		}
		return v, err
	case []any:
		i, bad := strconv.Atoi(key)
		if bad != nil || i < 0 || i > len(v) || i == len(v) && (!last || o.Op != "add") {
			break
		}
		switch {
		case !last || o.Op == "replace":
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
