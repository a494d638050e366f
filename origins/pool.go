package origins

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/certmagic"
	"go.uber.org/zap"

	"github.com/caddy-cors/caddy-cors/internal/policy"
)

// sourcePool has what sources with equal options share. A snippet with a
// million origins that forty sites import is in memory once. And since a new
// configuration starts before the old one is cleaned up, lists and answers
// outlive a reload: it reads nothing again, and does not forget the last good
// state of a source that happens to be down.
var sourcePool = caddy.NewUsagePool()

// pooled is what sources share.
type pooled interface {
	caddy.Destructor
	open()
	join(*member)
	leave(*member)
}

// share returns what has the key, after making and opening it if it is new, and
// the function to give it back, which may be called again.
func share[T pooled](key any, m *member, create func() T) (shared T, giveBack func()) {
	// The constructor returns no error.
	v, _, _ := sourcePool.LoadOrNew(key, func() (caddy.Destructor, error) {
		s := create()
		s.join(m)
		s.open()
		return s, nil
	})
	shared, _ = v.(T)
	shared.join(m)
	return shared, sync.OnceFunc(func() {
		shared.leave(m)
		_, _ = sourcePool.Delete(key) // Destruct returns no error
	})
}

// member is one of the sources that share something.
type member struct {
	logger  *zap.Logger
	storage certmagic.Storage // of a Storage
	loading atomic.Bool       // the storage is asked, and has not answered yet
}

// members are those that share something, oldest first. The newest lends its
// logger and storage: those of an older configuration are closed earlier.
type members struct {
	mu   sync.Mutex
	list []*member
	wake chan struct{} // a member came: perhaps a reload, to see what is new
}

func newMembers() members { return members{wake: make(chan struct{}, 1)} }

func (ms *members) join(m *member) {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	if slices.Contains(ms.list, m) {
		return // it was there when this was made
	}
	ms.list = append(ms.list, m)
	if len(ms.list) > 1 {
		select {
		case ms.wake <- struct{}{}:
		default:
		}
	}
}

func (ms *members) leave(m *member) {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	ms.list = slices.DeleteFunc(ms.list, func(other *member) bool { return other == m })
}

// newest returns a member with a logger, even if there is none.
func (ms *members) newest() *member {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	if len(ms.list) == 0 {
		return &member{logger: zap.NewNop()}
	}
	return ms.list[len(ms.list)-1]
}

func (ms *members) log() *zap.Logger { return ms.newest().logger }

const (
	// startTimeout is how long the start of a configuration waits for a list.
	// Until it is there its origins are refused.
	startTimeout = 10 * time.Second

	// stopTimeout is how long its end waits for a goroutine that may hang in a
	// file system or storage.
	stopTimeout = time.Second
)

// keeper keeps a list up to date, in one goroutine.
type keeper struct {
	members
	list liveList

	cancel context.CancelFunc
	done   chan struct{}
}

func newKeeper(name string, rules policy.SourceRules) keeper {
	return keeper{
		members: newMembers(),
		list:    liveList{name: name, rules: rules},
		cancel:  func() {},
		done:    make(chan struct{}),
	}
}

// run starts the goroutine, and waits until it calls loaded.
func (k *keeper) run(loop func(ctx context.Context, loaded func())) {
	ctx, cancel := context.WithCancel(context.Background())
	k.cancel = cancel
	loaded := make(chan struct{})
	go func() {
		defer close(k.done)
		loop(ctx, func() { close(loaded) })
	}()
	late := time.NewTimer(startTimeout)
	defer late.Stop()
	select {
	case <-loaded:
	case <-late.C:
		k.log().Warn("a list of origins is slow to load; until it is there, its origins are refused",
			zap.String("source", k.list.name), zap.Duration("waited", startTimeout))
	}
}

// repeatFailure makes the next failure to read the list be logged even if it was
// logged before, because that was in the log of an older configuration. It
// reports whether there was one. It first waits until all sites of the new
// configuration have joined.
func (k *keeper) repeatFailure(ctx context.Context) bool {
	all := time.NewTimer(100 * time.Millisecond)
	defer all.Stop()
	select {
	case <-ctx.Done():
	case <-all.C:
	}
	select {
	case <-k.wake:
	default:
	}
	failing := k.list.lastFailure != ""
	k.list.lastFailure = ""
	return failing
}

// Destruct implements caddy.Destructor.
func (k *keeper) Destruct() error {
	k.cancel()
	late := time.NewTimer(stopTimeout)
	defer late.Stop()
	select {
	case <-k.done:
	case <-late.C: // it ends by itself once its read returns
	}
	return nil
}
