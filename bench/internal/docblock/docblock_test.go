package docblock

import (
	"os"
	"path/filepath"
	"testing"
)

func TestRenew(t *testing.T) {
	t.Parallel()
	const (
		before = "# T\n\n<!-- begin: a -->\nold\n<!-- end: a -->\n\n<!-- begin: b -->\n<!-- end: b -->\n\n<!-- begin: c -->\nc\n<!-- end: c -->\n"
		after  = "# T\n\n<!-- begin: a -->\n| new |\n<!-- end: a -->\n\n<!-- begin: b -->\nB\n<!-- end: b -->\n\n<!-- begin: c -->\nc\n<!-- end: c -->\n"
	)
	file := filepath.Join(t.TempDir(), "document.md")
	if err := os.WriteFile(file, []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time changes nothing
		if err := Renew(file, map[string]string{"a": "| new |\n\n", "b": "B"}); err != nil {
			t.Fatal(err)
		}
		if got, _ := os.ReadFile(file); string(got) != after {
			t.Errorf("got:\n%s\nwant:\n%s", got, after)
		}
	}
	if err := Renew(file, map[string]string{"a": "newer", "no": "x"}); err == nil {
		t.Error("renewed a block that is not there")
	}
	if got, _ := os.ReadFile(file); string(got) != after {
		t.Errorf("renewed one block, though another is not there:\n%s", got)
	}
}

func TestReplaceBlockRefuses(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"no block":   "# Title\n",
		"no end":     "<!-- begin: a -->\n",
		"no start":   "<!-- end: a -->\n",
		"twice":      "<!-- begin: a -->\n<!-- end: a -->\n<!-- begin: a -->\n<!-- end: a -->\n",
		"backwards":  "<!-- end: a -->\n<!-- begin: a -->\n",
		"in a line":  "See <!-- begin: a -->\n<!-- end: a -->\n",
		"other name": "<!-- begin: aa -->\n<!-- end: aa -->\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := replaceBlock(content, "a", "new"); err == nil {
				t.Errorf("replaced it: %q", got)
			}
		})
	}
}
