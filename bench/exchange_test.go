package bench

import (
	"net/http"
	"net/http/httptest"

	"github.com/valyala/fasthttp"
)

// exchange makes one request again and again, and keeps the last answer.
type exchange interface {
	load(q request)
	setOrigin(origin string)
	run()
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

// netHTTP is an exchange with something that speaks net/http.
type netHTTP struct {
	serve func(http.ResponseWriter, *http.Request)
	w     *sink
	r     *http.Request
}

func newNetHTTP(serve func(http.ResponseWriter, *http.Request)) *netHTTP {
	return &netHTTP{serve: serve, w: &sink{header: make(http.Header)}}
}

func (x *netHTTP) load(q request) {
	x.r = httptest.NewRequest(q.method, "/", nil)
	x.r.Header = q.header.Clone()
}

func (x *netHTTP) setOrigin(origin string) { x.r.Header[headerOrigin][0] = origin }

func (x *netHTTP) run() {
	clear(x.w.header)
	x.serve(x.w, x.r)
}

func (x *netHTTP) answer() (int, http.Header) { return x.w.status, x.w.header }

// fastHTTP is an exchange with something that speaks fasthttp.
type fastHTTP struct {
	handler fasthttp.RequestHandler
	ctx     *fasthttp.RequestCtx
}

func (x *fastHTTP) load(q request) {
	var r fasthttp.Request
	r.Header.SetMethod(q.method)
	r.SetRequestURI("/")
	r.Header.SetHost("example.com")
	for name, values := range q.header {
		for _, v := range values {
			r.Header.Add(name, v)
		}
	}
	x.ctx = new(fasthttp.RequestCtx)
	x.ctx.Init(&r, nil, nil)
}

func (x *fastHTTP) setOrigin(origin string) { x.ctx.Request.Header.Set(headerOrigin, origin) }

func (x *fastHTTP) run() {
	x.ctx.Response.Reset()
	x.handler(x.ctx)
}

func (x *fastHTTP) answer() (int, http.Header) {
	h := make(http.Header)
	for name, value := range x.ctx.Response.Header.All() {
		h.Add(string(name), string(value))
	}
	return x.ctx.Response.StatusCode(), h
}
