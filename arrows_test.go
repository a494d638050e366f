package cors

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// drawnArrow is a line of the drawing in CONTRIBUTING.md.
var drawnArrow = regexp.MustCompile(`(?m)^([a-z, ]+?) +→ (.+)$`)

// TestArrows holds the imports of every room against the drawing in
// CONTRIBUTING.md: it has no circle, each arrow in it is an import, and no room
// imports what does not stand below it.
func TestArrows(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	below := make(map[string][]string)
	for _, line := range drawnArrow.FindAllStringSubmatch(string(text), -1) {
		for room := range strings.SplitSeq(line[1], ", ") {
			below[room] = nil
			for to := range strings.SplitSeq(strings.ReplaceAll(line[2], "internal/", ""), ", ") {
				if !strings.Contains(to, " ") && to != "nobody" { // or a sentence
					below[room] = append(below[room], to)
				}
			}
		}
	}
	rooms := map[string]string{"cors": ".", "origins": "origins"}
	dirs, _ := filepath.Glob("internal/*")
	for _, dir := range dirs {
		if room := filepath.Base(dir); room != "corstest" && room != "judges" { // they are tests
			rooms[room] = dir
		}
	}
	for room, dir := range rooms {
		if _, drawn := below[room]; !drawn {
			t.Errorf("CONTRIBUTING.md does not draw %s", room)
		}
		reached := reach(below, room, nil)
		if slices.Contains(reached, room) {
			t.Errorf("the arrows from %s lead back to it", room)
		}
		imports := importsOf(t, dir)
		for _, to := range imports {
			if !slices.Contains(reached, to) {
				t.Errorf("%s imports %s, which does not stand below it in CONTRIBUTING.md", room, to)
			}
		}
		for _, to := range below[room] {
			if !slices.Contains(imports, to) {
				t.Errorf("%s does not import %s, as CONTRIBUTING.md says", room, to)
			}
		}
	}
}

// TestRootIsSmall: what grows gets a room of its own.
func TestRootIsSmall(t *testing.T) {
	t.Parallel()
	files, lines := 0, 0
	all, _ := filepath.Glob("*.go")
	for _, name := range all {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files, lines = files+1, lines+strings.Count(string(text), "\n")
	}
	if files > 15 || lines > 3000 {
		t.Errorf("%d files with %d lines stand at the root", files, lines)
	}
}

// reach returns the rooms that arrows lead to.
func reach(below map[string][]string, from string, seen []string) []string {
	for _, to := range below[from] {
		if !slices.Contains(seen, to) {
			seen = reach(below, to, append(seen, to))
		}
	}
	return seen
}

// importsOf returns the rooms that the product files in a folder import.
func importsOf(t *testing.T, dir string) (rooms []string) {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(dir, "*.go"))
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range f.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			if room, ours := strings.CutPrefix(path, "github.com/caddy-cors/caddy-cors"); ours {
				rooms = append(rooms, strings.TrimPrefix(strings.TrimPrefix(room, "/"), "internal/"))
			}
		}
	}
	return rooms
}
