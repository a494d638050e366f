package cors

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
)

// TestRegistryScan: caddyserver.com lists the modules of a package that it finds
// without running it: calls of caddy.RegisterModule with T{} or new(T), where T
// is a type of the package, and the ID as a literal in its CaddyModule. The
// first sentences are held to 200 characters by TestManualPages.
func TestRegistryScan(t *testing.T) {
	t.Parallel()
	var found []string
	for _, dir := range []string{".", "origins"} {
		found = append(found, scanModules(t, dir)...)
	}
	want := []string{"http.cors.origins.ask", "http.cors.origins.file", "http.cors.origins.storage", "http.handlers.cors"}
	if slices.Sort(found); !slices.Equal(found, want) {
		t.Errorf("the scan finds %q, want %q", found, want)
	}
	for _, id := range want {
		if _, err := caddy.GetModule(id); err != nil {
			t.Error(err)
		}
	}
}

func scanModules(t *testing.T, dir string) (ids []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	idOf := make(map[string]string) // by type
	var registered []string
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, dir+"/"+e.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Name.Name == "CaddyModule" {
					idOf[baseType(n.Recv.List[0].Type)] = literalID(n.Body)
				}
			case *ast.CallExpr:
				if called(n) == "caddy.RegisterModule" {
					name := registeredType(n.Args[0])
					if name == "" {
						t.Errorf("%s: the scan does not understand this call", fset.Position(n.Pos()))
					}
					registered = append(registered, name)
				}
			}
			return true
		})
	}
	for _, name := range registered {
		ids = append(ids, idOf[name])
	}
	return ids
}

// registeredType is the T of T{} or new(T).
func registeredType(arg ast.Expr) string {
	switch arg := arg.(type) {
	case *ast.CompositeLit:
		return baseType(arg.Type)
	case *ast.CallExpr:
		if called(arg) == "new" {
			return baseType(arg.Args[0])
		}
	}
	return ""
}

func baseType(e ast.Expr) string {
	if star, ok := e.(*ast.StarExpr); ok {
		e = star.X
	}
	if id, ok := e.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}

func called(c *ast.CallExpr) string {
	switch f := c.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return baseType(f.X) + "." + f.Sel.Name
	}
	return ""
}

// literalID is the ID of the caddy.ModuleInfo in a function.
func literalID(body ast.Node) (id string) {
	ast.Inspect(body, func(n ast.Node) bool {
		kv, ok := n.(*ast.KeyValueExpr)
		if !ok || baseType(kv.Key) != "ID" {
			return true
		}
		if lit, ok := kv.Value.(*ast.BasicLit); ok {
			id = strings.Trim(lit.Value, `"`)
		}
		return true
	})
	return id
}
