package cors

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

// observed is a logger whose lines a test can read.
func observed() (*zap.Logger, *observer.ObservedLogs) {
	core, logs := observer.New(zapcore.InfoLevel)
	return zap.New(core), logs
}

// eventually waits until a condition holds, which a busy machine may need a
// moment for.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(corstest.Patience); !holds(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for: %s", what)
		}
	}
}

// answered is the answer of a source in a word.
func answered(s OriginSource, origin string) string {
	switch yes, err := s.AllowsOrigin(context.Background(), origin); {
	case err != nil:
		return "unknown"
	case yes:
		return "yes"
	default:
		return "no"
	}
}

// wantAnswer checks the answers of a source at this moment.
func wantAnswer(t testing.TB, s OriginSource, want string, origins ...string) {
	t.Helper()
	for _, o := range origins {
		if got := answered(s, o); got != want {
			t.Errorf("%s: the source says %s, want %s", o, got, want)
		}
	}
}

// comesToSay waits for an answer.
func comesToSay(t testing.TB, s OriginSource, want, origin string) {
	t.Helper()
	eventually(t, fmt.Sprintf("%s: %s", origin, want), func() bool { return answered(s, origin) == want })
}

// toldOf counts lines by a part of their message or their fields.
func toldOf(logs *observer.ObservedLogs, words ...string) (n int) {
next:
	for _, e := range logs.All() {
		line := fmt.Sprint(e.Message, e.ContextMap())
		for _, w := range words {
			if !strings.Contains(line, w) {
				continue next
			}
		}
		n++
	}
	return n
}

// caddyContext is one that modules can be provisioned with; but it has no
// storage.
func caddyContext(t testing.TB) caddy.Context {
	t.Helper()
	ctx, cancel := caddy.NewContext(caddy.Context{Context: context.Background()})
	t.Cleanup(cancel)
	return ctx
}

// noLeaks runs something and checks that goroutines and file handles come back
// to what they were. Tests that use it are not parallel.
func noLeaks(t *testing.T, f func()) {
	t.Helper()
	f() // what is opened only once
	runtime.GC()
	goroutines, handles := runtime.NumGoroutine(), openHandles()
	f()
	eventually(t, fmt.Sprintf("no more than %d goroutines and %d file handles", goroutines, handles), func() bool {
		return runtime.NumGoroutine() <= goroutines && openHandles() <= handles
	})
}

// openHandles counts file handles, where there is /proc.
func openHandles() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}

// writeFile replaces a file as one should.
func writeFile(t testing.TB, path, content string) {
	t.Helper()
	temp := filepath.Join(filepath.Dir(path), ".new-"+filepath.Base(path))
	if err := os.WriteFile(temp, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(temp, path); err != nil {
		t.Fatal(err)
	}
}

// manyOrigins is a list of n origins.
func manyOrigins(prefix string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "https://%s%d.example.com\n", prefix, i)
	}
	return b.String()
}

// TestParseList reads everything that a list may look like.
func TestParseList(t *testing.T) {
	t.Parallel()
	strict := originRules{credentials: true}
	for name, c := range map[string]struct {
		content string
		rules   originRules
		origins []string // that are allowed
		bad     []string // "line: part of the reason"
		err     error
	}{
		"empty":          {content: ""},
		"only comments":  {content: "# nobody\n\n  # yet\n"},
		"one":            {content: "https://a.example", origins: []string{"https://a.example"}},
		"mark and CRLF":  {content: byteOrderMark + "https://a.example\r\nhttps://b.example\r\n", origins: []string{"https://a.example", "https://b.example"}},
		"mark, comment":  {content: byteOrderMark + "# list\nhttps://a.example\n", origins: []string{"https://a.example"}},
		"comments":       {content: "\thttps://a.example  # a\nhttps://b.example\t#b # c\n", origins: []string{"https://a.example", "https://b.example"}},
		"patterns":       {content: "https://*.a.example\nhttp://localhost:*\n", rules: strict, origins: []string{"https://x.a.example", "http://localhost:3000"}},
		"twice":          {content: "https://a.example\nhttps://a.example\n", origins: []string{"https://a.example"}},
		"two in a line":  {content: "https://a.example https://b.example\nhttps://c.example", origins: []string{"https://c.example"}, bad: []string{"1: "}},
		"fragment":       {content: "https://a.example#b\nhttps://c.example", origins: []string{"https://c.example"}, bad: []string{"1: "}},
		"path":           {content: "https://c.example\nhttps://a.example/\n", origins: []string{"https://c.example"}, bad: []string{`2: origin "https://a.example/"`}},
		"any origin":     {content: "*\nnull\nhttps://c.example", origins: []string{"https://c.example"}, bad: []string{"1: \"*\" cannot", "2: \"null\" cannot"}},
		"insecure":       {content: "http://a.example\nhttp://*.a.example\nhttps://c.example", rules: strict, origins: []string{"https://c.example"}, bad: []string{"1: http://a.example with credentials", "2: "}},
		"public suffix":  {content: "https://*.github.io\nhttps://c.example", origins: []string{"https://c.example"}, bad: []string{"1: https://*.github.io: github.io is a public suffix"}},
		"accepted risks": {content: "http://a.example\nhttps://*.github.io", rules: originRules{true, true, true}, origins: []string{"http://a.example", "https://me.github.io"}},
		"long line":      {content: "https://" + strings.Repeat("a", 2000) + "\nhttps://c.example", origins: []string{"https://c.example"}, bad: []string{"1: the line has 2008 bytes"}},
		"long comment":   {content: "https://c.example # " + strings.Repeat("a", 2000), origins: []string{"https://c.example"}},
		"error page":     {content: "<html>\n<h1>502 Bad Gateway</h1>\n</html>\n", bad: []string{"1: ", "2: ", "3: "}, err: errNoList},
		"only bad":       {content: "*\n", bad: []string{"1: "}, err: errNoList},
		"binary":         {content: "\x00\x01https://a.example\n", err: errNoText},
		"UTF-16":         {content: "\xff\xfeh\x00t\x00t\x00p\x00s\x00", err: errNoText},
		"Latin-1":        {content: "https://a.example # caf\xe9\n", err: errNoText},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set, bad, err := parseList(t.Context(), []byte(c.content), c.rules)
			if err != c.err { //nolint:errorlint // these are not wrapped
				t.Fatalf("got %v, want %v", err, c.err)
			}
			if bad.count != len(c.bad) {
				t.Fatalf("bad entries %v, want %q", bad, c.bad)
			}
			for i, want := range c.bad {
				if got := fmt.Sprintf("%d: %v", bad.first[i].line, bad.first[i].err); !strings.HasPrefix(got, want) {
					t.Errorf("bad entry %q, want %q", got, want)
				}
			}
			if err != nil {
				return
			}
			l := new(originList)
			l.set.Store(set)
			for _, o := range c.origins {
				if yes, err := l.allows(o); !yes || err != nil {
					t.Errorf("%s is not allowed (%v)", o, err)
				}
			}
			for _, o := range []string{"https://evil.example", "null", "*", "", "https://a.example/", "https://*.a.example", "https://github.io"} {
				if yes, err := l.allows(o); yes || err != nil {
					t.Errorf("%q is allowed (%v)", o, err)
				}
			}
		})
	}
}

// TestParseListEnds: a load ends when its configuration does.
func TestParseListEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := parseList(ctx, []byte(manyOrigins("a", 10_000)), originRules{}); err != context.Canceled { //nolint:errorlint // it is not wrapped
		t.Errorf("got %v", err)
	}
}

// TestListWarnings: a load with a million mistakes does not fill the log, and the
// same content and the same failure are not told of again.
func TestListWarnings(t *testing.T) {
	t.Parallel()
	log, logs := observed()
	l := &originList{name: "the list"}
	content := []byte("https://a.example\n" + strings.Repeat("nonsense\n", 1000))
	for range 3 {
		l.update(t.Context(), log, content)
	}
	if got := toldOf(logs, "is skipped:", "the list"); got != maxBadEntries {
		t.Errorf("%d warnings, want %d", got, maxBadEntries)
	}
	if toldOf(logs, "not_shown:980") != 1 || toldOf(logs, "loaded a list", "origins:1", "skipped:1000") != 1 || logs.Len() != maxBadEntries+2 {
		t.Errorf("logged %v", logs.All())
	}
	for range 3 {
		l.failed(log, os.ErrNotExist)
	}
	l.update(t.Context(), log, content)
	l.update(t.Context(), log, content)
	if toldOf(logs, "last good state") != 1 || toldOf(logs, "can be read again") != 1 {
		t.Errorf("logged %v", logs.All())
	}
}

// TestAllowsDoesNotAllocate, since it is on the way of every request.
func TestAllowsDoesNotAllocate(t *testing.T) {
	l := new(originList)
	l.update(t.Context(), zap.NewNop(), []byte("https://a.example\nhttps://*.b.example\n"))
	if n := testing.AllocsPerRun(100, func() {
		_, _ = l.allows("https://a.example")
		_, _ = l.allows("https://evil.example")
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkFileAllowsOrigin(b *testing.B) {
	for _, n := range []int{1, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "origins.txt")
			writeFile(b, path, manyOrigins("a", n))
			s, _ := startFile(b, path, originRules{})
			last := fmt.Sprintf("https://a%d.example.com", n-1)
			wantAnswer(b, s, "yes", last)
			b.ReportAllocs()
			for b.Loop() {
				_, _ = s.AllowsOrigin(context.Background(), last)
			}
		})
	}
}
