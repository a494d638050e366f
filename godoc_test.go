package cors

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"

	"github.com/caddy-cors/caddy-cors/origins"
)

// TestManualPages: caddyserver.com makes the modules' pages from godoc: the
// preview from the first sentence, of at most 200 characters, and the rest from
// the comments of the fields that JSON has.
func TestManualPages(t *testing.T) {
	t.Parallel()
	here, sources := godocOf(t, "."), godocOf(t, "origins")
	pages := make(map[string]*doc.Type)
	for _, typ := range slices.Concat(here.Types, sources.Types) {
		pages[typ.Name] = typ
	}
	for name, module := range map[string]caddy.Module{
		"Handler": new(Handler), "File": new(origins.File), "Ask": new(origins.Ask), "Storage": new(origins.Storage),
	} {
		page := pages[name]
		if page == nil {
			t.Errorf("%s has no page", name)
			continue
		}
		if first := here.Synopsis(page.Doc); !strings.HasPrefix(first, name+" ") || len(first) > 200 {
			t.Errorf("%s: the first sentence has %d characters: %s", module.CaddyModule().ID, len(first), first)
		}
		for _, field := range page.Decl.Specs[0].(*ast.TypeSpec).Type.(*ast.StructType).Fields.List {
			if field.Tag == nil || !strings.Contains(field.Tag.Value, "json:") {
				continue
			}
			if text := field.Doc.Text(); len(field.Names) != 1 || text == "" || !strings.HasSuffix(text, ".\n") {
				t.Errorf("%s: the field %v has the comment %q", name, field.Names, text)
			}
		}
	}
	for name, want := range map[string]string{"File": "origins_from file <path>", "Ask": "origins_from ask <url> {", "Storage": "origins_from storage <key> {"} {
		for _, m := range pages[name].Methods {
			if m.Name == "UnmarshalCaddyfile" && !strings.Contains(m.Doc, want) {
				t.Errorf("%s: the syntax is not in %s", name, m.Doc)
			}
		}
	}
}

// godocOf reads the documentation of the package in a folder.
func godocOf(t *testing.T, dir string) *doc.Package {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	var parsed []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, f)
	}
	pkg, err := doc.NewFromFiles(fset, parsed, "github.com/caddy-cors/caddy-cors/"+dir)
	if err != nil {
		t.Fatal(err)
	}
	return pkg
}
