package origins

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap/zaptest/observer"

	"github.com/caddy-cors/caddy-cors/internal/origin"
	"github.com/caddy-cors/caddy-cors/internal/originlist"
	"github.com/caddy-cors/caddy-cors/internal/policy"
)

// newFile provisions a source of a file.
func newFile(t testing.TB, path string) (*File, *observer.ObservedLogs) {
	t.Helper()
	s := &File{Path: path}
	if err := s.Provision(caddyContext(t)); err != nil {
		t.Fatal(err)
	}
	log, logs := observed()
	s.logger = log
	t.Cleanup(func() { s.Cleanup() })
	return s, logs
}

func startFile(t testing.TB, path string, rules policy.SourceRules) (*File, *observer.ObservedLogs) {
	t.Helper()
	s, logs := newFile(t, path)
	if err := s.start(rules); err != nil {
		t.Fatal(err)
	}
	return s, logs
}

// TestFileBad: what is no list leaves the last good one in use, or refuses.
func TestFileBad(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(t *testing.T, path string){
		"binary":     func(t *testing.T, path string) { writeFile(t, path, "\x7fELF\x00\x01") },
		"error page": func(t *testing.T, path string) { writeFile(t, path, "<html>\n<p>502</p>\n</html>\n") },
		"directory":  func(t *testing.T, path string) { os.Remove(path); must(t, os.Mkdir(path, 0o700)) },
		"link to itself": func(t *testing.T, path string) {
			os.Remove(path)
			must(t, os.Symlink(path, path))
		},
		"huge": func(t *testing.T, path string) {
			temp := path + ".new"
			must(t, os.WriteFile(temp, []byte(after), 0o600))
			must(t, os.Truncate(temp, originlist.MaxSize+1)) // a hole, so it costs nothing
			must(t, os.Rename(temp, path))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "origins.txt")
			writeFile(t, path, before)
			s, logs := startFile(t, path, policy.SourceRules{})
			spoil(t, path)
			eventually(t, "a warning", func() bool { return toldOf(logs, "last good state", path) > 0 })
			wantAnswer(t, s, "yes", before)
			wantAnswer(t, s, "no", after)

			os.RemoveAll(path)
			writeFile(t, path, after+"\nnonsense\n")
			comesToSay(t, s, "yes", after)
			if toldOf(logs, "is skipped:", "nonsense", "line:2", path) != 1 {
				t.Errorf("logged %v", logs.All())
			}

			bad := filepath.Join(t.TempDir(), "origins.txt")
			spoil(t, bad)
			s, _ = startFile(t, bad, policy.SourceRules{})
			wantAnswer(t, s, "unknown", before, after)
		})
	}
}

// TestFileEmpty: an empty file allows nobody, with a warning.
func TestFileEmpty(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "origins.txt")
	writeFile(t, path, "")
	s, logs := startFile(t, path, policy.SourceRules{})
	wantAnswer(t, s, "no", before)
	writeFile(t, path, before)
	comesToSay(t, s, "yes", before)
	must(t, os.Truncate(path, 0))
	comesToSay(t, s, "no", before)
	if toldOf(logs, "allows nobody", path) != 2 {
		t.Errorf("logged %v", logs.All())
	}
}

// TestFileNeverHalf: readers see all of one list or all of another.
func TestFileNeverHalf(t *testing.T) {
	t.Parallel()
	const size = 1000
	lists := []string{manyOrigins("a", size), manyOrigins("b", size)}
	path := filepath.Join(t.TempDir(), "origins.txt")
	writeFile(t, path, lists[0])
	s, logs := startFile(t, path, policy.SourceRules{})
	ctx, cancel := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for ctx.Err() == nil {
				set := s.list.set.Load()
				first, _ := origin.Parse("https://a0.example.com")
				_, isA := set.Lookup(first)
				for i := 0; i < size; i += 100 {
					a, _ := origin.Parse(fmt.Sprintf("https://a%d.example.com", i))
					b, _ := origin.Parse(fmt.Sprintf("https://b%d.example.com", i))
					_, hasA := set.Lookup(a)
					_, hasB := set.Lookup(b)
					if hasA != isA || hasB == isA || set.Len() != size {
						t.Errorf("half a list: %d origins, a0: %t, a%d: %t, b%d: %t", set.Len(), isA, i, hasA, i, hasB)
						return
					}
				}
			}
		})
	}
	i := 0
	eventually(t, "four lists", func() bool {
		i++
		writeFile(t, path, lists[i%2])
		time.Sleep(time.Duration(i%5) * 50 * time.Millisecond)
		return toldOf(logs, "loaded a list") >= 4
	})
	cancel()
	readers.Wait()
}

// TestFileReloads: reloads, where the new configuration starts before the old
// one is cleaned up, and starts leave nothing behind, while the file changes all
// the time.
func TestFileReloads(t *testing.T) {
	path := filepath.Join(t.TempDir(), "origins.txt")
	writeFile(t, path, before)
	noLeaks(t, func() {
		ctx, cancel := context.WithCancel(t.Context())
		var writer sync.WaitGroup
		writer.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				writeFile(t, path, fmt.Sprintf("%s\nhttps://v%d.example\n", before, i))
				time.Sleep(5 * time.Millisecond)
			}
		})
		old, _ := newFile(t, path)
		must(t, old.start(policy.SourceRules{}))
		for range reloads {
			s, _ := newFile(t, path)
			must(t, s.start(policy.SourceRules{}))
			must(t, old.Cleanup())
			must(t, old.Cleanup())
			wantAnswer(t, s, "yes", before)
			wantAnswer(t, old, "yes", before) // a request that is still there
			old = s
		}
		must(t, old.Cleanup())
		for i := range reloads {
			s, _ := newFile(t, path)
			must(t, s.start(rulesOf(t, i%2 == 0)))
			wantAnswer(t, s, "yes", before)
			must(t, s.Cleanup())
		}
		cancel()
		writer.Wait()
	})
}

// TestFileShared: forty sites that import one snippet have one list, which
// outlives a reload while the file is away; rules keep lists apart; and the
// newest configuration's logger is told.
func TestFileShared(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "origins.txt")
	writeFile(t, path, before+"\nhttp://plain.example\n")
	old, oldLogs := startFile(t, path, policy.SourceRules{})
	for range 40 {
		if s, _ := startFile(t, path, policy.SourceRules{}); s.list != old.list {
			t.Fatal("the list is there twice")
		}
	}
	strict, _ := startFile(t, path, rulesOf(t, true))
	wantAnswer(t, old, "yes", "http://plain.example")
	wantAnswer(t, strict, "no", "http://plain.example")

	must(t, os.Remove(path))
	s, logs := startFile(t, path, policy.SourceRules{})
	wantAnswer(t, s, "yes", before)
	eventually(t, "a warning in the newest log", func() bool { return toldOf(logs, "last good state") > 0 })
	quiet := oldLogs.Len()
	writeFile(t, path, after)
	comesToSay(t, s, "yes", after)
	if toldOf(logs, "loaded a list") != 1 || oldLogs.Len() != quiet {
		t.Errorf("logged %v and %v", logs.All(), oldLogs.All())
	}
}

// TestFileMillion loads many origins, and answers while it loads them
// again.
func TestFileMillion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "origins.txt")
	writeFile(t, path, manyOrigins("a", million))
	last := func(prefix string) string { return fmt.Sprintf("https://%s%d.example.com", prefix, million-1) }
	begin := time.Now()
	s, logs := startFile(t, path, rulesOf(t, true))
	eventually(t, "the first load", func() bool { return answered(s, last("a")) == "yes" })
	t.Logf("%d origins loaded in %v", million, time.Since(begin))
	wantAnswer(t, s, "no", "https://b0.example.com")

	writeFile(t, path, manyOrigins("b", million))
	var slowest time.Duration
	eventually(t, "the second load", func() bool {
		begin := time.Now()
		s.AllowsOrigin(t.Context(), "https://a0.example.com")
		slowest = max(slowest, time.Since(begin))
		return answered(s, last("b")) == "yes"
	})
	t.Logf("the slowest answer during a reload took %v", slowest)
	if toldOf(logs, "loaded a list", fmt.Sprintf("origins:%d", million)) != 2 {
		t.Errorf("logged %v", logs.All())
	}
}
