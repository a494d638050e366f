package repair_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/repair"
)

var update = flag.Bool("update", false, "write the golden files anew")

const (
	divider = "-----\n"
	origins = "# --origin " // in the first line of a golden file
)

// fileMark begins a further file in a golden one.
var fileMark = regexp.MustCompile(`(?m)^-- (\S+) --\n`)

// TestGolden repairs the Caddyfile in front of the divider. Behind it is what
// becomes of it, with what --diff says in front.
func TestGolden(t *testing.T) {
	t.Setenv("CORS_TEST_ORIGIN", "https://app.example.com")
	golden(t, "testdata/*.txt", 70, repaired)
}

// TestGoldenJSON repairs the configuration in front of the divider in Caddy's own
// format: a Caddyfile is adapted first, so that it can be read. Behind it are the
// operations of the patch. What they make loads, and needs no other repair.
func TestGoldenJSON(t *testing.T) { golden(t, "testdata/json/*.txt", 20, patchOf) }

// golden holds each file against what becomes of what stands in front of its
// divider.
func golden(t *testing.T, pattern string, least int, becomes func(t *testing.T, old string) string) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) < least {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		if file, err = filepath.Abs(file); err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			old, want, _ := strings.Cut(string(content), divider)
			got := becomes(t, old)
			if *update {
				if err := os.WriteFile(file, []byte(old+divider+got), 0o600); err != nil { //nolint:gosec // a golden file
					t.Fatal(err)
				}
				return
			}
			if got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// repaired is the comments of the diff and the new text, of imported files too.
func repaired(t *testing.T, old string) string {
	t.Helper()
	res := mend(t, old)
	var diff bytes.Buffer
	res.Diff(&diff)
	var b strings.Builder
	for line := range strings.Lines(diff.String()) {
		if !strings.HasPrefix(line, "# ") {
			break
		}
		b.WriteString(line)
	}
	for _, name := range slices.Sorted(maps.Keys(res.New)) { // the Caddyfile has a capital
		if filepath.Base(name) != "Caddyfile" {
			fmt.Fprintf(&b, "-- %s --\n", filepath.Base(name))
		}
		if res.New[name] != res.Old[name] {
			b.WriteString(res.New[name])
		}
	}
	return b.String()
}

// given takes the origins of --origin off the text of a golden file.
func given(text string) (rest string, list []string) {
	if line, rest, ok := strings.Cut(text, "\n"); ok && strings.HasPrefix(line, origins) {
		return rest, strings.Fields(line[len(origins):])
	}
	return text, nil
}

// mend repairs a Caddyfile. Further files are written where it can import them.
func mend(t *testing.T, old string) *repair.Result {
	t.Helper()
	old, named := given(old)
	name, marks := "Caddyfile", fileMark.FindAllStringSubmatchIndex(old, -1)
	if len(marks) > 0 {
		t.Chdir(t.TempDir()) // --diff prints names as they are called there
		name, _ = filepath.Abs(name)
	}
	for i, m := range marks {
		end := len(old)
		if i+1 < len(marks) {
			end = marks[i+1][0]
		}
		if err := os.WriteFile(old[m[2]:m[3]], []byte(old[m[1]:end]), 0o600); err != nil { //nolint:gosec // a golden file's own names
			t.Fatal(err)
		}
	}
	if len(marks) > 0 {
		old = old[:marks[0][0]]
	}
	res, err := repair.Caddyfile(name, []byte(old), repair.Options{Origins: named})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// patchOf is the remarks and the operations, one a line.
func patchOf(t *testing.T, old string) string {
	t.Helper()
	old, named := given(old)
	config := []byte(old)
	if !json.Valid(config) {
		var err error
		if config, err = corstest.Adapt(old); err != nil {
			t.Fatal(err)
		}
	}
	res, err := repair.JSON(config, repair.Options{Origins: named})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	res.Remarks(&b)
	for _, o := range res.Patch {
		fmt.Fprintf(&b, "%s %s", o.Op, o.Path)
		if o.Value != nil {
			value, err := json.Marshal(o.Value)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, " %s", value)
		}
		b.WriteString("\n")
	}
	after, err := repair.Patched(config, res.Patch)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := repair.JSON(after, repair.Options{Origins: named}); err != nil || again.Applies() {
		t.Errorf("%v, repaired once more: %+v\n%s", err, again, after)
	}
	return b.String()
}
