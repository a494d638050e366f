package lint_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/caddyserver/caddy/v2/caddyconfig"

	"github.com/caddy-cors/caddy-cors/internal/lint"
)

// FuzzJSON: whatever is JSON is read without a panic, and every finding is whole.
// Bytes that change at random make JSON that cannot be read, so here they choose
// changes of a configuration's values.
func FuzzJSON(f *testing.F) {
	var configs []any
	for _, config := range jsonCorpus(f) {
		var parsed any
		if err := json.Unmarshal(config, &parsed); err != nil {
			f.Fatal(err)
		}
		configs = append(configs, parsed)
	}
	for i := range configs {
		f.Add(uint8(i), []byte{})
		f.Add(uint8(i), fmt.Appendf(nil, "%d of all the configurations", i))
	}
	f.Fuzz(func(t *testing.T, which uint8, bytes []byte) {
		m := changer{bytes: bytes, configs: configs}
		body, err := json.Marshal(m.change(configs[int(which)%len(configs)]))
		if err != nil {
			t.Fatal(err)
		}
		found, err := lint.JSON(body)
		if err != nil {
			return
		}
		for _, f := range found {
			if f.ID == "" || f.Problem == "" || f.Effect == "" || f.Cure == "" || f.Path == "" {
				t.Errorf("incomplete: %+v", f)
			}
		}
	})
}

// jsonCorpus returns configurations, in the same order every time.
func jsonCorpus(t testing.TB) [][]byte {
	t.Helper()
	files, err := filepath.Glob("../../testdata/lint/*.caddyfile")
	if err != nil {
		t.Fatal(err)
	}
	all := [][]byte{
		[]byte(`{"apps":{"http":{"servers":{"s":{"routes":[{"match":[{"method":["GET"],"not":[{}],"header":{"Origin":null}}],"handle":[{"handler":"cors"},{"handler":"headers","response":{"set":{"Access-Control-Allow-Origin":["*"]},"require":{}}},{"handler":"subroute","routes":[{}]}]}]}}}}}`),
		[]byte(`{"apps":{"http":{"servers":{"s":{"named_routes":{"a":{"handle":[{"handler":"invoke","name":"a"}]}},"routes":[{"handle":[{"handler":"invoke","name":"a"}]}]}}}}}`),
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		config, _, err := caddyconfig.GetAdapter("caddyfile").Adapt(body, map[string]any{"filename": "Caddyfile"})
		if err == nil { // some are for other versions of Caddy
			all = append(all, config)
		}
	}
	return all
}

// changer changes JSON values as bytes say.
type changer struct {
	bytes   []byte
	configs []any
}

func (m *changer) below(n int) int {
	if len(m.bytes) == 0 {
		return 0
	}
	b := m.bytes[0]
	m.bytes = m.bytes[1:]
	return int(b) % n
}

// change returns a copy of a value in which some parts are others. It does not
// touch the value, and ends with the bytes.
func (m *changer) change(v any) any {
	if len(m.bytes) > 0 && m.below(8) == 7 {
		return m.other(v)
	}
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for _, key := range slices.Sorted(maps.Keys(v)) {
			out[key] = m.change(v[key])
		}
		return out
	case []any:
		out := make([]any, 0, len(v))
		for _, element := range v {
			out = append(out, m.change(element))
		}
		return out
	default:
		return v
	}
}

// other is what stands in place of v.
func (m *changer) other(v any) any {
	switch m.below(8) {
	case 0:
		return nil
	case 1:
		return []any{v, v}
	case 2:
		return map[string]any{[]string{"handle", "match", "routes", "response", "not", "handler", "upstreams"}[m.below(7)]: v}
	case 3:
		return []string{"", "*", "cors", "headers", "Origin", "OPTIONS", "Access-Control-Allow-Origin", "{http.request.header.Origin}", "subroute", "invoke"}[m.below(10)]
	case 4:
		return m.below(256)
	case 5: // a part of another configuration
		part := m.configs[m.below(len(m.configs))]
		for range m.below(12) {
			part = m.child(part)
		}
		return part
	case 6:
		return m.child(v)
	default:
		return m.below(2) == 0
	}
}

// child is one of the values below v; v itself, if it has none.
func (m *changer) child(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if keys := slices.Sorted(maps.Keys(v)); len(keys) > 0 {
			return v[keys[m.below(len(keys))]]
		}
	case []any:
		if len(v) > 0 {
			return v[m.below(len(v))]
		}
	}
	return v
}
