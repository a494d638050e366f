package cors

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
)

// TestManualPages: caddyserver.com makes the modules' pages from godoc: the
// preview from the first sentence, of at most 200 characters, and the rest from
// the comments of the fields that JSON has.
func TestManualPages(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("*.go")
	must(t, err)
	fset := token.NewFileSet()
	var parsed []*ast.File
	for _, name := range names {
		if !strings.HasSuffix(name, "_test.go") {
			f, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
			must(t, err)
			parsed = append(parsed, f)
		}
	}
	pkg, err := doc.NewFromFiles(fset, parsed, "github.com/caddy-cors/caddy-cors")
	must(t, err)
	pages := make(map[string]*doc.Type)
	for _, typ := range pkg.Types {
		pages[typ.Name] = typ
	}
	for name, module := range map[string]caddy.Module{
		"Handler": new(Handler), "FileSource": new(FileSource), "AskSource": new(AskSource), "StorageSource": new(StorageSource),
	} {
		page := pages[name]
		if page == nil {
			t.Errorf("%s has no page", name)
			continue
		}
		if first := pkg.Synopsis(page.Doc); !strings.HasPrefix(first, name+" ") || len(first) > 200 {
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
	for name, want := range map[string]string{"FileSource": "origins_from file <path>", "AskSource": "origins_from ask <url> {", "StorageSource": "origins_from storage <key> {"} {
		for _, m := range pages[name].Methods {
			if m.Name == "UnmarshalCaddyfile" && !strings.Contains(m.Doc, want) {
				t.Errorf("%s: the syntax is not in %s", name, m.Doc)
			}
		}
	}
}
