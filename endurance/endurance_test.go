package endurance

import (
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

func TestMain(m *testing.M) { corstest.Main(m) }

// shortForm is how long the load lasts, unless CORS_ENDURE says otherwise.
const shortForm = 2 * time.Second

// TestEndurance: no wrong header on any response, no request dropped, and
// nothing that grows.
func TestEndurance(t *testing.T) {
	lasts := duration(t)
	seed := rand.Uint64()
	t.Logf("%s of load, seed %d", lasts, seed)
	w := newWorld(t)
	must(t, w.load(0))
	stop := sync.OnceValue(caddy.Stop)
	defer stop()
	w.awaitCertificates(t)
	w.acquaint(t)

	w.under(t, min(lasts/4, time.Minute), seed)
	before := w.rest(t, lasts, func(resources) bool { return true })
	t.Logf("after warming up: %s", before)
	w.under(t, lasts, seed+1)
	after := w.rest(t, lasts, before.covers)
	t.Logf("at the end:       %s", after)
	if !before.covers(after) {
		t.Errorf("grown from %s to %s; the goroutines are now:\n%s", before, after, stacks())
	}
	w.summarize(t)
	must(t, stop())
	nothingRuns(t)
}

func duration(t *testing.T) time.Duration {
	t.Helper()
	s := os.Getenv("CORS_ENDURE")
	if s == "" {
		return shortForm
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		t.Fatalf("CORS_ENDURE: %v", err)
	}
	return d
}

// rest loads the first generation again, so that what is measured is always
// the same, lets the endpoint close the connections that its customers keep for
// a minute and a half, as many as they had questions at once, and waits for what
// is left of the load. After a long load it does so until all idle connections
// are gone, so that the numbers are worth comparing.
func (w *world) rest(t *testing.T, lasts time.Duration, enough func(resources) bool) resources {
	t.Helper()
	now := w.chronicle.current()
	must(t, w.load(now+generations-now%generations))
	must(t, w.endpoint.die())
	must(t, w.endpoint.rise())
	if lasts >= idle {
		time.Sleep(idle)
	}
	return settled(enough)
}

// idle is longer than any connection between Caddy and others is kept that
// nobody uses.
const idle = 2 * time.Minute

func (w *world) summarize(t *testing.T) {
	t.Helper()
	c := w.tally
	t.Logf("%d responses checked over %d reloads; wrong: %d, dropped: %d", c.checked.Load(), c.reloads.Load(), c.wrong.Load(), c.dropped.Load())
	t.Logf("%d sent again after a used connection was closed; %d after Linux reset the connection before Caddy accepted it, "+
		"%d after a server that shut down did not read it", c.retries.Load(), c.resets.Load(), c.goodbyes.Load())
	t.Logf("%d were sent more than %s after their configuration had been replaced, at most %.1f s, on connections that stayed",
		c.late, longBefore, c.latest.Seconds())
	t.Logf("the upstream died %d times and the endpoint %d times, the list changed %d times", w.mortal.deaths, w.endpoint.deaths, w.list.changes)
	t.Logf("responses by kind, site, protocol and status:\n%s", c.table())
	if missing := c.missing(); len(missing) > 0 {
		t.Errorf("there were none of: %s", strings.Join(missing, "; "))
	}
}
