package cors

import (
	"context"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/origin"
	"github.com/caddy-cors/caddy-cors/internal/policy"
)

// part is one of the steps that the handler takes, in their order.
type part int

const (
	partNext         part = iota // the next handler, and what measuring costs
	partNeighbours               // whether this is the first request
	partGoverning                // whether another handler governs
	partRead                     // the request
	partDecide                   // the policy
	partCount                    // metrics
	partWarn                     // of a refusal that was told already
	partPlaceholders             // with the walk over the context
	partErrorRoute               // with the walk over the context
	partResponse                 // made, with its headers set
	partHeader                   // made right when it leaves
	partAfter                    // made right when the next handler has returned
	partAnswer                   // to a preflight
	partWhole                    // ServeHTTP itself
	numParts
)

func (p part) String() string {
	return [numParts]string{
		"next", "neighbours", "governing", "read", "decide", "count", "warn", "placeholders",
		"error-route", "response", "header", "after", "answer", "whole",
	}[p]
}

// serveUpTo is ServeHTTP and begin, with an end behind each part: what a part costs is
// then what it adds to those before it. Measured alone it would also pay for the memory
// that they have fetched already.
func (h *Handler) serveUpTo(last part, w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	rw, done := h.beginUpTo(last, w, r)
	switch {
	case done:
		return nil
	case last < partHeader:
		return next.ServeHTTP(w, r)
	}
	err := next.ServeHTTP(rw, r)
	if last >= partAfter {
		rw.after()
	}
	return err
}

//go:noinline
func (h *Handler) beginUpTo(last part, w http.ResponseWriter, r *http.Request) (rw *response, done bool) {
	if last < partNeighbours {
		return nil, r.Method == http.MethodOptions // and so is the answer without next
	}
	ctx := r.Context()
	h.neighbours.Do(func() { h.lookAround() })
	if last < partGoverning {
		return nil, r.Method == http.MethodOptions
	}
	if governing(w) != nil {
		panic("another handler governs")
	}
	var (
		req policy.Request
		d   policy.Decision
	)
	if last >= partRead {
		h.readRequest(&req, r)
	}
	if last >= partDecide {
		d = h.decide(ctx, &req)
	}
	if last >= partCount && d.Kind != policy.KindNone {
		h.telemetry.count(h, &d)
	}
	if last >= partWarn && d.Verdict == policy.VerdictRefused {
		h.telemetry.refusals.warn(h, r, &req, &d)
	}
	if last >= partPlaceholders {
		h.telemetry.placeholders(ctx, &d)
	}
	if r.Method == http.MethodOptions {
		if last >= partErrorRoute && inErrorRoute(ctx) {
			panic("the request is in an error route")
		}
		if last >= partAnswer {
			h.answerPreflight(w, &d)
		}
		return nil, true
	}
	if last >= partResponse {
		rw = newResponse(w, h, &d)
		rw.before()
	}
	return rw, false
}

// partsRequest is an ordinary request, with the parts that it goes through.
type partsRequest struct {
	name, method string
	headers      []corstest.Header
	parts        []part
}

const partsOrigin = "https://tenant-0000000.example.com"

// partsRequests are those of bench/requests_test.go.
func partsRequests() []partsRequest {
	const stranger = "https://tenant-0000000.example.net"
	asks := []corstest.Header{corstest.AsksFor("PUT"), {httpwords.RequestHeaders, "authorization,content-type"}}
	begin := []part{partNext, partNeighbours, partGoverning, partRead, partDecide}
	respond := []part{partPlaceholders, partResponse, partHeader, partAfter, partWhole}
	answer := []part{partPlaceholders, partErrorRoute, partAnswer, partWhole}
	return []partsRequest{
		{"no-origin", "GET", nil, slices.Concat(begin, respond)},
		{"actual-allowed", "PUT", []corstest.Header{corstest.From(partsOrigin)}, slices.Concat(begin, []part{partCount}, respond)},
		{"actual-refused", "PUT", []corstest.Header{corstest.From(stranger)}, slices.Concat(begin, []part{partCount, partWarn}, respond)},
		{"preflight-allowed", "OPTIONS", append(asks[:2:2], corstest.From(partsOrigin)), slices.Concat(begin, []part{partCount}, answer)},
		{"preflight-refused", "OPTIONS", append(asks[:2:2], corstest.From(stranger)), slices.Concat(begin, []part{partCount, partWarn}, answer)},
	}
}

// partsHandler has the policy of bench/policy_test.go.
func partsHandler(t testing.TB) *Handler {
	t.Helper()
	return testHandlerOf(t, "cors "+partsOrigin+" {\n\tcredentials\n\tmethods GET HEAD POST PUT PATCH DELETE\n"+
		"\theaders Authorization Content-Type X-Field-03 X-Field-04 X-Field-05 X-Field-06\n\texpose Etag Link\n}")
}

// partsBatch is fresh requests, each as Caddy's server prepares it.
type partsBatch struct {
	handler  *Handler
	server   *caddyhttp.Server
	writers  []sink
	requests []*http.Request
}

func newPartsBatch(h *Handler, n int) *partsBatch {
	b := &partsBatch{h, new(caddyhttp.Server), make([]sink, n), make([]*http.Request, n)}
	for i := range b.writers {
		b.writers[i].header = http.Header{}
	}
	return b
}

func (b *partsBatch) load(q *partsRequest) {
	ctx := context.WithValue(context.Background(), http.ServerContextKey, (*http.Server)(nil))
	for i := range b.requests {
		clear(b.writers[i].header)
		r := httptest.NewRequestWithContext(ctx, q.method, "/", nil)
		for _, line := range q.headers {
			r.Header[line[0]] = []string{line[1]}
		}
		b.requests[i] = caddyhttp.PrepareRequest(r, caddy.NewReplacer(), &b.writers[i], b.server)
	}
}

func (b *partsBatch) serve(i int, last part) error {
	if last == partWhole {
		return b.handler.ServeHTTP(&b.writers[i], b.requests[i], partsNext)
	}
	return b.handler.serveUpTo(last, &b.writers[i], b.requests[i], partsNext)
}

// timed is how many nanoseconds a request takes up to a part.
func (b *partsBatch) timed(tb testing.TB, last part) float64 {
	start := time.Now()
	for i := range b.requests {
		if err := b.serve(i, last); err != nil {
			tb.Fatal(err)
		}
	}
	return float64(time.Since(start).Nanoseconds()) / float64(len(b.requests))
}

var partsNext caddyhttp.HandlerFunc = func(w http.ResponseWriter, _ *http.Request) error {
	w.WriteHeader(http.StatusOK)
	return nil
}

// BenchmarkParts is what each part of the handler costs of an ordinary request: what it
// adds to the parts before it. The parts take turns, as in bench, and a tenth percentile
// counts. bench/report makes a table of it.
func BenchmarkParts(b *testing.B) {
	const batch, fewest, most = 64, 1, 1000
	rounds := most
	if testing.Short() {
		rounds = fewest
	}
	handler := partsHandler(b)
	for _, q := range partsRequests() {
		x := newPartsBatch(handler, batch)
		times := make(map[part][]float64)
		for range rounds {
			// In no order, or each would always meet what the same one leaves behind.
			for _, n := range rand.Perm(len(q.parts)) {
				last := q.parts[n]
				x.load(&q)
				times[last] = append(times[last], x.timed(b, last))
			}
		}
		before := 0.0
		for _, p := range q.parts {
			slices.Sort(times[p])
			upTo := times[p][len(times[p])/10]
			costs := upTo - before
			if p == partWhole {
				costs = upTo
			}
			before = upTo
			b.Run("request="+q.name+"/part="+p.String(), func(b *testing.B) {
				b.ReportMetric(0, "ns/op") // which would be that of this function
				b.ReportMetric(costs, "part-ns/op")
			})
		}
	}
	benchmarkParse(b)
}

// benchmarkParse is what Decide spends on reading an origin that is not listed as it
// stands.
func benchmarkParse(b *testing.B) {
	b.Helper()
	for _, q := range partsRequests() {
		if q.name != "actual-refused" && q.name != "preflight-refused" {
			continue
		}
		raw := q.headers[len(q.headers)-1][1]
		b.Run("request="+q.name+"/part=parse", func(b *testing.B) {
			for b.Loop() {
				if _, ok := origin.Parse(raw); !ok {
					b.Fatal(raw)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N), "part-ns/op")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// TestParts: the parts together are the handler.
func TestParts(t *testing.T) {
	t.Parallel()
	x := newPartsBatch(partsHandler(t), 2)
	for _, q := range partsRequests() {
		x.load(&q)
		last := q.parts[len(q.parts)-2]
		if err := x.serve(0, last); err != nil {
			t.Fatal(err)
		}
		if err := x.serve(1, partWhole); err != nil {
			t.Fatal(err)
		}
		parts, whole := x.writers[0].header, x.writers[1].header
		if !reflect.DeepEqual(parts, whole) || len(whole) == 0 {
			t.Errorf("%s: up to %s %v, the handler %v", q.name, last, slices.Sorted(maps.Keys(parts)), slices.Sorted(maps.Keys(whole)))
		}
	}
}
