package e2e

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// logbook has what the server saw, by the key of the run of a case.
type logbook struct {
	mu    sync.Mutex
	more  *sync.Cond
	wires map[string][]wire
	// reached counts the requests that came to what stands behind Caddy.
	reached map[string]int
}

func (l *logbook) start() {
	l.more = sync.NewCond(&l.mu)
	l.wires = make(map[string][]wire)
	l.reached = make(map[string]int)
}

func (l *logbook) add(key string, w wire) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wires[key] = append(l.wires[key], w)
	l.more.Broadcast()
}

func (l *logbook) of(key string) []wire {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.wires[key])
}

func (l *logbook) reach(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reached[key]++
}

func (l *logbook) reachedBy(key string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.reached[key]
}

// asked is how many requests have come, preflights not counted.
func (l *logbook) asked(key string) (n int) {
	for _, w := range l.of(key) {
		if !w.Preflight {
			n++
		}
	}
	return n
}

// wait returns when n requests have come, or the time is over.
func (l *logbook) wait(key string, n int, limit time.Duration) {
	over := false
	timer := time.AfterFunc(limit, func() {
		l.mu.Lock()
		over = true
		l.mu.Unlock()
		l.more.Broadcast()
	})
	defer timer.Stop()
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.wires[key]) < n && !over {
		l.more.Wait()
	}
}

// wireOf writes down what matters of a request.
func (w *world) wireOf(r *http.Request, rest string) wire {
	h := r.Header
	return wire{
		Method:    r.Method,
		Host:      r.Host,
		Path:      rest,
		Origin:    w.nameOf(h["Origin"]),
		Preflight: r.Method == http.MethodOptions && len(h["Access-Control-Request-Method"]) > 0,
		Asks:      strings.Join(h["Access-Control-Request-Method"], " | "),
		AsksFor:   strings.Join(h["Access-Control-Request-Headers"], " | "),
		Cookie:    len(h["Cookie"]) > 0,
		Auth:      len(h["Authorization"]) > 0,
	}
}
