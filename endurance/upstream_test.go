package endurance

import (
	"context"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

// lowPort finds a port that nobody listens on, below those that systems give
// to outgoing connections: so it is still free when a server comes back to it.
func lowPort(t *testing.T) int {
	t.Helper()
	for range 1000 {
		port := 20_000 + rand.IntN(10_000)
		l, err := net.Listen("tcp", loopback(port))
		if err == nil {
			l.Close()
			return port
		}
	}
	t.Fatal("no free port")
	return 0
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// mortal is a server that dies and comes back on the same port.
type mortal struct {
	addr    string
	handler http.Handler
	srv     *http.Server

	mu     sync.Mutex
	died   time.Time // last; zero: never
	up     time.Time // last
	deaths int
}

func newMortal(t *testing.T, handler http.Handler) *mortal {
	t.Helper()
	m := &mortal{addr: loopback(lowPort(t)), handler: handler}
	if err := m.rise(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.srv.Close() })
	return m
}

// rise opens the listener again.
func (m *mortal) rise() error {
	l, err := net.Listen("tcp", m.addr)
	for deadline := time.Now().Add(patience); err != nil && time.Now().Before(deadline); l, err = net.Listen("tcp", m.addr) {
		time.Sleep(100 * time.Millisecond)
	}
	if err != nil {
		return err
	}
	m.srv = &http.Server{Handler: m.handler, ReadHeaderTimeout: patience}
	go m.srv.Serve(l)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.up = time.Now()
	return nil
}

// die closes the listener and the idle connections. What is being answered is
// still answered, because half an answer proves nothing.
func (m *mortal) die() error {
	m.mu.Lock()
	m.died, m.up = time.Now(), time.Time{}
	m.deaths++
	m.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return m.srv.Shutdown(ctx)
}

// alive reports whether the server was there all the time since a moment.
func (m *mortal) alive(since time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return !m.up.IsZero() && m.up.Before(since)
}

// haunt lets the server die again and again.
func (m *mortal) haunt(ctx context.Context, t *testing.T) {
	for pause(ctx, 500*time.Millisecond, 1500*time.Millisecond) {
		if err := m.die(); err != nil {
			t.Errorf("stopping an upstream: %v", err)
		}
		pause(ctx, 200*time.Millisecond, 600*time.Millisecond)
		if err := m.rise(); err != nil {
			t.Errorf("an upstream cannot come back: %v", err)
			return
		}
	}
}

// pause waits for a while of random length; false means that it is over.
func pause(ctx context.Context, from, to time.Duration) bool {
	timer := time.NewTimer(from + rand.N(to-from))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// patience bounds how long the test waits for what must come. The long form
// puts a machine under more load, and may take its time.
var patience = map[bool]time.Duration{false: corstest.Patience, true: time.Minute}[os.Getenv("CORS_ENDURE") != ""]

// upstream answers with the CORS headers that it is asked for, streams, and
// talks WebSocket.
func (w *world) upstream(rw http.ResponseWriter, r *http.Request) {
	h := rw.Header()
	for name, values := range spoken[r.URL.Query().Get("cors")] {
		h[name] = append(h[name], values...)
	}
	h.Set("X-Upstream", "yes")
	h.Set("X-Id", "1")
	h.Set("Etag", `"e"`)
	h.Set("Set-Cookie", "a=b")
	switch r.URL.Path {
	case "/steady/events":
		w.events(rw, r)
	case "/steady/socket":
		_ = echo(rw)
	default:
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(rw, "hello from behind")
	}
}

// events streams until the configuration has changed under it.
func (w *world) events(rw http.ResponseWriter, r *http.Request) {
	rw.Header().Set("Content-Type", "text/event-stream")
	control := http.NewResponseController(rw)
	begun, deadline := w.chronicle.current(), time.Now().Add(patience)
	for time.Now().Before(deadline) {
		_, _ = io.WriteString(rw, "data: "+strconv.Itoa(w.chronicle.current())+"\n\n")
		if control.Flush() != nil {
			return
		}
		if w.chronicle.current() > begun {
			_, _ = io.WriteString(rw, lastEvent)
			return
		}
		if !pause(r.Context(), 20*time.Millisecond, 60*time.Millisecond) {
			return
		}
	}
}

const lastEvent = "data: end\n\n"

// endpoint answers questions about origins: yes to those that say so.
type endpoint struct {
	*mortal
	fresh atomic.Int64
}

func newEndpoint(t *testing.T) *endpoint {
	t.Helper()
	return &endpoint{mortal: newMortal(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if q := r.URL.Query(); !isCustomer(q.Get("origin"), q.Get("host")) {
			rw.WriteHeader(http.StatusNotFound)
		}
	}))}
}

// isCustomer reports whether an origin is a customer, of a tenant where there is
// one.
func isCustomer(origin, tenant string) bool {
	if tenant == "" {
		return strings.HasPrefix(origin, "https://yes-")
	}
	return strings.HasPrefix(origin, "https://yes-") && strings.HasSuffix(origin, "."+tenant)
}

// customers are asked for before the endpoint dies for the first time, so what
// it says of them is known ever after.
var customers = []string{"https://yes-1.ask.example", "https://yes-2.ask.example", "https://no-1.ask.example", "https://no-2.ask.example"}

// draw returns a customer, or an origin that was never seen before.
func (e *endpoint) draw(rnd *rand.Rand) string {
	switch rnd.IntN(4) {
	case 0, 1:
		return pick(rnd, customers)
	case 2: // who belongs to one tenant
		return pick(rnd, []string{"https://yes-1.", "https://no-1."}) + pick(rnd, tenantSites).host
	}
	u := url.URL{Scheme: "https", Host: pick(rnd, []string{"yes-", "no-", "no-"}) + strconv.FormatInt(e.fresh.Add(1), 10) + ".fresh.example"}
	return u.String()
}

// listings are what the endpoint can have said of an origin. Those that are
// drawn again and again are not asked about for a second after a failure, so
// nothing may be known of them although the endpoint is back.
func (e *endpoint) listings(origin, tenant string, sent time.Time) []listing {
	said := listedNo
	if isCustomer(origin, tenant) {
		said = listedYes
	}
	fresh := strings.HasSuffix(origin, ".fresh.example")
	if slices.Contains(customers, origin) && tenant == "" || fresh && e.alive(sent) {
		return []listing{said}
	}
	return []listing{said, listedUnknown}
}
