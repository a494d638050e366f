package bench

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"

	cors "github.com/caddy-cors/caddy-cors"
)

// scaleSizes is where time and memory matter when a list is loaded.
var scaleSizes = []int{1_000, 100_000, 1_000_000}

func eachScale(b *testing.B, f func(b *testing.B, l *list)) {
	b.Helper()
	ns := scaleSizes
	if testing.Short() {
		ns = scaleSizes[:1]
	}
	for _, wildcard := range []bool{false, true} {
		for _, n := range ns {
			l := newList(wildcard, n)
			b.Run(fmt.Sprintf("list=%s/origins=%d", l.kind(), n), func(b *testing.B) { f(b, l) })
		}
	}
}

// BenchmarkCompile is from the strings of the configuration to a handler that
// serves. The metric is the memory that the handler holds then, its
// configuration included, without the bytes of the text itself.
func BenchmarkCompile(b *testing.B) {
	eachScale(b, func(b *testing.B, l *list) {
		b.Helper()
		caddyContext(b) // not to be counted
		origins, text := packed(l)
		before := liveHeap()
		h := provisioned(b, handler(origins))
		held := liveHeap() - before
		if err := serves(h, l); err != nil {
			b.Fatal(err)
		}
		// The list of strings was there before, and is the handler's own now.
		held += int64(cap(origins)) * int64(stringHeader)
		runtime.KeepAlive(text)

		for b.Loop() {
			provisioned(b, handler(origins))
		}
		b.ReportMetric(float64(held)/float64(len(origins)), "B/origin")
	})
}

// stringHeader is what a string costs beside its bytes.
const stringHeader = 16

// packed is the origins of a list in one piece of memory, so that the text
// costs what it is long, and nothing for how it was allocated.
func packed(l *list) (origins []string, text string) {
	origins = l.origins()
	text = strings.Join(origins, "")
	rest := text
	for i, o := range origins {
		origins[i], rest = rest[:len(o)], rest[len(o):]
	}
	return origins, text
}

func provisioned(b *testing.B, h *cors.Handler) *cors.Handler {
	b.Helper()
	if err := h.Provision(caddyContext(b)); err != nil {
		b.Fatal(err)
	}
	return h
}

// serves checks some of the origins, allowed and refused.
func serves(h *cors.Handler, l *list) error {
	x := newInCaddy(h)
	for _, q := range requests(l) {
		if err := verify(x, q); err != nil {
			return err
		}
	}
	return nil
}

// liveHeap is the bytes of what can be reached.
func liveHeap() int64 {
	runtime.GC()
	runtime.GC() // what finalizers and pools of the first one let go
	return heapObjects()
}

// heapObjects is the bytes of objects, reachable or not yet swept.
func heapObjects() int64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}

// BenchmarkReload is what a reload of Caddy does with a handler: the new one is
// read from JSON and provisioned while the old one serves, and then the old one
// goes. The metrics are the heap with one handler, at the peak, and after the
// reload.
func BenchmarkReload(b *testing.B) {
	reload(b, func(b *testing.B, h *cors.Handler) {
		b.Helper()
		provisioned(b, h)
	}, serves)
}

// BenchmarkReloadText only reads the configuration and keeps it, which is the
// least that any handler with such a list does.
func BenchmarkReloadText(b *testing.B) {
	reload(b, func(*testing.B, *cors.Handler) {}, func(h *cors.Handler, l *list) error {
		if len(h.Origins) != len(l.tenants) {
			return fmt.Errorf("%d origins, want %d", len(h.Origins), len(l.tenants))
		}
		return nil
	})
}

func reload(b *testing.B, start func(*testing.B, *cors.Handler), works func(*cors.Handler, *list) error) {
	b.Helper()
	eachScale(b, func(b *testing.B, l *list) {
		b.Helper()
		config, err := json.Marshal(handler(l.origins()))
		if err != nil {
			b.Fatal(err)
		}
		load := func() *cors.Handler {
			h := new(cors.Handler)
			if err := caddy.StrictUnmarshalJSON(config, h); err != nil {
				b.Fatal(err)
			}
			start(b, h)
			return h
		}
		empty := liveHeap()
		inForce := load()
		one := liveHeap() - empty

		peak := watchHeap()
		for b.Loop() {
			old := inForce
			inForce = load()
			if c, ok := any(old).(caddy.CleanerUpper); ok {
				if err := c.Cleanup(); err != nil {
					b.Fatal(err)
				}
			}
		}
		highest := peak() - empty
		after := liveHeap() - empty
		if err := works(inForce, l); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(one), "one-B")
		b.ReportMetric(float64(highest), "peak-B")
		b.ReportMetric(float64(after), "after-B")
		runtime.KeepAlive(config)
	})
}

// watchHeap looks at the heap every millisecond until the function that it
// returns is called, which says how high it was.
func watchHeap() func() int64 {
	stop, highest := make(chan struct{}), make(chan int64)
	go func() {
		ticker := time.NewTicker(time.Millisecond)
		defer ticker.Stop()
		most := heapObjects()
		for {
			select {
			case <-ticker.C:
				most = max(most, heapObjects())
			case <-stop:
				highest <- most
				return
			}
		}
	}()
	return func() int64 {
		close(stop)
		return <-highest
	}
}
