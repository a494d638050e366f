package cors

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/certmagic"
	"go.uber.org/zap/zaptest/observer"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

const listKey = "cors/origins"

// newStorage provisions a source of a storage.
func newStorage(t testing.TB, storage certmagic.Storage) (*StorageSource, *observer.ObservedLogs) {
	t.Helper()
	log, logs := observed()
	s := &StorageSource{Key: listKey, Refresh: caddy.Duration(minRefresh)}
	must(t, s.provision(&member{logger: log, storage: storage}))
	t.Cleanup(func() { s.Cleanup() })
	return s, logs
}

func startStorage(t testing.TB, storage certmagic.Storage, rules originRules) (*StorageSource, *observer.ObservedLogs) {
	t.Helper()
	s, logs := newStorage(t, storage)
	must(t, s.start(rules))
	return s, logs
}

func files(dir string) *certmagic.FileStorage { return &certmagic.FileStorage{Path: dir} }

func store(t testing.TB, storage certmagic.Storage, list string) {
	t.Helper()
	must(t, storage.Store(t.Context(), listKey, []byte(list)))
}

// TestStorage: missing at start, there, changed, bad, gone, and there again.
func TestStorage(t *testing.T) {
	t.Parallel()
	storage := files(t.TempDir())
	s, logs := startStorage(t, storage, originRules{credentials: true})
	wantAnswer(t, s, "unknown", before)
	if toldOf(logs, "until it can be", "add --key cors/origins") != 1 {
		t.Errorf("logged %v", logs.All())
	}
	store(t, storage, before+"\nhttp://plain.example\n")
	comesToSay(t, s, "yes", before)
	wantAnswer(t, s, "no", after, "http://plain.example")
	if toldOf(logs, "is skipped:", "http://plain.example", "line:2", "storage cors/origins") != 1 {
		t.Errorf("logged %v", logs.All())
	}
	for i, bad := range []string{"\x00", "<html>\n"} {
		store(t, storage, bad)
		eventually(t, "a warning", func() bool { return toldOf(logs, "last good state") == i+1 })
		wantAnswer(t, s, "yes", before)
	}
	must(t, storage.Delete(t.Context(), listKey))
	eventually(t, "a warning", func() bool { return toldOf(logs, "last good state") == 3 })
	wantAnswer(t, s, "yes", before)
	store(t, storage, after)
	comesToSay(t, s, "yes", after)
	wantAnswer(t, s, "no", before)
	store(t, storage, "")
	comesToSay(t, s, "no", after)
}

// mood is what a storage does instead of loading.
type mood func(ctx context.Context) ([]byte, error)

// moody is a storage that fails, hangs or lies as a test wants.
type moody struct {
	certmagic.Storage

	mood  atomic.Pointer[mood]
	loads atomic.Int64
}

func (m *moody) become(f mood) { m.mood.Store(&f) }

func (m *moody) Load(ctx context.Context, key string) ([]byte, error) {
	m.loads.Add(1)
	if f := m.mood.Load(); f != nil && *f != nil {
		return (*f)(ctx)
	}
	return m.Storage.Load(ctx, key)
}

// TestStorageFails: a storage that fails, or is slow, leaves the list alone;
// requests do not wait; and what it fails with is told once.
func TestStorageFails(t *testing.T) {
	t.Parallel()
	storage := &moody{Storage: files(t.TempDir())}
	store(t, storage, before)
	s, logs := startStorage(t, storage, originRules{})
	wantAnswer(t, s, "yes", before)
	down := func(context.Context) ([]byte, error) { return nil, errors.New("connection refused") }
	storage.become(down)
	for n := storage.loads.Load(); storage.loads.Load() < n+3; time.Sleep(time.Millisecond) {
		wantAnswer(t, s, "yes", before)
	}
	if toldOf(logs, "connection refused") != 1 {
		t.Errorf("logged %v", logs.All())
	}
	huge := make([]byte, maxList+1)
	storage.become(func(context.Context) ([]byte, error) { return huge, nil })
	eventually(t, "a warning", func() bool { return toldOf(logs, "larger than 256 MiB") == 1 })
	wantAnswer(t, s, "yes", before)
	storage.become(nil)
	eventually(t, "news", func() bool { return toldOf(logs, "can be read again") == 1 })

	storage.become(func(ctx context.Context) ([]byte, error) { <-ctx.Done(); return nil, ctx.Err() })
	for n := storage.loads.Load(); storage.loads.Load() == n; time.Sleep(time.Millisecond) {
		wantAnswer(t, s, "yes", before)
	}
	must(t, s.Cleanup())
	wantAnswer(t, s, "yes", before)
}

// TestStorageHangs: a storage that never comes back, whatever its context says,
// is asked once. The list outlives it, and a reload with one that works mends
// it.
func TestStorageHangs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	storage := &moody{Storage: files(dir)}
	store(t, storage, before)
	log, logs := observed()
	l := newStorageList(listKey, time.Millisecond, originRules{})
	l.patience = 10 * time.Millisecond
	l.join(&member{logger: log, storage: storage})
	l.open()
	s := &StorageSource{list: &l.list}
	wantAnswer(t, s, "yes", before)
	hang := make(chan struct{})
	storage.become(func(context.Context) ([]byte, error) { <-hang; return []byte(corstest.Evil), nil })
	eventually(t, "a warning", func() bool { return toldOf(logs, "last good state", "deadline exceeded") > 0 })
	loads := storage.loads.Load()
	eventually(t, "a warning", func() bool { return toldOf(logs, "last good state", "earlier question") > 0 })
	wantAnswer(t, s, "yes", before)

	store(t, files(dir), after)
	l.join(&member{logger: log, storage: files(dir)})
	comesToSay(t, s, "yes", after)
	if n := storage.loads.Load() - loads; n != 0 {
		t.Errorf("it was asked %d times more", n)
	}
	close(hang)
	must(t, l.Destruct())
	wantAnswer(t, s, "yes", after)
	wantAnswer(t, s, "no", corstest.Evil)
}

// TestStorageNeverHalf: a reader sees all of one list or all of another.
func TestStorageNeverHalf(t *testing.T) {
	t.Parallel()
	storage := files(t.TempDir())
	store(t, storage, manyOrigins("a", 1000))
	s, logs := startStorage(t, storage, originRules{})
	for i := 0; toldOf(logs, "loaded a list") < 5; i++ {
		store(t, storage, manyOrigins([]string{"b", "a"}[i%2], 1000))
		for range 100 {
			if n := s.list.set.Load().Len(); n != 1000 {
				t.Fatalf("%d origins", n)
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// TestStorageReloads: a hundred reloads and a hundred starts leave nothing
// behind, while the list changes all the time.
func TestStorageReloads(t *testing.T) {
	storage := files(t.TempDir())
	store(t, storage, before)
	noLeaks(t, func() {
		ctx, cancel := context.WithCancel(t.Context())
		var writer sync.WaitGroup
		writer.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				store(t, storage, fmt.Sprintf("%s\nhttps://v%d.example\n", before, i))
				time.Sleep(time.Millisecond)
			}
		})
		old, _ := newStorage(t, files(storage.Path))
		must(t, old.start(originRules{}))
		for range 100 {
			s, _ := newStorage(t, files(storage.Path)) // each configuration has its own
			must(t, s.start(originRules{}))
			if s.list != old.list {
				t.Fatal("the list is there twice")
			}
			must(t, old.Cleanup())
			must(t, old.Cleanup())
			wantAnswer(t, s, "yes", before)
			old = s
		}
		must(t, old.Cleanup())
		for range 100 {
			s, _ := newStorage(t, storage)
			must(t, s.start(originRules{}))
			wantAnswer(t, s, "yes", before)
			must(t, s.Cleanup())
		}
		cancel()
		writer.Wait()
	})
}

// TestStorageReloadWhileDown: a new configuration whose storage is down takes
// the list over, and uses its own storage, as the old one is closed.
func TestStorageReloadWhileDown(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, second := &named{moody{Storage: files(dir)}}, &named{moody{Storage: files(dir)}}
	store(t, first, before)
	old, _ := startStorage(t, first, originRules{})
	down := func(context.Context) ([]byte, error) { return nil, errors.New("connection refused") }
	second.become(down)
	s, logs := startStorage(t, second, originRules{})
	must(t, old.Cleanup())
	closed := func(context.Context) ([]byte, error) { return nil, errors.New("closed") }
	first.become(closed)
	eventually(t, "a warning", func() bool { return toldOf(logs, "last good state", "connection refused") == 1 })
	wantAnswer(t, s, "yes", before)
	store(t, second, after)
	second.become(nil)
	comesToSay(t, s, "yes", after)

	// Another storage is another list.
	other := &moody{Storage: files(t.TempDir())}
	stranger, _ := startStorage(t, other, originRules{})
	wantAnswer(t, stranger, "unknown", before, after)
}

// named is a storage that says who it is.
type named struct{ moody }

func (n *named) String() string { return fmt.Sprint("named ", n.Storage) }

// TestStorageKeys: keys must be some, and none of Caddy's own.
func TestStorageKeys(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"origins", "cors/origins", "cors/a.b/c_d-e"} {
		if err := checkStorageKey(key); err != nil {
			t.Error(err)
		}
	}
	for _, key := range []string{"", ".", "..", "a/../b", "/a", "a/", "a//b", `a\b`, "a\nb", "certificates/x/y.key", "ACME/users", "pki/authorities/local/root.key", "locks/x", "stek/stek.bin", "ech/configs"} {
		if err := checkStorageKey(key); err == nil {
			t.Errorf("%q is accepted", key)
		}
	}
	for want, s := range map[string]*StorageSource{
		"refresh 1ms would wear": {Key: listKey, Refresh: caddy.Duration(time.Millisecond)},
		"refresh -1s must not":   {Key: listKey, Refresh: caddy.Duration(-time.Second)},
	} {
		if err := s.provision(new(member)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// caddyProcess is another Caddy, and a shell beside it.
type caddyProcess struct {
	t     *testing.T
	url   string
	stdin io.Writer
	lines *bufio.Scanner
}

// startProcess starts a Caddy with its data in a directory.
func startProcess(t *testing.T, name, data string) *caddyProcess {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestStorageProcess$")
	cmd.Env = append(os.Environ(), corstest.ChildProcess+"="+name, "XDG_DATA_HOME="+data)
	cmd.Dir = t.TempDir()
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	must(t, err)
	stdout, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() {
		stdin.Close()
		cmd.Wait()
	})
	p := &caddyProcess{t: t, stdin: stdin, lines: bufio.NewScanner(stdout)}
	p.url = p.expect("http://")
	return p
}

// expect reads the next line that begins with a word.
func (p *caddyProcess) expect(word string) string {
	p.t.Helper()
	for p.lines.Scan() {
		if strings.HasPrefix(p.lines.Text(), word) {
			return p.lines.Text()
		}
	}
	p.t.Fatalf("the process ended without %q", word)
	return ""
}

// cors runs caddy cors origins in the process.
func (p *caddyProcess) cors(command, origin string) {
	p.t.Helper()
	fmt.Fprintln(p.stdin, command, origin)
	p.expect("exit 0")
}

// allows asks the process as a browser would.
func (p *caddyProcess) allows(origin string) bool {
	p.t.Helper()
	return corstest.Ask(p.t, "GET", p.url, corstest.From(origin)).Header.Get(headerAllowOrigin) == origin
}

// TestStorageProcesses: two Caddy processes with one storage see each other's
// changes.
func TestStorageProcesses(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	one, two := startProcess(t, "one", data), startProcess(t, "two", data)
	all := func(what string, origin string, allowed bool) {
		t.Helper()
		for _, p := range []*caddyProcess{one, two} {
			eventually(t, what, func() bool { return p.allows(origin) == allowed })
		}
	}
	all("nobody to be allowed at first", corstest.App, false)
	one.cors("add", corstest.App)
	all("the first change", corstest.App, true)
	two.cors("add", "https://*.partner.example")
	all("the second change", "https://a.partner.example", true)
	two.cors("remove", corstest.App)
	all("the third change", corstest.App, false)
	all("the rest to stay", "https://a.partner.example", true)
}

// TestStorageProcess is a process of TestStorageProcesses.
func TestStorageProcess(t *testing.T) {
	if os.Getenv(corstest.ChildProcess) == "" {
		t.Skip("this is the other process of TestStorageProcesses")
	}
	srv := corstest.Site(t, "cors {\n\torigins_from storage "+listKey+" {\n\t\trefresh 100ms\n\t}\n}\nrespond hello")
	fmt.Println(srv.URL)
	commands := map[string]listRunner{"add": runOriginsAdd, "remove": runOriginsRemove}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		command, origin, _ := strings.Cut(lines.Text(), " ")
		code, err := runOrigins(io.Discard, originsFlags{key: listKey}, []string{origin}, commands[command])
		if err != nil {
			fmt.Println(err)
		}
		fmt.Println("exit", code)
	}
}

// TestStorageFollowsCommand: the file that the command writes is the one that
// the source reads.
func TestStorageFollowsCommand(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	config := filepath.Join(dir, "caddy.json")
	must(t, os.WriteFile(config, fmt.Appendf(nil, `{"storage": {"module": "file_system", "root": %q}}`, dir), 0o600))
	s, _ := startStorage(t, files(dir), originRules{})
	if code, err := runOrigins(io.Discard, originsFlags{config: config, key: listKey}, []string{corstest.App}, runOriginsAdd); code != exitDone || err != nil {
		t.Fatal(code, err)
	}
	comesToSay(t, s, "yes", corstest.App)
	if _, err := os.Stat(filepath.Join(dir, "cors", "origins")); errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}
