package origins

import (
	"net/http"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/policy"
)

// TestAskRevoked: while the endpoint fails, the last answer serves, and not one
// before it. A customer who is none any more must not come back because the
// endpoint went down.
func TestAskRevoked(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first, then int
		last        string
	}{
		"revoked":    {http.StatusOK, http.StatusForbidden, "no"},
		"introduced": {http.StatusNotFound, http.StatusOK, "yes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEndpoint(t, status(c.first))
			s := &Ask{URL: e.URL, TTL: caddy.Duration(time.Minute), NegativeTTL: caddy.Duration(time.Minute), Stale: caddy.Duration(time.Hour)}
			clock, _ := startAsk(t, s, policy.SourceRules{})
			answered(s, corstest.App)
			e.set(status(c.then))
			clock.turn(time.Minute)
			wantAnswer(t, s, c.last, corstest.App)
			e.set(status(http.StatusServiceUnavailable))
			clock.turn(time.Minute)
			wantAnswer(t, s, c.last, corstest.App) // after a question in vain
			wantAnswer(t, s, c.last, corstest.App) // without one
			if n := e.questions(); n != 3 {
				t.Errorf("%d questions, want 3", n)
			}
		})
	}
}
