package origins

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/caddyserver/certmagic"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/originlist"
	"github.com/caddy-cors/caddy-cors/internal/policy"
)

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
	s, logs := startStorage(t, storage, policy.SourceRules{})
	wantAnswer(t, s, "yes", before)
	down := func(context.Context) ([]byte, error) { return nil, errors.New("connection refused") }
	storage.become(down)
	n := storage.loads.Load()
	eventually(t, "three more looks", func() bool {
		wantAnswer(t, s, "yes", before)
		return storage.loads.Load() >= n+3
	})
	if toldOf(logs, "connection refused") != 1 {
		t.Errorf("logged %v", logs.All())
	}
	huge := make([]byte, originlist.MaxSize+1)
	storage.become(func(context.Context) ([]byte, error) { return huge, nil })
	eventually(t, "a warning", func() bool { return toldOf(logs, "larger than 256 MiB") == 1 })
	wantAnswer(t, s, "yes", before)
	storage.become(nil)
	eventually(t, "news", func() bool { return toldOf(logs, "can be read again") == 1 })

	storage.become(func(ctx context.Context) ([]byte, error) { <-ctx.Done(); return nil, ctx.Err() })
	n = storage.loads.Load()
	eventually(t, "one more look", func() bool {
		wantAnswer(t, s, "yes", before)
		return storage.loads.Load() > n
	})
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
	l := newStorageList(listKey, time.Millisecond, policy.SourceRules{})
	l.loadTimeout = 10 * time.Millisecond
	l.join(&member{logger: log, storage: storage})
	l.open()
	s := &Storage{list: &l.list}
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

// named is a storage that says who it is.
type named struct{ moody }

func (n *named) String() string { return fmt.Sprint("named ", n.Storage) }
