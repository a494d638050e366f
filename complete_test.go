package cors

import (
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/origins"
)

// keysOf lists the keys that the JSON of a struct can have.
func keysOf(typ reflect.Type) (keys []string) {
	for f := range typ.Fields() {
		key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous:
			keys = append(keys, keysOf(f.Type)...)
		case key != "":
			keys = append(keys, key)
		}
	}
	return keys
}

// TestCompleteJSON: examples/complete.json has every key that there is, and no
// other, and Caddy loads it.
func TestCompleteJSON(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("examples/complete.json")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := corstest.Provision(t, []byte(`{"admin": {"disabled": true}, "logging": {"logs": {"default": {"writer": {"output": "discard"}}}},`+string(content[1:]))); err != nil {
		t.Fatal(err)
	}
	var config any
	if err := json.Unmarshal(content, &config); err != nil {
		t.Fatal(err)
	}
	var handler map[string]any
	eachObject(config, func(o map[string]any) {
		if o["handler"] == "cors" {
			handler = o
		}
	})
	wantKeys(t, "cors", handler, append(keysOf(reflect.TypeFor[Handler]()), "handler"))
	wantKeys(t, "for", handler["for"].([]any)[0], keysOf(reflect.TypeFor[For]()))
	sources := map[string]reflect.Type{
		"file": reflect.TypeFor[origins.File](), "ask": reflect.TypeFor[origins.Ask](), "storage": reflect.TypeFor[origins.Storage](),
	}
	for _, source := range handler["origins_from"].([]any) {
		name, _ := source.(map[string]any)["source"].(string)
		wantKeys(t, name, source, append(keysOf(sources[name]), "source"))
		delete(sources, name)
	}
	if len(sources) > 0 {
		t.Errorf("the example lacks the sources %v", slices.Collect(maps.Keys(sources)))
	}
}

func wantKeys(t *testing.T, what string, object any, want []string) {
	t.Helper()
	got := slices.Sorted(maps.Keys(object.(map[string]any)))
	if slices.Sort(want); !slices.Equal(got, want) {
		t.Errorf("%s: the example has the keys %q, the module %q", what, got, want)
	}
}

func eachObject(node any, visit func(map[string]any)) {
	switch node := node.(type) {
	case map[string]any:
		visit(node)
		for _, child := range node {
			eachObject(child, visit)
		}
	case []any:
		for _, child := range node {
			eachObject(child, visit)
		}
	}
}
