package origins

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/policy"
)

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
			s := &Ask{URL: e.URL}
			_, logs := startAsk(t, s, policy.SourceRules{})
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
		s := &Ask{URL: strings.Replace(e.URL, "//", "//u:p@", 1) + path}
		startAsk(t, s, policy.SourceRules{})
		wantAnswer(t, s, "yes", corstest.App+":8443")
		if g := <-got; g != "GET "+want+" u:p " {
			t.Errorf("got %q, want %q", g, want)
		}
	}
}

// TestAskOnce: many requests of one origin are one question, which does not end
// because the first of them went away; and nobody is told that the source is
// not available, only because a client did not wait.
func TestAskOnce(t *testing.T) {
	t.Parallel()
	proceed := make(chan struct{})
	e := newEndpoint(t, func(http.ResponseWriter, *http.Request) { <-proceed })
	s := &Ask{URL: e.URL}
	startAsk(t, s, policy.SourceRules{})
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
	s := &Ask{URL: e.URL, MaxInFlight: room, CacheSize: 100}
	c, logs := startAsk(t, s, policy.SourceRules{})
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
	s := &Ask{URL: e.URL, Timeout: caddy.Duration(50 * time.Millisecond)}
	_, logs := startAsk(t, s, policy.SourceRules{})
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
	s = &Ask{URL: endless.URL}
	startAsk(t, s, policy.SourceRules{})
	wantAnswer(t, s, "yes", corstest.App)
}

// TestAskDown: an endpoint that is not there is no answer, its URL's secrets
// stay out of the log, and the log stays short.
func TestAskDown(t *testing.T) {
	t.Parallel()
	const nobody = "127.0.0.1:1" // a port that was free may be the next test's
	s := &Ask{URL: "http://user:secret@" + nobody + "/cors?token=secret"}
	c, logs := startAsk(t, s, policy.SourceRules{})
	for i := range 50 {
		wantAnswer(t, s, "unknown", fmt.Sprintf("https://a%d.example", i))
	}
	c.turn(10 * time.Second)
	wantAnswer(t, s, "unknown", corstest.App)
	if toldOf(logs, "http://"+nobody+"/cors", "more_failures:49") != 1 || logs.Len() != 2 || toldOf(logs, "secret") != 0 {
		t.Errorf("logged %v", logs.All())
	}
}
