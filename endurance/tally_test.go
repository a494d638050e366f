package endurance

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// tally counts what happens.
type tally struct {
	checked, wrong, dropped atomic.Int64
	reloads                 atomic.Int64

	retries  atomic.Int64 // on a connection that was used before
	resets   atomic.Int64 // of connections that nobody accepted
	goodbyes atomic.Int64 // of servers that shut down

	moment time.Duration // how long a server takes to close its listener

	mu     sync.Mutex
	kinds  map[string]int
	late   int // answers of a configuration that was replaced long before
	latest time.Duration
}

func newTally() *tally { return &tally{kinds: make(map[string]int), moment: 10 * time.Second} }

// maxReported bounds how many failures are shown.
const maxReported = 20

// drop notes a request that got no answer.
func (c *tally) drop(t *testing.T, r *request, err error) {
	if c.dropped.Add(1) <= maxReported {
		t.Errorf("dropped: %v: %v", r, err)
	} else {
		t.Fail()
	}
}

// judge notes what the oracle says of a response.
func (w *world) judge(t *testing.T, x *exchange) {
	a, err := w.check(x)
	w.tally.checked.Add(1)
	w.tally.time(x)
	if err != nil {
		if w.tally.wrong.Add(1) <= maxReported {
			t.Errorf("wrong: %v: %v", x.request, err)
		} else {
			t.Fail()
		}
		return
	}
	kind := x.shape
	if a.Verdict != "none" {
		kind += ", " + a.Verdict
	}
	if a.Reason != "" {
		kind += ": " + a.Reason
	}
	w.tally.add(kind, "site "+x.site.host, x.proto, fmt.Sprintf("status %d", x.status))
}

// time notes whether a request was sent long after its configuration had been
// replaced. net/http can miss to tell an HTTP/2 connection to go away, if that
// is new when the server shuts down; then it stays, until it is idle.
func (c *tally) time(x *exchange) {
	closed := x.conn.by.Load().closed.Load()
	if closed == nil || x.sent.Sub(*closed) < longBefore {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.late++
	c.latest = max(c.latest, x.sent.Sub(*closed))
}

const longBefore = 2 * time.Second

func (c *tally) add(kinds ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, kind := range kinds {
		c.kinds[kind]++
	}
}

// expected are kinds of requests of which there must be some.
var expected = []string{
	"no Origin", "actual, allowed", "actual, refused: origin_not_allowed", "actual, same_origin", "preflight, allowed",
	"preflight, refused: origin_not_allowed", "preflight, refused: method_not_allowed", "preflight, refused: header_not_allowed",
	"preflight, refused: headers_malformed", "plain OPTIONS", "hostile Origin, refused: origin_malformed", "range of a file, allowed", "range of a file, refused: origin_not_allowed",
	"actual, refused: source_unavailable", "events, allowed", "events, refused: origin_not_allowed", "socket, allowed",
	"socket, refused: origin_not_allowed",
	"HTTP/1.1", "HTTP/2.0",
	"status 101", "status 200", "status 204", "status 206", "status 302", "status 401", "status 403", "status 404", "status 405",
	"status 413", "status 416", "status 502", "status 503",
}

// missing are the expected kinds that have not come yet.
func (c *tally) missing() []string { return c.without(expected...) }

// without returns those kinds that have not come.
func (c *tally) without(kinds ...string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(kinds), func(kind string) bool { return c.kinds[kind] > 0 })
}

// table lists the requests by kind.
func (c *tally) table() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var b strings.Builder
	for _, kind := range slices.Sorted(maps.Keys(c.kinds)) {
		fmt.Fprintf(&b, "%10d  %s\n", c.kinds[kind], kind)
	}
	return b.String()
}
