package repair_test

import (
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/repair"
)

// TestPatch applies operations as RFC 6902 has them.
func TestPatch(t *testing.T) {
	for _, tt := range []struct{ name, doc, op, path, want string }{
		{"add to an object", `{"a":1}`, "add", "/b", `{"a":1,"b":"new"}`},
		{"add over a member", `{"a":1}`, "add", "/a", `{"a":"new"}`},
		{"add in front", `[1,2]`, "add", "/0", `["new",1,2]`},
		{"add behind", `[1,2]`, "add", "/2", `[1,2,"new"]`},
		{"add too far", `[1,2]`, "add", "/3", ""},
		{"add inside", `{"a":[{"b":[]}]}`, "add", "/a/0/b/0", `{"a":[{"b":["new"]}]}`},
		{"add inside of nothing", `{"a":1}`, "add", "/b/c", ""},
		{"remove a member", `{"a":1,"b":2}`, "remove", "/a", `{"b":2}`},
		{"remove an element", `[1,2,3]`, "remove", "/1", `[1,3]`},
		{"remove nothing", `{"a":1}`, "remove", "/b", ""},
		{"remove behind", `[1]`, "remove", "/1", ""},
		{"replace a member", `{"a":1}`, "replace", "/a", `{"a":"new"}`},
		{"replace an element", `[1,2]`, "replace", "/1", `[1,"new"]`},
		{"replace nothing", `{"a":1}`, "replace", "/b", ""},
		{"replace behind", `[1]`, "replace", "/1", ""},
		{"a slash in a name", `{"a/b":1}`, "remove", "/a~1b", `{}`},
		{"a tilde in a name", `{"a~b":{"c":1}}`, "replace", "/a~0b/c", `{"a~b":{"c":"new"}}`},
		{"a word for a number", `[1]`, "remove", "/x", ""},
		{"a number below", `[1]`, "remove", "/-1", ""},
		{"inside of a text", `{"a":"b"}`, "add", "/a/b", ""},
		{"no JSON", `{`, "add", "/a", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := repair.Patched([]byte(tt.doc), []repair.PatchOperation{{Op: tt.op, Path: tt.path, Value: "new"}})
			if string(got) != tt.want || (err == nil) != (tt.want != "") {
				t.Errorf("got %s, %v", got, err)
			}
		})
	}
}

// TestInOrder: no operation moves what the next ones are about, and what is put
// where something goes replaces it.
func TestInOrder(t *testing.T) {
	for _, tt := range []struct{ name, ops, want string }{
		{"the last first", "remove /a/0|remove /a/1", "remove /a/1|remove /a/0"},
		{"by number", "remove /a/9|remove /a/10", "remove /a/10|remove /a/9"},
		{"the inner first", "add /a/0|remove /a/0/b", "remove /a/0/b|add /a/0"},
		{"both are one", "remove /a/1|add /a/1", "replace /a/1"},
		{"in the other order", "add /a/1|remove /a/1", "replace /a/1"},
		{"one replaces, one is added", "remove /a/1|add /a/1|add /a/1 other", "replace /a/1|add /a/1"},
		{"twice", "remove /a/1|remove /a/1", "remove /a/1"},
		{"put by two sites", "add /a/1|add /a/1", "add /a/1"},
		{"two lists", "remove /a/0/b/3|add /b/0", "add /b/0|remove /a/0/b/3"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var ops []repair.PatchOperation
			for o := range strings.SplitSeq(tt.ops, "|") {
				words := strings.Fields(o)
				ops = append(ops, repair.PatchOperation{Op: words[0], Path: words[1], Value: len(words)})
			}
			var got []string
			for _, o := range repair.InOrder(ops) {
				got = append(got, o.Op+" "+o.Path)
			}
			if strings.Join(got, "|") != tt.want {
				t.Errorf("got %q", got)
			}
		})
	}
}

// TestJSONRemoves applies the patch: nothing of the old policy is left, nothing
// else is gone, and there is nothing more to repair.
func TestJSONRemoves(t *testing.T) {
	for _, tt := range []struct{ name, handlers, keeps string }{
		{"set", `{"handler":"headers","response":{"set":{"Access-Control-Allow-Origin":["https://app.example.com"],"X-Other":["1"]}}}`, "X-Other"},
		{"add", `{"handler":"headers","response":{"add":{"Access-Control-Allow-Origin":["https://app.example.com"]}}}`, ""},
		{"delete beside set", `{"handler":"headers","response":{"delete":["X-Old","Access-Control-Allow-Methods"],"set":{"Access-Control-Allow-Origin":["https://app.example.com"]}}}`, "X-Old"},
		{"a wildcard deleted before", `{"handler":"headers","response":{"delete":["Access-Control-*"]}},{"handler":"headers","response":{"set":{"Access-Control-Allow-Origin":["https://app.example.com"]}}}`, ""},
		{"find and replace", `{"handler":"headers","response":{"set":{"Access-Control-Allow-Origin":["https://app.example.com"]},"replace":{"Access-Control-Allow-Origin":[{"search":"https://app.example.com","replace":"https://app.example.com"}]}}}`, ""},
		{"several handlers", `{"handler":"headers","response":{"set":{"Access-Control-Allow-Origin":["https://app.example.com"]}}},{"handler":"vars","x":"1"},{"handler":"headers","response":{"set":{"Access-Control-Allow-Headers":["X-A"],"Vary":["Origin"]}}}`, "vars"},
		{"of the answer itself", `{"handler":"static_response","status_code":200,"headers":{"Access-Control-Allow-Origin":["https://app.example.com"],"X-Other":["1"]}}`, "X-Other"},
		{"of the request, by mistake", `{"handler":"headers","request":{"set":{"Access-Control-Allow-Origin":["https://app.example.com"]}},"response":{"set":{"X-Other":["1"]}}}`, "X-Other"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			config := `{"apps":{"http":{"servers":{"s":{"listen":[":80"],"routes":[{"match":[{"host":["api.example.com"]}],"handle":[` + tt.handlers + `,{"handler":"static_response","body":"ok"}]}]}}}}}`
			res, err := repair.JSON([]byte(config), repair.Options{})
			if err != nil || !res.Applies() {
				t.Fatalf("%v, %+v", err, res)
			}
			after, err := repair.Patched([]byte(config), res.Patch)
			if err != nil {
				t.Fatal(err)
			}
			if text := string(after); strings.Contains(text, "Access-Control-") || strings.Count(text, `"handler":"cors"`) != 1 || !strings.Contains(text, tt.keeps) {
				t.Errorf("after %+v:\n%s", res.Patch, text)
			}
			if again, err := repair.JSON(after, repair.Options{}); err != nil || again.Applies() {
				t.Errorf("%v, repaired once more: %+v", err, again)
			}
		})
	}
}

// TestJSONSeveral: the repairs of several sites, and of one route, go into one
// patch.
func TestJSONSeveral(t *testing.T) {
	config, err := corstest.Adapt("a.example.com {\n\theader Access-Control-Allow-Origin https://one.example.com\n\trespond ok\n}\nb.example.com {\n\trespond ok\n}\n" +
		"c.example.com {\n\theader /v1/* Access-Control-Allow-Origin https://one.example.com\n\theader /v2/* Access-Control-Allow-Origin https://two.example.com\n\trespond ok\n}\n")
	if err != nil {
		t.Fatal(err)
	}
	res, err := repair.JSON(config, repair.Options{})
	if err != nil || len(res.Repairs) != 3 {
		t.Fatalf("%v, %+v", err, res)
	}
	after, err := repair.Patched(config, res.Patch)
	if err != nil || strings.Contains(string(after), "Access-Control-") || strings.Count(string(after), `"handler":"cors"`) != 3 {
		t.Errorf("%v after %+v:\n%s", err, res.Patch, after)
	}
	if again, err := repair.JSON(after, repair.Options{}); err != nil || again.Applies() {
		t.Errorf("%v, repaired once more: %+v", err, again)
	}
}
