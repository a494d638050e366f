package origins

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/fsnotify/fsnotify"

	"github.com/caddy-cors/caddy-cors/internal/policy"
)

// TestFileUnwatch: when a link leads elsewhere, the directory that it led to is
// watched no more. Else a server that runs for years, with a list that is
// published in a new directory each time, runs out of watches.
func TestFileUnwatch(t *testing.T) {
	t.Parallel()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	at := func(names ...string) string { return filepath.Join(append([]string{dir}, names...)...) }
	for _, version := range []string{"1", "2"} {
		must(t, os.Mkdir(at(version), 0o700))
		must(t, os.WriteFile(at(version, "origins.txt"), []byte(before), 0o600))
	}
	must(t, os.Symlink("1", at("current")))
	f := newFileList(at("current", "origins.txt"), policy.SourceRules{})
	f.watcher, err = fsnotify.NewWatcher()
	must(t, err)
	defer f.watcher.Close()
	wantWatched := func(want ...string) {
		t.Helper()
		f.follow()
		if got := slices.Sorted(slices.Values(f.watcher.WatchList())); !slices.Equal(got, want) {
			t.Errorf("watched are %q, want %q", got, want)
		}
	}
	wantWatched(dir, at("1"))
	must(t, os.Symlink("2", at("next")))
	must(t, os.Rename(at("next"), at("current")))
	wantWatched(dir, at("2"))
}
