package endurance

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"
)

// under puts the world under load for a while.
func (w *world) under(t *testing.T, lasts time.Duration, seed uint64) {
	load, stopLoad := context.WithCancel(t.Context())
	change, stopChange := context.WithCancel(t.Context())
	var loading, changing sync.WaitGroup
	random := func(stream uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, stream)) }
	for i := range workers {
		loading.Go(func() { w.work(load, t, protocols[i%len(protocols)], random(uint64(i))) })
	}
	for i := range streams {
		loading.Go(func() { w.follow(load, t, protocols[i%len(protocols)], random(uint64(1000+i))) })
		loading.Go(func() { w.talk(load, t, random(uint64(2000+i))) })
	}
	changing.Go(func() { w.reload(change, t) })
	changing.Go(func() { w.mortal.haunt(change, t) })
	changing.Go(func() { w.endpoint.haunt(change, t) })
	changing.Go(func() { w.list.rewrite(change, t, func(origin string) bool { return w.allows(t, listSite, origin) }) })
	w.watch(t, lasts)
	stopLoad()
	loading.Wait() // streams wait for a reload
	stopChange()
	changing.Wait()
}

const (
	workers = 12
	streams = 3
)

// watch waits until the time is over, and tells how it goes. On a machine that
// is slow or busy it takes longer: there must be some of everything.
func (w *world) watch(t *testing.T, lasts time.Duration) {
	t.Helper()
	begun := time.Now()
	told := begun
	for {
		time.Sleep(50 * time.Millisecond)
		past := time.Since(begun)
		if past >= lasts && (len(w.tally.missing()) == 0 || past >= lasts+patience) || t.Failed() && past >= lasts {
			return
		}
		if time.Since(told) >= 30*time.Second {
			told = time.Now()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			t.Logf("%4.0f s: %d responses, %d reloads, heap %.1f MB, %d goroutines",
				past.Seconds(), w.tally.checked.Load(), w.tally.reloads.Load(), float64(m.HeapAlloc)/1e6, runtime.NumGoroutine())
		}
	}
}

// work sends one request after the other.
func (w *world) work(ctx context.Context, t *testing.T, proto string, rnd *rand.Rand) {
	c := w.client(proto)
	defer c.transport.CloseIdleConnections()
	for ctx.Err() == nil {
		r := w.draw(rnd)
		if rnd.IntN(20) == 0 {
			c.transport.CloseIdleConnections()
		}
		x, err := c.do(t.Context(), r)
		if err != nil {
			w.tally.drop(t, r, err)
		} else {
			w.judge(t, x)
		}
		pause(ctx, 0, 2*time.Millisecond)
	}
}

// reload loads the next generation every second.
func (w *world) reload(ctx context.Context, t *testing.T) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := w.load(w.chronicle.current() + 1); err != nil {
				t.Error(err)
				return
			}
			w.tally.reloads.Add(1)
		}
	}
}
