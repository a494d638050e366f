package cors

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap/zaptest/observer"

	"github.com/caddy-cors/caddy-cors/internal/origin"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

// newFile provisions a source of a file.
func newFile(t testing.TB, path string) (*FileSource, *observer.ObservedLogs) {
	t.Helper()
	s := &FileSource{Path: path}
	if err := s.Provision(caddyContext(t)); err != nil {
		t.Fatal(err)
	}
	log, logs := observed()
	s.logger = log
	t.Cleanup(func() { s.Cleanup() })
	return s, logs
}

func startFile(t testing.TB, path string, rules originRules) (*FileSource, *observer.ObservedLogs) {
	t.Helper()
	s, logs := newFile(t, path)
	if err := s.start(rules); err != nil {
		t.Fatal(err)
	}
	return s, logs
}

// watched is a list that learns of changes from events alone.
type watched struct{ *fileList }

func (w watched) AllowsOrigin(_ context.Context, origin string) (bool, error) {
	return w.list.allows(origin)
}

func watchFile(t testing.TB, path string) (watched, *observer.ObservedLogs) {
	t.Helper()
	log, logs := observed()
	l := newFileList(path, originRules{})
	l.poll = time.Hour
	l.join(&member{logger: log})
	l.open()
	t.Cleanup(func() { l.Destruct() })
	return watched{l}, logs
}

const (
	before = "https://before.example"
	after  = "https://after.example"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
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
		l := newFileList(filepath.Join(dir, filepath.Join(names...)), originRules{})
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
			must(t, os.Truncate(temp, maxList+1)) // a hole, so it costs nothing
			must(t, os.Rename(temp, path))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "origins.txt")
			writeFile(t, path, before)
			s, logs := startFile(t, path, originRules{})
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
			s, _ = startFile(t, bad, originRules{})
			wantAnswer(t, s, "unknown", before, after)
		})
	}
}

// TestFileEmpty: an empty file allows nobody, with a warning.
func TestFileEmpty(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "origins.txt")
	writeFile(t, path, "")
	s, logs := startFile(t, path, originRules{})
	wantAnswer(t, s, "no", before)
	writeFile(t, path, before)
	comesToSay(t, s, "yes", before)
	must(t, os.Truncate(path, 0))
	comesToSay(t, s, "no", before)
	if toldOf(logs, "allows nobody", path) != 2 {
		t.Errorf("logged %v", logs.All())
	}
}

// TestFileWriteInProgress: the moment in which a writer in place has emptied
// the file is not taken for a list of nobody. That moment must not be too long:
// a machine that is too busy to be quick gets another try.
func TestFileWriteInProgress(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "origins.txt")
	writeFile(t, path, before)
	l := newFileList(path, originRules{})
	l.quiet = 300 * time.Millisecond // five times that until an empty file is believed
	l.open()
	t.Cleanup(func() { l.Destruct() })
	s := watched{l}
	for range 10 {
		must(t, os.WriteFile(path, []byte(before), 0o600))
		comesToSay(t, s, "no", after)
		comesToSay(t, s, "yes", before)
		begin := time.Now()
		must(t, os.Truncate(path, 0))
		time.Sleep(l.quiet + l.quiet/2) // it was read empty
		must(t, os.WriteFile(path, []byte(before+"\n"+after), 0o600))
		tooLong := time.Since(begin) > 5*l.quiet
		for answered(s, after) == "no" && answered(s, before) == "yes" {
			time.Sleep(time.Millisecond)
		}
		switch {
		case answered(s, before) == "yes":
			return
		case !tooLong:
			t.Fatal("a file that is being written was taken for an empty one")
		}
	}
	t.Fatal("the machine is too busy for this test")
}

// TestFileWithoutEvents: a look from time to time finds what no event told of,
// even if the file looks as before.
func TestFileWithoutEvents(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "origins.txt")
	log, logs := observed()
	l := newFileList(path, originRules{})
	l.join(&member{logger: log})
	want := func(list string, age time.Duration, loads int) {
		t.Helper()
		l.load(t.Context())
		if yes, err := l.list.allows(list); !yes || err != nil {
			t.Errorf("%s is not allowed (%v)", list, err)
		}
		if got := toldOf(logs, "loaded a list"); got != loads {
			t.Errorf("%d loads, want %d", got, loads)
		}
		if age > 0 {
			old := time.Now().Add(-age)
			must(t, os.Chtimes(path, old, old))
		}
	}
	must(t, os.WriteFile(path, []byte(before), 0o600))
	want(before, 0, 1)
	// As long, in the same file, at the same time as far as the clock can tell.
	info, err := os.Stat(path)
	must(t, err)
	must(t, os.WriteFile(path, []byte(after+"\n"), 0o600))
	must(t, os.Chtimes(path, info.ModTime(), info.ModTime()))
	want(after, time.Hour, 2)
	want(after, 0, 2)
	if l.changed() {
		t.Error("an old file that did not change is read again and again")
	}
	writeFile(t, path, before)
	want(before, 0, 3)
}

// TestFileGrows: what changes while it is read may be half of something.
func TestFileGrows(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "origins.txt")
	must(t, os.WriteFile(path, []byte(before), 0o600))
	must(t, os.Truncate(path, 64<<20)) // long to read
	ctx, cancel := context.WithCancel(t.Context())
	var writer sync.WaitGroup
	writer.Go(func() {
		for ctx.Err() == nil {
			f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o600)
			if err != nil {
				return
			}
			f.WriteString("\n")
			f.Close()
			time.Sleep(time.Millisecond)
		}
	})
	l := newFileList(path, originRules{})
	eventually(t, "a change to be noticed", func() bool {
		_, err := l.read()
		return errors.Is(err, errUnsettled) && l.last == nil
	})
	cancel()
	writer.Wait()
	if _, err := l.read(); err != nil {
		t.Error(err)
	}
}

// TestFilePipe: opening a pipe would hang.
func TestFilePipe(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pipe")
	makePipe(t, path)
	s, logs := startFile(t, path, originRules{})
	wantAnswer(t, s, "unknown", before)
	if toldOf(logs, "no regular file") != 1 {
		t.Errorf("logged %v", logs.All())
	}
}

// TestFileNeverHalf: readers see all of one list or all of another.
func TestFileNeverHalf(t *testing.T) {
	t.Parallel()
	const size = 3000
	lists := []string{manyOrigins("a", size), manyOrigins("b", size)}
	path := filepath.Join(t.TempDir(), "origins.txt")
	writeFile(t, path, lists[0])
	s, logs := startFile(t, path, originRules{})
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
	for i := 1; toldOf(logs, "loaded a list") < 6; i++ {
		writeFile(t, path, lists[i%2])
		time.Sleep(time.Duration(i%5) * 50 * time.Millisecond)
	}
	cancel()
	readers.Wait()
}

// TestFileReloads: a hundred reloads, where the new configuration starts before
// the old one is cleaned up, and a hundred starts leave nothing behind, while
// the file changes all the time.
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
		must(t, old.start(originRules{}))
		for range 100 {
			s, _ := newFile(t, path)
			must(t, s.start(originRules{}))
			must(t, old.Cleanup())
			must(t, old.Cleanup())
			wantAnswer(t, s, "yes", before)
			wantAnswer(t, old, "yes", before) // a request that is still there
			old = s
		}
		must(t, old.Cleanup())
		for i := range 100 {
			s, _ := newFile(t, path)
			must(t, s.start(originRules{credentials: i%2 == 0}))
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
	old, oldLogs := startFile(t, path, originRules{})
	for range 40 {
		if s, _ := startFile(t, path, originRules{}); s.list != old.list {
			t.Fatal("the list is there twice")
		}
	}
	strict, _ := startFile(t, path, originRules{credentials: true})
	wantAnswer(t, old, "yes", "http://plain.example")
	wantAnswer(t, strict, "no", "http://plain.example")

	must(t, os.Remove(path))
	s, logs := startFile(t, path, originRules{})
	wantAnswer(t, s, "yes", before)
	eventually(t, "a warning in the newest log", func() bool { return toldOf(logs, "last good state") > 0 })
	quiet := oldLogs.Len()
	writeFile(t, path, after)
	comesToSay(t, s, "yes", after)
	if toldOf(logs, "loaded a list") != 1 || oldLogs.Len() != quiet {
		t.Errorf("logged %v and %v", logs.All(), oldLogs.All())
	}
}

// TestFileMillion loads a million origins, and answers while it loads them
// again.
func TestFileMillion(t *testing.T) {
	if testing.Short() {
		t.Skip("a million origins take seconds")
	}
	path := filepath.Join(t.TempDir(), "origins.txt")
	writeFile(t, path, manyOrigins("a", 1_000_000))
	begin := time.Now()
	s, logs := startFile(t, path, originRules{credentials: true})
	eventually(t, "the first load", func() bool { return answered(s, "https://a999999.example.com") == "yes" })
	t.Logf("a million origins loaded in %v", time.Since(begin))
	wantAnswer(t, s, "no", "https://b0.example.com")

	writeFile(t, path, manyOrigins("b", 1_000_000))
	var slowest time.Duration
	for answered(s, "https://b999999.example.com") != "yes" {
		begin := time.Now()
		s.AllowsOrigin(t.Context(), "https://a0.example.com")
		slowest = max(slowest, time.Since(begin))
	}
	t.Logf("the slowest answer during a reload took %v", slowest)
	if toldOf(logs, "loaded a list", "origins:1000000") != 2 {
		t.Errorf("logged %v", logs.All())
	}
}

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

// TestFileInCaddy asks the whole server.
func TestFileInCaddy(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "origins.txt")
	t.Cleanup(func() { os.Remove(path) })
	srv := corstest.Site(t, "cors {\n\torigins_from file "+path+"\n\tcredentials\n}\nrespond hello")
	res := corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.App))
	corstest.WantNothing(t, res.Header)
	corstest.WantVary(t, res.Header, "Origin")
	writeFile(t, path, corstest.App+"\nhttp://plain.example\n")
	eventually(t, "the origin to be allowed", func() bool {
		return corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.App)).Header.Get(headerAllowOrigin) == corstest.App
	})
	corstest.WantNothing(t, corstest.Ask(t, "GET", srv.URL, corstest.From("http://plain.example")).Header)
	corstest.WantNothing(t, corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.Evil)).Header)
	if corstest.LogLines(t.Name()).Count("source_unavailable") == 0 {
		t.Error("nothing says that the source was not there")
	}
}

// TestSourceMistakes: mistakes are found while adapting, with their place.
func TestSourceMistakes(t *testing.T) {
	t.Parallel()
	for lines, want := range map[string]string{
		"origins_from file":                                                "file needs one <path>, not 0",
		"origins_from file a b":                                            "not 2",
		"origins_from file \"\"":                                           "the path of file is empty",
		"origins_from file {http.request.host}":                            "depends on the request",
		"origins_from file a {\n\tpoll 1s\n\t}":                            `file takes no block; remove "poll" and the braces, at Caddyfile:4`,
		"origins_from ask":                                                 "ask needs one <url>",
		"origins_from ask ftp://a.example":                                 `url "ftp://a.example" is no http or https URL`,
		"origins_from ask a.example":                                       "is no http or https URL",
		"origins_from ask http:///cors":                                    "has no host",
		"origins_from ask http://a.example#b":                              "has a fragment (#)",
		"origins_from ask http://a.example?origin=x":                       `has a parameter "origin" already`,
		"origins_from ask http://a.example:x/":                             "cannot be read",
		"origins_from ask http://a.example {\n\ttimout 1s\n\t}":            `unknown option "timout" of ask; did you mean timeout?, at Caddyfile:4`,
		"origins_from ask http://a.example {\n\tttl 1s\n\tttl 2s\n\t}":     "ttl is given twice (lines 4 and 5)",
		"origins_from ask http://a.example {\n\tttl 1\n\t}":                `ttl "1" is not a duration`,
		"origins_from ask http://a.example {\n\tstale 0s\n\t}":             `stale "0s" must be longer`,
		"origins_from ask http://a.example {\n\tcache_size -1\n\t}":        `cache_size "-1" is not a number above zero`,
		"origins_from ask http://a.example {\n\tmax_in_flight 1 2\n\t}":    "max_in_flight needs one value, not 2",
		"origins_from ask http://a.example {\n\tttl 1s {\n\t\tx\n\t}\n\t}": "ttl takes no block",
		"origins_from storage":                                             "storage needs one <key>",
		"origins_from storage ../key":                                      `key "../key" is none`,
		"origins_from storage /key":                                        `key "/key" is none`,
		"origins_from storage certificates/x":                              "belongs to Caddy itself",
		"origins_from storage a/b {\n\trefresh x\n\t}":                     `refresh "x" is not a duration`,
		"origins_from storage a/b {\n\tinterval 1s\n\t}":                   "the options are refresh",
	} {
		_, err := corstest.Adapt("http:// {\n\tcors {\n" + lines + "\n}\n}\n")
		if err == nil || !strings.Contains(err.Error(), "at Caddyfile:") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", lines, err, want)
		}
	}
}
