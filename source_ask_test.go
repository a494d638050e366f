package cors

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"go.uber.org/zap/zaptest/observer"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

// endpoint is what an AskSource asks. It counts the questions.
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
func startAsk(t testing.TB, s *AskSource, rules originRules) (*clock, *observer.ObservedLogs) {
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

// TestAskAnswers: what is a yes, a no, and no answer.
func TestAskAnswers(t *testing.T) {
	t.Parallel()
	for code, want := range map[int]string{
		200: "yes", 201: "yes", 204: "yes", 299: "yes",
		403: "no", 404: "no",
		301: "unknown", 302: "unknown", 304: "unknown", 307: "unknown", 400: "unknown", 401: "unknown",
		410: "unknown", 429: "unknown", 500: "unknown", 502: "unknown", 503: "unknown",
	} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			t.Parallel()
			e := newEndpoint(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/yes" {
					t.Error("a redirect was followed")
				}
				w.Header().Set("Location", "/yes")
				w.WriteHeader(code)
			})
			s := &AskSource{URL: e.URL}
			_, logs := startAsk(t, s, originRules{})
			wantAnswer(t, s, want, corstest.App)
			wantAnswer(t, s, want, corstest.App)
			if e.questions() != 1 {
				t.Errorf("%d questions", e.questions())
			}
			if got := toldOf(logs, "failed", e.URL); got != map[bool]int{true: 1}[want == "unknown"] {
				t.Errorf("logged %v", logs.All())
			}
		})
	}
}

// TestAskRequest: what the endpoint sees.
func TestAskRequest(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"":                 "/?origin=https%3A%2F%2Fapp.example.com%3A8443",
		"/cors":            "/cors?origin=https%3A%2F%2Fapp.example.com%3A8443",
		"/cors?b=2&a=1%20": "/cors?b=2&a=1%20&origin=https%3A%2F%2Fapp.example.com%3A8443",
	} {
		got := make(chan string, 1)
		e := newEndpoint(t, func(_ http.ResponseWriter, r *http.Request) {
			user, password, _ := r.BasicAuth()
			got <- r.Method + " " + r.RequestURI + " " + user + ":" + password + " " + r.Header.Get("Origin")
		})
		s := &AskSource{URL: strings.Replace(e.URL, "//", "//u:p@", 1) + path}
		startAsk(t, s, originRules{})
		wantAnswer(t, s, "yes", corstest.App+":8443")
		if g := <-got; g != "GET "+want+" u:p " {
			t.Errorf("got %q, want %q", g, want)
		}
	}
}

// TestAskLifetimes: each answer serves as long as it should, and not longer.
func TestAskLifetimes(t *testing.T) {
	t.Parallel()
	e := newEndpoint(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("origin") != corstest.App {
			w.WriteHeader(http.StatusForbidden)
		}
	})
	s := &AskSource{
		URL: e.URL, TTL: caddy.Duration(5 * time.Minute), NegativeTTL: caddy.Duration(time.Minute), Stale: caddy.Duration(time.Hour),
	}
	c, logs := startAsk(t, s, originRules{})
	check := func(what string, questions int, appSays, evilSays string) {
		t.Helper()
		wantAnswer(t, s, appSays, corstest.App)
		wantAnswer(t, s, evilSays, corstest.Evil)
		if got := e.questions(); got != questions {
			t.Errorf("%s: %d questions, want %d", what, got, questions)
		}
	}
	check("at first", 2, "yes", "no")
	c.turn(time.Minute - 1)
	check("while both are fresh", 2, "yes", "no")
	c.turn(1)
	check("when the no is not", 3, "yes", "no")
	c.turn(4 * time.Minute)
	check("when the yes is not", 5, "yes", "no")

	e.set(status(http.StatusForbidden))
	c.turn(5 * time.Minute)
	check("when a yes became a no", 7, "no", "no")
	e.set(status(http.StatusNoContent))
	c.turn(time.Minute)
	check("when a no became a yes", 9, "yes", "yes")

	e.set(status(http.StatusBadGateway))
	c.turn(5 * time.Minute)
	check("when the endpoint is down", 11, "yes", "yes")
	c.turn(retryAfter - 1)
	check("a moment later", 11, "yes", "yes")
	c.turn(time.Hour - retryAfter)
	wantAnswer(t, s, "yes", corstest.App) // not waiting for the question
	eventually(t, "a new question", func() bool { return e.questions() == 12 })
	c.turn(1)
	eventually(t, "the end of stale", func() bool { return answered(s, corstest.App) == "unknown" })
	if toldOf(logs, "failed", "502") == 0 {
		t.Errorf("logged %v", logs.All())
	}
	e.set(status(http.StatusOK))
	c.turn(retryAfter)
	eventually(t, "the endpoint to be up again", func() bool { return answered(s, corstest.App) == "yes" })
}

// TestAskLongest: lifetimes that no sum can hold are long, not over.
func TestAskLongest(t *testing.T) {
	t.Parallel()
	e := newEndpoint(t, status(http.StatusOK))
	s := &AskSource{URL: e.URL, TTL: 1<<63 - 1, NegativeTTL: 1<<63 - 1, Stale: 1<<63 - 1}
	c, _ := startAsk(t, s, originRules{})
	wantAnswer(t, s, "yes", corstest.App)
	c.turn(time.Hour)
	wantAnswer(t, s, "yes", corstest.App)
	c.turn(-2 * time.Hour) // a clock that goes backwards
	wantAnswer(t, s, "yes", corstest.App)
	if n := e.questions(); n != 1 {
		t.Errorf("%d questions", n)
	}
}

// TestAskStaleOff: without stale an answer ends with its time.
func TestAskStaleOff(t *testing.T) {
	t.Parallel()
	e := newEndpoint(t, status(http.StatusOK))
	s := &AskSource{URL: e.URL, Stale: -1}
	c, _ := startAsk(t, s, originRules{})
	wantAnswer(t, s, "yes", corstest.App)
	e.set(status(http.StatusInternalServerError))
	c.turn(5*time.Minute - 1)
	wantAnswer(t, s, "yes", corstest.App)
	c.turn(1)
	wantAnswer(t, s, "unknown", corstest.App)
}

// TestAskOnce: many requests of one origin are one question, which does not end
// because the first of them went away; and nobody is told that the source is
// not available, only because a client had no patience.
func TestAskOnce(t *testing.T) {
	t.Parallel()
	proceed := make(chan struct{})
	e := newEndpoint(t, func(http.ResponseWriter, *http.Request) { <-proceed })
	s := &AskSource{URL: e.URL}
	startAsk(t, s, originRules{})
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan error)
	go func() {
		_, err := s.AllowsOrigin(ctx, corstest.App)
		first <- err
	}()
	eventually(t, "the question", func() bool { return e.questions() == 1 })
	cancel()
	var others sync.WaitGroup
	for range 100 {
		others.Go(func() { wantAnswer(t, s, "yes", corstest.App) })
	}
	close(proceed)
	others.Wait()
	if err := <-first; err != nil {
		t.Errorf("the request that went away got %v", err)
	}
	if e.questions() != 1 {
		t.Errorf("%d questions", e.questions())
	}
}

// TestAskChanged: a reload that changes an option ends the source of the old
// configuration. Who waits for it gets an answer nevertheless.
func TestAskChanged(t *testing.T) {
	t.Parallel()
	e := newEndpoint(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(100 * time.Millisecond):
		case <-r.Context().Done():
		}
	})
	old, changed := &AskSource{URL: e.URL}, &AskSource{URL: e.URL, TTL: caddy.Duration(time.Hour)}
	startAsk(t, old, originRules{})
	old.asker.patience = time.Minute
	waiting := make(chan string)
	go func() { waiting <- answered(old, corstest.App) }()
	eventually(t, "the question", func() bool { return e.questions() == 1 })
	startAsk(t, changed, originRules{})
	must(t, old.Cleanup())
	if got := <-waiting; got != "yes" {
		t.Errorf("who waited was told %s", got)
	}
	wantAnswer(t, old, "unknown", corstest.Evil)
	wantAnswer(t, changed, "yes", corstest.App)
	if n := e.questions(); n != 2 {
		t.Errorf("%d questions", n)
	}
}

// TestAskFlood: ten thousand made-up origins are at most as many questions at
// once as allowed, and displace no customer.
func TestAskFlood(t *testing.T) {
	t.Parallel()
	const room = 5
	hold := make(chan struct{})
	e := newEndpoint(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("origin") == corstest.App {
			return
		}
		<-hold
		w.WriteHeader(http.StatusNotFound)
	})
	s := &AskSource{URL: e.URL, MaxInFlight: room, CacheSize: 100}
	c, logs := startAsk(t, s, originRules{})
	wantAnswer(t, s, "yes", corstest.App)
	flood := func(prefix string, n int) {
		t.Helper()
		var strangers sync.WaitGroup
		for i := range n {
			strangers.Go(func() { s.AllowsOrigin(t.Context(), fmt.Sprintf("https://%s%d.example", prefix, i)) })
		}
		if prefix == "held" {
			// All but those for which there is room are refused at once.
			eventually(t, "all room to be taken", func() bool { return e.questions() == 1+room })
			wantAnswer(t, s, "yes", corstest.App)
			wantAnswer(t, s, "unknown", "https://new.example")
			c.turn(5 * time.Minute)
			wantAnswer(t, s, "yes", corstest.App) // stale, for there is no room to ask
			if e.questions() != 1+room {
				t.Errorf("%d questions", e.questions())
			}
			close(hold)
		}
		strangers.Wait()
	}
	flood("held", 10_000)
	wantAnswer(t, s, "yes", corstest.App)
	flood("quick", 10_000)
	e.set(status(http.StatusInternalServerError))
	wantAnswer(t, s, "yes", corstest.App)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.most > room {
		t.Errorf("%d questions at once, want at most %d", e.most, room)
	}
	a := s.asker.answers
	if a.yes.Len() != 1 || a.no.Len() > 100 || a.failed.Len() > 100 {
		t.Errorf("%d, %d and %d origins are remembered", a.yes.Len(), a.no.Len(), a.failed.Len())
	}
	if n := toldOf(logs, "failed"); n > 2 {
		t.Errorf("%d warnings", n)
	}
}

// TestAskSlow: an endpoint that does not answer in time is no answer, and a
// body that never ends is none of our business.
func TestAskSlow(t *testing.T) {
	t.Parallel()
	hang := make(chan struct{})
	e := newEndpoint(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hang:
		case <-r.Context().Done():
		}
	})
	t.Cleanup(func() { close(hang) })
	s := &AskSource{URL: e.URL, Timeout: caddy.Duration(50 * time.Millisecond)}
	_, logs := startAsk(t, s, originRules{})
	wantAnswer(t, s, "unknown", corstest.App)
	if toldOf(logs, "deadline exceeded") != 1 {
		t.Errorf("logged %v", logs.All())
	}

	endless := newEndpoint(t, func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 1024)); err != nil {
				return
			}
		}
	})
	s = &AskSource{URL: endless.URL}
	startAsk(t, s, originRules{})
	wantAnswer(t, s, "yes", corstest.App)
}

// TestAskDown: an endpoint that is not there is no answer, its URL's secrets
// stay out of the log, and the log stays short.
func TestAskDown(t *testing.T) {
	t.Parallel()
	e := newEndpoint(t, status(http.StatusOK))
	e.Close()
	s := &AskSource{URL: strings.Replace(e.URL, "//", "//user:secret@", 1) + "/cors?token=secret"}
	c, logs := startAsk(t, s, originRules{})
	for i := range 50 {
		wantAnswer(t, s, "unknown", fmt.Sprintf("https://a%d.example", i))
	}
	c.turn(10 * time.Second)
	wantAnswer(t, s, "unknown", corstest.App)
	if toldOf(logs, e.URL+"/cors", "more_failures:49") != 1 || logs.Len() != 2 || toldOf(logs, "secret") != 0 {
		t.Errorf("logged %v", logs.All())
	}
}

// TestAskSecrets: a mistake in a URL that came from the environment is told
// without the URL.
func TestAskSecrets(t *testing.T) {
	for name, url := range map[string]string{
		"no scheme": "user:secret@a.example/cors",
		"fragment":  "http://user:secret@a.example/cors?token=secret#secret",
		"port":      "http://user:secret@a.example:secret/cors",
		"escape":    "http://user:secret@a.example/%zzsecret",
		"control":   "http://user:secret@a.example/\n",
		"slash":     "http://user:sec/ret@a.example/",
		"no host":   "http://user:secret@/cors",
		"parameter": "http://user:secret@a.example/cors?token=secret&origin=secret",
	} {
		t.Setenv("CORS_TEST_URL", url)
		s := &AskSource{URL: "{env.CORS_TEST_URL}"}
		switch err := s.Provision(caddyContext(t)); {
		case err == nil:
			t.Errorf("%s: %s is accepted", name, url)
		case !strings.Contains(err.Error(), "{env.CORS_TEST_URL}") || strings.Contains(err.Error(), "sec"):
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAskRules: an origin that the policy must not allow is not asked about.
func TestAskRules(t *testing.T) {
	t.Parallel()
	e := newEndpoint(t, status(http.StatusOK))
	s := &AskSource{URL: e.URL}
	startAsk(t, s, originRules{credentials: true})
	wantAnswer(t, s, "no", "http://plain.example", "null", "*", "", "https://*.example.com", "https://a.example/", "wss://a.example")
	if e.questions() != 0 {
		t.Errorf("asked about %q", e.asked)
	}
	wantAnswer(t, s, "yes", "http://localhost:3000", corstest.App)
	lax := &AskSource{URL: e.URL, Timeout: s.Timeout}
	startAsk(t, lax, originRules{credentials: true, insecure: true})
	wantAnswer(t, lax, "yes", "http://plain.example")
}

// TestAskReloads: answers outlive reloads, a hundred of which leave nothing
// behind, even with a question that nobody answers.
func TestAskReloads(t *testing.T) {
	e := newEndpoint(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("origin") != corstest.App {
			<-r.Context().Done()
		}
	})
	noLeaks(t, func() {
		begun := e.questions()
		start := func() *AskSource {
			s := &AskSource{URL: e.URL, Timeout: caddy.Duration(time.Hour)}
			must(t, s.Provision(caddyContext(t)))
			must(t, s.start(originRules{}))
			return s
		}
		old := start()
		wantAnswer(t, old, "yes", corstest.App)
		var request sync.WaitGroup
		for range 100 {
			s := start()
			request.Go(func() { answered(s, corstest.Evil) })
			must(t, old.Cleanup())
			must(t, old.Cleanup())
			wantAnswer(t, s, "yes", corstest.App)
			old = s
		}
		eventually(t, "both questions", func() bool { return e.questions() == begun+2 })
		must(t, old.Cleanup())
		request.Wait() // it ends with the last configuration
		for range 100 {
			s := start()
			wantAnswer(t, s, "yes", corstest.App)
			must(t, s.Cleanup())
		}
		e.CloseClientConnections()
	})
}

// TestSourcesUnstarted: what was never provisioned or started refuses, and can
// be cleaned up.
func TestSourcesUnstarted(t *testing.T) {
	t.Parallel()
	for _, s := range []interface {
		OriginSource
		caddy.CleanerUpper
	}{new(FileSource), new(AskSource), new(StorageSource)} {
		wantAnswer(t, s, "unknown", corstest.App)
		must(t, s.Cleanup())
	}
	for want, s := range map[string]caddy.Provisioner{
		"path is missing":          new(FileSource),
		"url is missing":           new(AskSource),
		"unknown placeholder":      &AskSource{URL: "{no.such}"},
		"timeout -1s must not":     &AskSource{URL: "http://a.example", Timeout: caddy.Duration(-time.Second)},
		"cache_size -5 must not":   &AskSource{URL: "http://a.example", CacheSize: -5},
		"is no http or https URL":  &AskSource{URL: "unix//tmp/x"},
		"depends on the request":   &FileSource{Path: "/{http.request.host}"},
		`parameter "origin" alrea`: &AskSource{URL: "http://a.example?a=b&origin=c"},
	} {
		if err := s.Provision(caddyContext(t)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestAskInCaddy asks the whole server.
func TestAskInCaddy(t *testing.T) {
	t.Parallel()
	e := newEndpoint(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("origin") != corstest.App {
			w.WriteHeader(http.StatusNotFound)
		}
	})
	srv := corstest.Site(t, "cors {\n\torigins_from ask "+e.URL+" {\n\t\ttimeout 1m\n\t\tttl 1m\n\t\tnegative_ttl 1m\n\t\tstale off\n\t\tcache_size 10\n\t\tmax_in_flight 2\n\t}\n}\nrespond hello")
	corstest.WantHeader(t, corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.App)).Header, headerAllowOrigin, corstest.App)
	corstest.WantHeader(t, corstest.Ask(t, "OPTIONS", srv.URL, corstest.From(corstest.App), corstest.AsksFor("PUT")).Header, headerAllowOrigin, corstest.App)
	corstest.WantNothing(t, corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.Evil)).Header)
	corstest.WantNothing(t, corstest.Ask(t, "OPTIONS", srv.URL, corstest.From(corstest.Evil), corstest.AsksFor("PUT")).Header)
	corstest.WantNothing(t, corstest.Ask(t, "GET", srv.URL).Header)
	if e.questions() != 2 {
		t.Errorf("%d questions", e.questions())
	}
}
