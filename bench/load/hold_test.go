package main

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// testHolding returns a plan for a server, and what ends the server's side of a
// stream.
func testHolding(t *testing.T, kindName string, handler http.Handler) (h *holding, closeOne func()) {
	t.Helper()
	var conns sync.Map
	server := httptest.NewUnstartedServer(handler)
	server.Config.ConnState = func(c net.Conn, state http.ConnState) {
		if state == http.StateActive {
			conns.Store(c.RemoteAddr().String(), c)
		}
	}
	server.Start()
	h = &holding{
		target: target{url: server.URL + "/" + strings.ToLower(kindName)}, kind: kinds[kindName],
		want: expectation{major: 1, status: kinds[kindName].status}, count: 100,
	}
	if kindName == "SSE" {
		h.publish = server.URL + "/publish"
	}
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	t.Cleanup(h.close)
	return h, func() {
		c, ok := conns.Load(h.streams[h.count/2].conn.LocalAddr().String())
		if !ok {
			t.Fatal("the server does not know the stream")
		}
		c.(net.Conn).Close()
	}
}

func eachKind(t *testing.T, test func(t *testing.T, kind string)) {
	t.Helper()
	for kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			test(t, kind)
		})
	}
}

func withTimeout(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// TestHold: all streams are open at the same time, and stay so.
func TestHold(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, kind string) {
		t.Helper()
		var open atomic.Int64
		upstream := upstreamHandler()
		h, closeOne := testHolding(t, kind, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/publish" {
				open.Add(1)
				defer open.Add(-1)
			}
			upstream.ServeHTTP(w, r)
		}))
		ctx := withTimeout(t)
		if err := h.open(ctx); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := h.alive(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if n := open.Load(); n != int64(h.count) {
			t.Errorf("%d streams are open, want %d", n, h.count)
		}
		closeOne()
		if err := h.alive(ctx); err == nil {
			t.Error("did not notice that a stream was closed")
		}
	})
}

// TestHoldChecks: a stream with a wrong response is an error, and so is a server
// that does not stream.
func TestHoldChecks(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, kind string) {
		t.Helper()
		h, _ := testHolding(t, kind, upstreamHandler())
		h.want.allowOrigin = origin
		if err := h.open(withTimeout(t)); err == nil {
			t.Error("accepted a response without Access-Control-Allow-Origin")
		}
		h, _ = testHolding(t, kind, answer{200, nil, "data: tock\n\n"})
		if err := h.open(withTimeout(t)); err == nil {
			t.Error("accepted a server that does not stream")
		}
	})
}

func TestMemory(t *testing.T) {
	t.Parallel()
	const text = "# HELP go_goroutines Number.\n# TYPE go_goroutines gauge\ngo_goroutines 21\n" +
		"go_memstats_heap_alloc_bytes 4.345576e+06\ngo_memstats_heap_alloc_bytes_total 1\n"
	var heap, goroutines int64
	values := map[string]*int64{"go_memstats_heap_alloc_bytes": &heap, "go_goroutines": &goroutines}
	if err := parseMetrics(text, values); err != nil || heap != 4345576 || goroutines != 21 {
		t.Errorf("heap %d, goroutines %d, error %v", heap, goroutines, err)
	}
	values["go_memstats_stack_inuse_bytes"] = new(int64)
	if err := parseMetrics(text, values); err == nil {
		t.Error("did not miss the stacks")
	}
}

func TestProcess(t *testing.T) {
	t.Parallel()
	const line = "47 (a) b (c)) S 12 47 47 0 -1 4194304 1 2 3 4 250 31 6 7 20 0 9 0 100 1 2"
	s, err := parseStat([]byte(line))
	if err != nil || s != (processStat{47, 12}) {
		t.Errorf("%+v, error %v", s, err)
	}
	for _, bad := range []string{"", "47 a S", "47 (a) S", strings.Replace(line, "12", "x", 1), strings.Replace(line, "47", "x", 1)} {
		if s, err := parseStat([]byte(bad)); err == nil {
			t.Errorf("%q is %+v", bad, s)
		}
	}
	if runtime.GOOS != "linux" {
		t.Skip("no /proc")
	}
	if _, err := cpuTime(1 << 28); err == nil {
		t.Error("a process that is not there has used time")
	}
	before, err := cpuTime(os.Getpid())
	if err != nil || before <= 0 {
		t.Fatalf("this process has used %v, error %v", before, err)
	}
	worked := 0
	for start := time.Now(); time.Since(start) < 2*time.Millisecond; {
		worked++
	}
	if after, err := cpuTime(os.Getpid()); err != nil || after <= before {
		t.Errorf("%v after %d rounds of work, %v before, error %v", after, worked, before, err)
	}
}
