package origins

import (
	"net/http"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/policy"
)

// TestAskLifetimes: each answer serves as long as it should, and not longer.
func TestAskLifetimes(t *testing.T) {
	t.Parallel()
	e := newEndpoint(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("origin") != corstest.App {
			w.WriteHeader(http.StatusForbidden)
		}
	})
	s := &Ask{
		URL: e.URL, TTL: caddy.Duration(5 * time.Minute), NegativeTTL: caddy.Duration(time.Minute), Stale: caddy.Duration(time.Hour),
	}
	c, logs := startAsk(t, s, policy.SourceRules{})
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
	s := &Ask{URL: e.URL, TTL: 1<<63 - 1, NegativeTTL: 1<<63 - 1, Stale: 1<<63 - 1}
	c, _ := startAsk(t, s, policy.SourceRules{})
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
	s := &Ask{URL: e.URL, Stale: -1}
	c, _ := startAsk(t, s, policy.SourceRules{})
	wantAnswer(t, s, "yes", corstest.App)
	e.set(status(http.StatusInternalServerError))
	c.turn(5*time.Minute - 1)
	wantAnswer(t, s, "yes", corstest.App)
	c.turn(1)
	wantAnswer(t, s, "unknown", corstest.App)
}

// TestSubjectKey: no two subjects have one key.
func TestSubjectKey(t *testing.T) {
	t.Parallel()
	seen := make(map[string]subject)
	for _, o := range []string{"", "https://a.example", "a https://a.example"} {
		for _, h := range []string{"a", "b", "::1", "a.example"} {
			s := subject{origin: o, host: h}
			if other, twice := seen[s.key()]; twice {
				t.Errorf("%v and %v have the key %q", s, other, s.key())
			}
			seen[s.key()] = s
		}
	}
}
