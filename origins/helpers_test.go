package origins

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
	"github.com/caddy-cors/caddy-cors/internal/policy"
)

const (
	before = "https://before.example"
	after  = "https://after.example"
)

// reloads is how often a test reloads, and million how long a list is that is
// called one. CORS_ENDURE, the wish for the long form, says the whole number.
var reloads, million = 25, 100_000

func init() {
	if os.Getenv("CORS_ENDURE") != "" {
		reloads, million = 100, 1_000_000
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// observed is a logger whose lines a test can read.
func observed() (*zap.Logger, *observer.ObservedLogs) {
	core, logs := observer.New(zapcore.InfoLevel)
	return zap.New(core), logs
}

// eventually waits until a condition holds, for as long as a busy machine may
// need.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(corstest.Patience); !holds(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for: %s", what)
		}
	}
}

// answered is the answer of a source in a word.
func answered(s Source, origin string) string {
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
func wantAnswer(t testing.TB, s Source, want string, origins ...string) {
	t.Helper()
	for _, o := range origins {
		if got := answered(s, o); got != want {
			t.Errorf("%s: the source says %s, want %s", o, got, want)
		}
	}
}

// comesToSay waits for an answer.
func comesToSay(t testing.TB, s Source, want, origin string) {
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

// rulesOf are the rules of a policy, perhaps with credentials, that dangerously
// allows some words.
func rulesOf(t testing.TB, credentials bool, words ...string) policy.SourceRules {
	t.Helper()
	o := policy.Options{Sources: 1, Permissions: policy.PermissionOptions{Credentials: &credentials}}
	for _, word := range words {
		o.Dangerous = append(o.Dangerous, policy.Item{Text: word})
	}
	p, found := policy.Compile(&o)
	if p == nil {
		t.Fatal(found)
	}
	return p.SourceRules()
}
