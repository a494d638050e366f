package bench

import (
	"context"
	"net/http"
	"net/http/httptest"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/valyala/fasthttp"
)

// exchange makes fresh requests, as a server does, and keeps the last answer. A
// request that is used again remembers what handlers hung on it.
type exchange interface {
	// load makes n requests, from origins in turn where q has several. It is not
	// timed.
	load(q request, n int)
	run(i int)
	answer() (status int, header http.Header)
}

// sink is a response writer that costs next to nothing.
type sink struct {
	header http.Header
	status int
}

func (w *sink) Header() http.Header         { return w.header }
func (w *sink) Write(p []byte) (int, error) { return len(p), nil }
func (w *sink) WriteHeader(status int)      { w.status = status }

// turner gives requests their origins in turn.
type turner struct{ next int }

func (t *turner) header(q request) http.Header {
	h := q.header.Clone()
	if q.spread != nil {
		h[headerOrigin][0] = q.spread[t.next%spreadOver]
		t.next++
	}
	return h
}

// netHTTP is an exchange with something that speaks net/http.
type netHTTP struct {
	serve    func(http.ResponseWriter, *http.Request)
	fresh    func(*sink, *http.Request) *http.Request // nil: as it is
	origins  turner
	writers  []sink
	requests []*http.Request
	last     int
}

func newNetHTTP(serve func(http.ResponseWriter, *http.Request)) *netHTTP {
	return &netHTTP{serve: serve}
}

// newInCaddy is an exchange with a handler of Caddy's on a bare header map; its
// requests have been prepared by Caddy's server.
func newInCaddy(h caddyhttp.MiddlewareHandler) *netHTTP {
	x := newNetHTTP(func(w http.ResponseWriter, r *http.Request) {
		if err := h.ServeHTTP(w, r, nextInCaddy); err != nil {
			panic(err)
		}
	})
	server := new(caddyhttp.Server)
	x.fresh = func(w *sink, r *http.Request) *http.Request {
		r = r.WithContext(context.WithValue(context.Background(), http.ServerContextKey, (*http.Server)(nil)))
		return caddyhttp.PrepareRequest(r, caddy.NewReplacer(), w, server)
	}
	return x
}

func (x *netHTTP) load(q request, n int) {
	if len(x.writers) != n {
		x.writers, x.requests = make([]sink, n), make([]*http.Request, n)
		for i := range x.writers {
			x.writers[i].header = make(http.Header)
		}
	}
	like := httptest.NewRequest(q.method, "/", nil)
	for i := range x.requests {
		r := *like
		r.Header = x.origins.header(q)
		x.requests[i] = &r
		w := &x.writers[i]
		clear(w.header)
		if x.fresh != nil {
			x.requests[i] = x.fresh(w, &r)
		}
	}
}

func (x *netHTTP) run(i int) {
	x.serve(&x.writers[i], x.requests[i])
	x.last = i
}

func (x *netHTTP) answer() (int, http.Header) {
	return x.writers[x.last].status, x.writers[x.last].header
}

// fastHTTP is an exchange with something that speaks fasthttp.
type fastHTTP struct {
	handler  fasthttp.RequestHandler
	origins  turner
	requests []fasthttp.RequestCtx
	last     int
}

func (x *fastHTTP) load(q request, n int) {
	if len(x.requests) != n {
		x.requests = make([]fasthttp.RequestCtx, n)
	}
	for i := range x.requests {
		var r fasthttp.Request
		r.Header.SetMethod(q.method)
		r.SetRequestURI("/")
		r.Header.SetHost("example.com")
		for name, values := range x.origins.header(q) {
			for _, v := range values {
				r.Header.Add(name, v)
			}
		}
		x.requests[i].Init(&r, nil, nil)
		x.requests[i].Response.Reset()
	}
}

func (x *fastHTTP) run(i int) {
	x.handler(&x.requests[i])
	x.last = i
}

func (x *fastHTTP) answer() (int, http.Header) {
	response := &x.requests[x.last].Response
	h := make(http.Header)
	for name, value := range response.Header.All() {
		h.Add(string(name), string(value))
	}
	return response.StatusCode(), h
}
