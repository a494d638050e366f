package lint

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const corpusDir = "../../testdata/lint"

// corpus returns the files of testdata/lint. The expected findings stand in
// comments at the ends of their lines: `# want: id id`. What is to be written
// instead stands in a file beside it, NAME.instead, each block once; run the
// tests with UPDATE=1 to write these anew, and read the difference.
func corpus(t testing.TB) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(corpusDir, "*.caddyfile"))
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]string)
	for _, f := range files {
		body, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		found[strings.TrimSuffix(filepath.Base(f), ".caddyfile")] = string(body)
	}
	if len(found) < 40 {
		t.Fatalf("only %d files in %s", len(found), corpusDir)
	}
	return found
}

// wanted reads the comments.
func wanted(body string) []string {
	var want []string
	for i, line := range strings.Split(body, "\n") {
		if _, ids, ok := strings.Cut(line, "# want:"); ok {
			for id := range strings.FieldsSeq(ids) {
				want = append(want, fmt.Sprintf("%d %s", i+1, id))
			}
		}
	}
	slices.Sort(want)
	return slices.Compact(want)
}

func lint(t testing.TB, name, body string) []Finding {
	t.Helper()
	found, err := Caddyfile(name+".caddyfile", []byte(body))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return found
}

func TestCorpus(t *testing.T) {
	for name, body := range corpus(t) {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, f := range lint(t, name, body) {
				got = append(got, fmt.Sprintf("%d %s", f.Line, f.ID))
			}
			slices.Sort(got)
			got = slices.Compact(got)
			want := wanted(body)
			if !slices.Equal(got, want) {
				t.Errorf("got  %s\nwant %s", strings.Join(got, ", "), strings.Join(want, ", "))
			}
			if strings.HasPrefix(name, "good-") != (len(want) == 0) {
				t.Errorf("%d findings are wanted", len(want))
			}
		})
	}
}

func TestInstead(t *testing.T) {
	for name, body := range corpus(t) {
		t.Run(name, func(t *testing.T) {
			var blocks []string
			for _, f := range lint(t, name, body) {
				if b := strings.Join(f.Instead, "\n"); b != "" && !slices.Contains(blocks, b) {
					blocks = append(blocks, b)
				}
			}
			golden(t, filepath.Join(corpusDir, name+".instead"), strings.Join(blocks, "\n\n"))
		})
	}
}

func golden(t testing.TB, file, got string) {
	t.Helper()
	if got != "" {
		got += "\n"
	}
	if os.Getenv("UPDATE") != "" {
		os.Remove(file)
		if got != "" {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", file, got, want)
	}
}

// TestEveryRuleSpeaks makes sure that the corpus would miss any rule.
func TestEveryRuleSpeaks(t *testing.T) {
	all := corpus(t)
	for i := range Rules {
		rule := &Rules[i]
		spoken := 0
		for _, body := range all {
			for _, want := range wanted(body) {
				if strings.HasSuffix(want, " "+rule.ID) {
					spoken++
				}
			}
		}
		if spoken == 0 {
			t.Errorf("no file of the corpus wants %s", rule.ID)
		}
	}
}

func TestRules(t *testing.T) {
	seen := make(map[string]bool)
	for _, r := range Rules {
		if seen[r.ID] || r.ID == "" || strings.ToLower(r.ID) != r.ID || strings.ContainsAny(r.ID, " _") {
			t.Errorf("%q is no new ID in kebab case", r.ID)
		}
		seen[r.ID] = true
		if !strings.HasSuffix(r.What, ".") {
			t.Errorf("%s: %q is no sentence", r.ID, r.What)
		}
	}
}

// TestTexts keeps the parts of findings in the form that the command prints.
func TestTexts(t *testing.T) {
	for name, body := range corpus(t) {
		for _, f := range lint(t, name, body) {
			for part, text := range map[string]string{"Problem": f.Problem, "Effect": f.Effect, "Cure": f.Cure, "Site": f.Site} {
				if text == "" || strings.HasSuffix(text, ".") || strings.Contains(text, "\n") {
					t.Errorf("%s:%d %s: %s is %q", name, f.Line, f.ID, part, text)
				}
			}
			if f.File == "" || f.Line == 0 || f.Path != "" {
				t.Errorf("%s: %s stands nowhere: %q line %d, %q", name, f.ID, f.File, f.Line, f.Path)
			}
			if !strings.Contains(f.Effect, "browser") && !strings.Contains(f.Effect, "Firefox") {
				t.Errorf("%s:%d %s: the effect names no browser: %q", name, f.Line, f.ID, f.Effect)
			}
		}
	}
}

// TestImportedFile: the lines are those of the file that has them.
func TestImportedFile(t *testing.T) {
	dir := t.TempDir()
	snippet := filepath.Join(dir, "cors.conf")
	if err := os.WriteFile(snippet, []byte("header Access-Control-Allow-Origin *\nheader Access-Control-Allow-Credentials true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	main := filepath.Join(dir, "Caddyfile")
	found, err := Caddyfile(main, []byte("a.example.com {\n\timport cors.conf\n\trespond hello\n}\nb.example.com {\n\timport cors.conf\n\tcors https://app.example.com\n}\n"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range found {
		got = append(got, fmt.Sprintf("%s:%d %s %s", f.File, f.Line, f.ID, f.Site))
	}
	want := []string{
		snippet + ":1 header-beside-cors b.example.com",
		snippet + ":1 star-with-credentials a.example.com",
		snippet + ":2 header-beside-cors b.example.com",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(found) > 1 && !strings.Contains(found[1].Cure, "lines 1-2 of "+snippet) {
		t.Errorf("the cure does not name the file: %s", found[1].Cure)
	}
	if strings.Contains(found[0].Problem, snippet) || !strings.Contains(found[0].Problem, "line 7") {
		t.Errorf("the problem does not name the line of cors: %s", found[0].Problem)
	}
}
