package policy

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDecidedOnce: what it costs to judge a request stands in one place each, all on
// the one way of judgeOrigin, and what is done with the answer of sources repeats
// none of it. The path of a request has no counters, so the source is read.
func TestDecidedOnce(t *testing.T) {
	t.Parallel()
	const policyDir, originsDir, root = ".", "../../origins", "../.."
	inPolicy := callsIn(t, policyDir)
	for call, where := range map[string]string{
		"origin.Parse":        "judgeOrigin", // an origin is taken to pieces once
		"p.origins.Exact":     "judgeOrigin", // looked up once: without wildcards,
		"p.lookup":            "judgeOrigin", // and with them
		"p.origins.Wildcards": "lookup",
		"p.except.Lookup":     "judgeOrigin", // excepted once
		"isSite":              "judgeSite",   // held against the site once
		"isHostVerified":      "judgeSite",
		"p.judgeOrigin":       "Decide",
		"p.judgeNull":         "judgeOrigin",
	} {
		if got := inPolicy[call]; len(got) != 1 || got[where] != 1 {
			t.Errorf("%s is called in %v, want once in %s", call, got, where)
		}
	}
	for call, want := range map[string]map[string]int{
		"origin.Parse":   {"ask": 1}, // for who calls AllowsOrigin, as the handler does not
		"s.AllowsOrigin": {"Ask": 1}, // of others' sources
		"r.allows":       {"Ask": 1},
	} {
		if got := callsIn(t, originsDir)[call]; !maps.Equal(got, want) {
			t.Errorf("origins: %s is called in %v, want %v", call, got, want)
		}
	}
	for call, want := range map[string]map[string]int{
		"origin.Parse":      nil,
		"h.policy.Decide":   {"decide": 1},
		"h.policy.Conclude": {"decide": 1},
		"h.askSources":      {"decide": 1},
		"h.decide":          {"begin": 1},
	} {
		if got := callsIn(t, root)[call]; !maps.Equal(got, want) {
			t.Errorf("the handler: %s is called in %v, want %v", call, got, want)
		}
	}
}

// TestJudgedInOrder: behind each call of judgeSite the way ends, but for the last,
// behind which only sources are asked.
func TestJudgedInOrder(t *testing.T) {
	t.Parallel()
	p := policyOf(t, "origins https://a.example\nexcept https://x.example\nsources\nenforce requests")
	for origin, want := range map[string]bool{
		"https://a.example": false, "https://x.example": false, "https://site.example": false,
		"http://site.example": false, "null": false, "nonsense": false, "https://else.example": true,
	} {
		r := getFrom(origin)
		r.Host = "site.example"
		if _, ask := p.Decide(&r); ask != want {
			t.Errorf("%s: the sources are asked: %v, want %v", origin, ask, want)
		}
		if got := r.ParsedOrigin().Raw; (got != "") != want || want && got != origin {
			t.Errorf("%s: the sources get %q", origin, got)
		}
	}
}

// callsIn counts the calls in the files of a package that are no tests, by what
// is called and in which function.
func callsIn(t *testing.T, dir string) map[string]map[string]int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatal(dir, err)
	}
	calls := make(map[string]map[string]int)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			function, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			ast.Inspect(function, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok {
					what := types.ExprString(call.Fun)
					if calls[what] == nil {
						calls[what] = make(map[string]int)
					}
					calls[what][function.Name.Name]++
				}
				return true
			})
		}
	}
	return calls
}
