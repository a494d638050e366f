package cors

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// sink is a response writer that costs nothing.
type sink struct{ header http.Header }

func (w *sink) Header() http.Header         { return w.header }
func (w *sink) Write(p []byte) (int, error) { return len(p), nil }
func (w *sink) WriteHeader(int)             {}

// BenchmarkHandler is the handler on a bare header map.
func BenchmarkHandler(b *testing.B) {
	h := testHandlerOf(b, oneLine)
	next := caddyhttp.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) error {
		w.WriteHeader(http.StatusOK)
		return nil
	})
	for _, c := range []struct {
		name, method string
		headers      []corstest.Header
	}{
		{"no origin", "GET", nil},
		{"actual allowed", "PUT", []corstest.Header{corstest.From(corstest.App)}},
		{"actual refused", "PUT", []corstest.Header{corstest.From(corstest.Evil)}},
		{"preflight allowed", "OPTIONS", []corstest.Header{corstest.From(corstest.App), corstest.AsksFor("PUT"), {httpwords.RequestHeaders, "authorization,x-a"}}},
		{"preflight refused", "OPTIONS", []corstest.Header{corstest.From(corstest.Evil), corstest.AsksFor("PUT")}},
	} {
		b.Run(c.name, func(b *testing.B) {
			r := httptest.NewRequest(c.method, "/", nil)
			for _, line := range c.headers {
				r.Header[line[0]] = []string{line[1]}
			}
			w := &sink{http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				clear(w.header)
				if err := h.ServeHTTP(w, r, next); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkChain is a request through Caddy's whole chain.
func BenchmarkChain(b *testing.B) {
	for _, c := range []struct{ name, lines string }{
		{"without", ""},
		{"cors", oneLine + "\n"},
	} {
		srv := corstest.Chain(b, "http:// {\n"+c.lines+"respond hello\n}\n")
		b.Run(c.name, func(b *testing.B) {
			r := httptest.NewRequest("GET", "/", nil)
			r.Header.Set(httpwords.Origin, corstest.App)
			b.ReportAllocs()
			for b.Loop() {
				srv.ServeHTTP(&sink{http.Header{}}, r)
			}
		})
	}
}
