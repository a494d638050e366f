package endurance

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"
)

// follow opens streams of events, one after the other, each of which lasts over
// a reload.
func (w *world) follow(ctx context.Context, t *testing.T, proto string, rnd *rand.Rand) {
	c := w.client(proto)
	defer c.transport.CloseIdleConnections()
	for ctx.Err() == nil {
		r := w.drawStream(rnd, "events")
		x, body, err := c.open(t.Context(), r)
		if err != nil {
			w.tally.drop(t, r, err)
			continue
		}
		w.judge(t, x)
		text, err := io.ReadAll(body)
		body.Close()
		if x.status == http.StatusOK && (err != nil || !strings.HasSuffix(string(text), lastEvent)) {
			w.tally.drop(t, r, fmt.Errorf("the stream broke off after %d bytes: %w", len(text), err))
		}
		if x.status != http.StatusOK {
			pause(ctx, 5*time.Millisecond, 10*time.Millisecond)
		}
	}
}

func (w *world) drawStream(rnd *rand.Rand, shape string) *request {
	r := &request{
		site: pick(rnd, sites), path: "/steady/" + shape, query: "cors=" + pick(rnd, spokenWords),
		method: http.MethodGet, header: make(http.Header), shape: shape,
	}
	switch rnd.IntN(5) {
	case 0: // without an Origin
	case 1: // one that lasts, in any case
		r.site = staticSite
		r.header.Set("Origin", app)
	default:
		r.origin(rnd, w)
	}
	return r
}
