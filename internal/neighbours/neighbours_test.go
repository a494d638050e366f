package neighbours_test

import (
	"encoding/json"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/neighbours"
)

func TestMain(m *testing.M) { corstest.Main(m) }

// TestLeavesOutOptions asks the judgment and the matchers themselves, as Caddy
// provisions them.
func TestLeavesOutOptions(t *testing.T) {
	t.Parallel()
	for matcher, want := range map[string]bool{
		"method GET POST":                           true,
		"method GET OPTIONS":                        false,
		"not method OPTIONS":                        true,
		"not method GET":                            false,
		"path /api/*":                               false,
		"not path /api/*":                           false,
		"{\n\tmethod GET\n\tpath /api/*\n}":         true,
		"{\n\tmethod OPTIONS\n\tpath /api/*\n}":     false,
		"not {\n\tmethod OPTIONS\n\tpath /api/*\n}": false, // some OPTIONS pass
	} {
		t.Run(matcher, func(t *testing.T) {
			t.Parallel()
			srv := corstest.Chain(t, ":80 {\n@m "+matcher+"\nhandle @m {\n\theader X-Here 1\n}\n}")
			if got := neighbours.LeavesOutOptions(srv.Routes[0].MatcherSets); got != want {
				t.Errorf("got %v", got)
			}
		})
	}
}

// TestReadLines: JSON is read as what Caddy makes of it.
func TestReadLines(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]neighbours.Line{
		`{"set":{"A":["1"]}}`:                                           {Key: "set", Name: "A"},
		`{"add":{"A":["1"]}}`:                                           {Key: "add", Name: "A", Keeps: true},
		`{"delete":["A*"],"deferred":true}`:                             {Key: "delete", Name: "A*", Deletes: true, Deferred: true},
		`{"replace":{"A":[{"search":"x","replace":"y"}]}}`:              {Key: "replace", Name: "A", Keeps: true},
		`{"set":{"A":["1"]},"require":{"headers":{"A":null}}}`:          {Key: "set", Name: "A", Deferred: true, Fallback: true},
		`{"set":{"A":["1"]},"require":{"status_code":[2]}}`:             {Key: "set", Name: "A", Deferred: true},
		`{"set":{"A":["1"]},"require":{"headers":{"Content-Type":[]}}}`: {Key: "set", Name: "A", Deferred: true},
	} {
		var config map[string]any
		if err := json.Unmarshal([]byte(text), &config); err != nil {
			t.Fatal(err)
		}
		lines := neighbours.ReadLines(config)
		if len(lines) != 1 {
			t.Errorf("%s: %d lines", text, len(lines))
			continue
		}
		got := lines[0]
		got.Values = nil
		if got.Key != want.Key || got.Name != want.Name || got.Keeps != want.Keeps || got.Deletes != want.Deletes || got.Deferred != want.Deferred || got.Fallback != want.Fallback {
			t.Errorf("%s: %+v", text, got)
		}
	}
}
