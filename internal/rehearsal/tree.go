package rehearsal

import (
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
)

// A configuration in JSON is a tree of maps and lists.

// Dig follows keys into a tree. Nil: there is nothing.
func Dig(tree any, keys ...string) any {
	for _, k := range keys {
		m, _ := tree.(map[string]any)
		tree = m[k]
	}
	return tree
}

// Map is what stands under keys of a tree, if it is a map.
func Map(tree any, keys ...string) map[string]any {
	m, _ := Dig(tree, keys...).(map[string]any)
	return m
}

// List is what stands under keys of a tree, if it is a list.
func List(tree any, keys ...string) []any {
	list, _ := Dig(tree, keys...).([]any)
	return list
}

// Words are the strings under keys of a tree: those of a list, or the only one.
func Words(tree any, keys ...string) (all []string) {
	switch found := Dig(tree, keys...).(type) {
	case string:
		return []string{found}
	case []string: // put in by code
		return found
	case []any:
		for _, x := range found {
			if s, ok := x.(string); ok {
				all = append(all, s)
			}
		}
	}
	return all
}

// Compact writes a tree as JSON, with its keys sorted.
func Compact(tree any) string {
	b, err := json.Marshal(tree)
	if err != nil {
		return fmt.Sprint(tree)
	}
	return string(b)
}

// Clone copies a tree.
func Clone(tree any) any { return cloneWithout(tree, "") }

// cloneWithout copies a tree, and leaves out the lists under a key.
func cloneWithout(tree any, key string) any {
	switch tree := tree.(type) {
	case map[string]any:
		c := make(map[string]any, len(tree))
		for k, child := range tree {
			if _, ok := child.([]any); !ok || k != key {
				c[k] = cloneWithout(child, key)
			}
		}
		return c
	case []any:
		c := make([]any, len(tree))
		for i, child := range tree {
			c[i] = cloneWithout(child, key)
		}
		return c
	default:
		return tree
	}
}

// mapsIn visits the maps in a map, in the order of their keys.
func mapsIn(tree any) iter.Seq2[string, map[string]any] {
	return func(visit func(string, map[string]any) bool) {
		in := Map(tree)
		for _, key := range slices.Sorted(maps.Keys(in)) {
			if m, ok := in[key].(map[string]any); ok && !visit(key, m) {
				return
			}
		}
	}
}

// someMap reports whether a tree has a map of a kind.
func someMap(tree any, is func(map[string]any) bool) bool {
	switch tree := tree.(type) {
	case map[string]any:
		if is(tree) {
			return true
		}
		for _, child := range tree {
			if someMap(child, is) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(tree, func(child any) bool { return someMap(child, is) })
	}
	return false
}
