package judges_test

import (
	"math"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

// costSlack is what the memory of a request may differ by for reasons of its
// own (log lines, the runtime): far less than the values that are compared.
const costSlack = 1024

// TestVectorCosts: an attacker's long header must not cost memory in
// proportion. It is not parallel, because it counts bytes.
func TestVectorCosts(t *testing.T) {
	vectors := corstest.ReadVectors[vector](t, "server.jsonl", nil)
	measured := 0
	for i := range vectors {
		v := &vectors[i]
		if v.Expect.Cost == "" {
			continue
		}
		measured++
		t.Run(v.ID, func(t *testing.T) {
			with := corstest.Chain(t, "http:// {\n"+v.Config.directive("")+"respond hello\n}\n")
			bare := corstest.Chain(t, "http:// {\nrespond hello\n}\n") // Caddy itself copies the lines
			cost := func(divisor int) int {
				return bytesOf(t, with, &v.Request, divisor) - bytesOf(t, bare, &v.Request, divisor)
			}
			if long, short := cost(1), cost(10); long > short+costSlack {
				t.Errorf("%d bytes of memory, but %d for a header ten times shorter", long, short)
			}
		})
	}
	if measured == 0 {
		t.Error("no vector has a cost")
	}
}

// bytesOf measures the memory that Caddy's server allocates for one request.
func bytesOf(t *testing.T, srv *caddyhttp.Server, r *vectorRequest, divisor int) int {
	t.Helper()
	header := r.header(divisor)
	serve := func() {
		req := httptest.NewRequestWithContext(t.Context(), r.Method, "http://"+vectorHost+"/", http.NoBody)
		req.Header = header
		srv.ServeHTTP(discard{make(http.Header)}, req)
	}
	serve() // warms up what happens once
	least := math.MaxInt
	for range 20 { // whatever else runs only ever adds
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		serve()
		runtime.ReadMemStats(&after)
		least = min(least, int(after.TotalAlloc-before.TotalAlloc))
	}
	return least
}

// discard is a writer that keeps nothing.
type discard struct{ header http.Header }

func (d discard) Header() http.Header       { return d.header }
func (discard) WriteHeader(int)             {}
func (discard) Write(p []byte) (int, error) { return len(p), nil }
