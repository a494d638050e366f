package origins

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/certmagic"
	"go.uber.org/zap/zaptest/observer"

	"github.com/caddy-cors/caddy-cors/internal/policy"
)

const listKey = "cors/origins"

// newStorage provisions a source of a storage.
func newStorage(t testing.TB, storage certmagic.Storage) (*Storage, *observer.ObservedLogs) {
	t.Helper()
	log, logs := observed()
	s := &Storage{Key: listKey, Refresh: caddy.Duration(minRefresh)}
	must(t, s.provision(&member{logger: log, storage: storage}))
	t.Cleanup(func() { s.Cleanup() })
	return s, logs
}

func startStorage(t testing.TB, storage certmagic.Storage, rules policy.SourceRules) (*Storage, *observer.ObservedLogs) {
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
	s, logs := startStorage(t, storage, rulesOf(t, true))
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

// TestStorageNeverHalf: a reader sees all of one list or all of another.
func TestStorageNeverHalf(t *testing.T) {
	t.Parallel()
	storage := files(t.TempDir())
	store(t, storage, manyOrigins("a", 1000))
	s, logs := startStorage(t, storage, policy.SourceRules{})
	i := 0
	eventually(t, "five lists", func() bool {
		store(t, storage, manyOrigins([]string{"b", "a"}[i%2], 1000))
		i++
		for range 100 {
			if n := s.list.set.Load().Len(); n != 1000 {
				t.Fatalf("%d origins", n)
			}
		}
		time.Sleep(20 * time.Millisecond)
		return toldOf(logs, "loaded a list") >= 5
	})
}

// TestStorageReloads: many reloads and starts leave nothing behind, while the
// list changes all the time.
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
		must(t, old.start(policy.SourceRules{}))
		for range reloads {
			s, _ := newStorage(t, files(storage.Path)) // each configuration has its own
			must(t, s.start(policy.SourceRules{}))
			if s.list != old.list {
				t.Fatal("the list is there twice")
			}
			must(t, old.Cleanup())
			must(t, old.Cleanup())
			wantAnswer(t, s, "yes", before)
			old = s
		}
		must(t, old.Cleanup())
		for range reloads {
			s, _ := newStorage(t, storage)
			must(t, s.start(policy.SourceRules{}))
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
	old, _ := startStorage(t, first, policy.SourceRules{})
	down := func(context.Context) ([]byte, error) { return nil, errors.New("connection refused") }
	second.become(down)
	s, logs := startStorage(t, second, policy.SourceRules{})
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
	stranger, _ := startStorage(t, other, policy.SourceRules{})
	wantAnswer(t, stranger, "unknown", before, after)
}

// TestStorageMistakes: keys of Caddy's own, and refreshing without a rest.
func TestStorageMistakes(t *testing.T) {
	t.Parallel()
	for want, s := range map[string]*Storage{
		"belongs to Caddy itself": {Key: "certificates/x"},
		"refresh 1ms would wear":  {Key: listKey, Refresh: caddy.Duration(time.Millisecond)},
		"refresh -1s must not":    {Key: listKey, Refresh: caddy.Duration(-time.Second)},
	} {
		if err := s.provision(new(member)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
