package origins

import (
	"os"
	"path/filepath"
	"testing"
)

// TestPathSteps finds what decides on a file.
func TestPathSteps(t *testing.T) {
	t.Parallel()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	must(t, os.MkdirAll(filepath.Join(dir, "x", "y"), 0o700))
	must(t, os.WriteFile(filepath.Join(dir, "x", "y", "file"), nil, 0o600))
	must(t, os.Symlink(filepath.Join("x", "..", "x", "y"), filepath.Join(dir, "up")))
	must(t, os.Symlink(filepath.Join(dir, "up", "file"), filepath.Join(dir, "link")))
	must(t, os.Symlink("loop", filepath.Join(dir, "loop")))
	for path, want := range map[string][]string{
		"x/y/file": {"x/y/file"},
		"up/file":  {"up", "x/y/file"},
		"link":     {"link", "up", "x/y/file"},
		"no/file":  {"no"},
		"up/no":    {"up", "x/y/no"},
		"loop":     {"loop"},
	} {
		steps := pathSteps(filepath.Join(dir, filepath.FromSlash(path)))
		if len(steps) != len(want) {
			t.Errorf("%s: got %v, want %v", path, steps, want)
		}
		for _, w := range want {
			if !steps[filepath.Join(dir, filepath.FromSlash(w))] {
				t.Errorf("%s: got %v, want %v", path, steps, want)
			}
		}
	}
}
