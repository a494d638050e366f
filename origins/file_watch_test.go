package origins

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/zap/zaptest/observer"

	"github.com/caddy-cors/caddy-cors/internal/policy"
)

// watched is a list that learns of changes from events alone.
type watched struct{ *fileList }

func (w watched) start(policy.SourceRules) error { return nil }

func (w watched) allows(q Question) (bool, error) { return w.list.allows(q.Origin) }

func (w watched) AllowsOrigin(_ context.Context, raw string) (bool, error) { return ask(w, raw) }

func watchFile(t testing.TB, path string) (watched, *observer.ObservedLogs) {
	t.Helper()
	log, logs := observed()
	l := newFileList(path, policy.SourceRules{})
	l.poll = time.Hour
	l.join(&member{logger: log})
	l.open()
	t.Cleanup(func() { l.Destruct() })
	return watched{l}, logs
}

// fileChanges are the ways in which files change. The list is in real/origins.txt
// and, over links, in link/origins.txt and origins.txt.
var fileChanges = map[string]func(t *testing.T, dir string){
	"replaced": func(t *testing.T, dir string) {
		writeFile(t, filepath.Join(dir, "real", "origins.txt"), after)
	},
	"written in place": func(t *testing.T, dir string) {
		must(t, os.WriteFile(filepath.Join(dir, "real", "origins.txt"), []byte(after), 0o600))
	},
	"same size, same time": func(t *testing.T, dir string) {
		file := filepath.Join(dir, "real", "origins.txt")
		info, err := os.Stat(file)
		must(t, err)
		must(t, os.WriteFile(file, []byte(after+"\n"), 0o600))
		must(t, os.Chtimes(file, info.ModTime(), info.ModTime()))
	},
	"removed and made again": func(t *testing.T, dir string) {
		file := filepath.Join(dir, "real", "origins.txt")
		must(t, os.Remove(file))
		must(t, os.WriteFile(file, []byte(after), 0o600))
	},
	"appended": func(t *testing.T, dir string) {
		f, err := os.OpenFile(filepath.Join(dir, "real", "origins.txt"), os.O_APPEND|os.O_WRONLY, 0o600)
		must(t, err)
		defer f.Close()
		_, err = f.WriteString("\n" + after)
		must(t, err)
	},
	"its directory replaced": func(t *testing.T, dir string) {
		must(t, os.Rename(filepath.Join(dir, "real"), filepath.Join(dir, "old")))
		must(t, os.Mkdir(filepath.Join(dir, "real"), 0o700))
		must(t, os.WriteFile(filepath.Join(dir, "real", "origins.txt"), []byte(after), 0o600))
	},
	"its directory removed and made again": func(t *testing.T, dir string) {
		must(t, os.RemoveAll(filepath.Join(dir, "real")))
		must(t, os.MkdirAll(filepath.Join(dir, "real"), 0o700))
		must(t, os.WriteFile(filepath.Join(dir, "real", "origins.txt"), []byte(after), 0o600))
	},
}

// TestFileChanges: whichever way a file changes, over whichever links it is
// found, the change is seen, and in the meantime the old list.
func TestFileChanges(t *testing.T) {
	t.Parallel()
	for name, change := range fileChanges {
		for _, path := range []string{"real/origins.txt", "link/origins.txt", "origins.txt"} {
			t.Run(name+"/"+path, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				must(t, os.Mkdir(filepath.Join(dir, "real"), 0o700))
				must(t, os.WriteFile(filepath.Join(dir, "real", "origins.txt"), []byte(before), 0o600))
				must(t, os.Symlink("real", filepath.Join(dir, "link")))
				must(t, os.Symlink(filepath.Join(dir, "link", "origins.txt"), filepath.Join(dir, "origins.txt")))
				s, _ := watchFile(t, filepath.Join(dir, filepath.FromSlash(path)))
				wantAnswer(t, s, "yes", before)
				wantAnswer(t, s, "no", after)
				change(t, dir)
				comesToSay(t, s, "yes", after)
			})
		}
	}
}

// TestFileKubernetes swaps links as the kubelet does for a ConfigMap, several
// times: the old directory is removed after the swap.
func TestFileKubernetes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	publish := func(version int) {
		name := fmt.Sprintf("..2026_01_01.%d", version)
		must(t, os.Mkdir(filepath.Join(dir, name), 0o700))
		must(t, os.WriteFile(filepath.Join(dir, name, "origins.txt"), fmt.Appendf(nil, "https://v%d.example\n", version), 0o600))
		must(t, os.Symlink(name, filepath.Join(dir, "..data_tmp")))
		must(t, os.Rename(filepath.Join(dir, "..data_tmp"), filepath.Join(dir, "..data")))
		if version > 0 {
			must(t, os.RemoveAll(filepath.Join(dir, fmt.Sprintf("..2026_01_01.%d", version-1))))
		}
	}
	publish(0)
	must(t, os.Symlink(filepath.Join("..data", "origins.txt"), filepath.Join(dir, "origins.txt")))
	s, _ := watchFile(t, filepath.Join(dir, "origins.txt"))
	wantAnswer(t, s, "yes", "https://v0.example")
	for version := 1; version < 5; version++ {
		publish(version)
		comesToSay(t, s, "yes", fmt.Sprintf("https://v%d.example", version))
		wantAnswer(t, s, "no", fmt.Sprintf("https://v%d.example", version-1))
	}
}

// TestFileMissing: a file that is not there yet refuses, and comes; one that
// goes leaves its list.
func TestFileMissing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "a", "b", "origins.txt")
	s, logs := watchFile(t, path)
	wantAnswer(t, s, "unknown", before, after)
	if toldOf(logs, "until it can be", path) != 1 {
		t.Errorf("logged %v", logs.All())
	}
	must(t, os.Mkdir(filepath.Join(dir, "a"), 0o700))
	wantAnswer(t, s, "unknown", before)
	must(t, os.Mkdir(filepath.Join(dir, "a", "b"), 0o700))
	writeFile(t, path, before)
	comesToSay(t, s, "yes", before)

	must(t, os.RemoveAll(filepath.Join(dir, "a")))
	eventually(t, "a warning", func() bool { return toldOf(logs, "last good state", path) > 0 })
	wantAnswer(t, s, "yes", before)
	must(t, os.MkdirAll(filepath.Dir(path), 0o700))
	writeFile(t, path, after)
	comesToSay(t, s, "yes", after)
	wantAnswer(t, s, "no", before)
}

// TestFileAppears: a change between the look at the path and the watch over it
// is not missed, although nobody looks from time to time. With so little quiet
// the list is looked for after every directory that is made.
func TestFileAppears(t *testing.T) {
	t.Parallel()
	for i := range 60 {
		dir := t.TempDir()
		names := []string{"a", "b", "c", "d", "e", "origins.txt"}
		l := newFileList(filepath.Join(dir, filepath.Join(names...)), policy.SourceRules{})
		l.poll, l.quiet = time.Hour, time.Microsecond
		l.open()
		at := dir
		for _, name := range names[:len(names)-1] {
			at = filepath.Join(at, name)
			must(t, os.Mkdir(at, 0o700))
			time.Sleep(time.Duration(3*i) * time.Microsecond)
		}
		must(t, os.WriteFile(l.path, []byte(after), 0o600))
		comesToSay(t, watched{l}, "yes", after)
		must(t, l.Destruct())
	}
}
