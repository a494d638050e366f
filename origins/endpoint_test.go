package origins

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"go.uber.org/zap/zaptest/observer"

	"github.com/caddy-cors/caddy-cors/internal/policy"
)

// endpoint is what an Ask asks. It counts the questions.
type endpoint struct {
	*httptest.Server

	mu      sync.Mutex
	answer  http.HandlerFunc
	asked   []string // origins
	current int      // questions that wait
	most    int
}

func newEndpoint(t testing.TB, answer http.HandlerFunc) *endpoint {
	t.Helper()
	e := &endpoint{answer: answer}
	e.Server = httptest.NewServer(e)
	t.Cleanup(e.Close)
	return e
}

func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	e.asked = append(e.asked, r.URL.Query().Get("origin"))
	e.current++
	e.most = max(e.most, e.current)
	answer := e.answer
	e.mu.Unlock()
	answer(w, r)
	e.mu.Lock()
	e.current--
	e.mu.Unlock()
}

func (e *endpoint) set(answer http.HandlerFunc) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.answer = answer
}

func (e *endpoint) questions() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.asked)
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// clock is one that a test turns.
type clock struct{ offset atomic.Int64 }

func (c *clock) now() time.Time {
	return time.Unix(1_800_000_000, 0).Add(time.Duration(c.offset.Load()))
}

func (c *clock) turn(by time.Duration) { c.offset.Add(int64(by)) }

// startAsk starts a source that shares nothing with those of other tests.
func startAsk(t testing.TB, s *Ask, rules policy.SourceRules) (*clock, *observer.ObservedLogs) {
	t.Helper()
	if s.Timeout == 0 {
		s.Timeout = caddy.Duration(time.Minute) // the machine may be busy
	}
	must(t, s.Provision(caddyContext(t)))
	log, logs := observed()
	s.logger = log
	must(t, s.start(rules))
	t.Cleanup(func() { s.Cleanup() })
	c := new(clock)
	s.asker.now = c.now
	return c, logs
}

// rawEndpoint answers every connection with the same bytes, and keeps it open
// until the test ends.
func rawEndpoint(t *testing.T, answer string) (url string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { conn.Close() })
			go func() {
				if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
					fmt.Fprint(conn, answer)
				}
			}()
		}
	}()
	return "http://" + l.Addr().String()
}
