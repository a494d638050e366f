package cors

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// upstreamAnswer is what the handler behind does.
type upstreamAnswer struct {
	style  string // of those below
	header http.Header
}

func (d *dice) upstream() upstreamAnswer {
	// Every way in which a response can begin.
	u := upstreamAnswer{d.pick("write", "nothing", "status", "hints", "flush", "error", "copy", "trailer"), http.Header{"X-Up": {"1"}}}
	if d.oneIn(3) {
		u.header[d.pick("Access-Control-Allow-Origin", "access-control-allow-origin")] = d.list(2, func() string { return d.pick("*", "https://a.example", "") })
	}
	if d.oneIn(4) {
		u.header[d.pick("Access-Control-Allow-Credentials", "access-control-ALLOW-methods", "Access-Control-Foo", "Access-Control-Expose-Headers")] = []string{d.pick("true", "*")}
	}
	if d.oneIn(4) {
		u.header[d.pick("Timing-Allow-Origin", "timing-allow-origin", "Set-Cookie", "ETag", "x-odd")] = []string{"*"}
	}
	if d.oneIn(2) {
		u.header["Vary"] = d.list(3, func() string {
			return d.pick("Accept-Encoding", "Origin", "origin", "*", "Cookie", "accept-encoding, ORIGIN", "Access-Control-Request-Method", "")
		})
	}
	if u.style == "trailer" {
		u.header["Trailer"] = []string{"access-control-allow-origin, X-T"}
	}
	return u
}

// exchange is one request and what came of it.
type exchange struct {
	handler    *Handler
	request    *http.Request
	errorRoute bool
	upstream   upstreamAnswer

	decided decision
	err     error
	passed  bool
	answer  answerWriter
}

var errUpstream = errors.New("an error of the handler behind")

func (e *exchange) run() {
	e.handler.observe = func(d decision) { e.decided = d }
	e.answer.header = make(http.Header)
	ctx := context.WithValue(e.request.Context(), caddyhttp.VarsCtxKey, make(map[string]any))
	if e.errorRoute {
		ctx = context.WithValue(ctx, caddyhttp.ErrorCtxKey, errUpstream)
	}
	e.err = e.handler.ServeHTTP(&e.answer, e.request.WithContext(ctx), caddyhttp.HandlerFunc(e.next))
	if e.answer.sent == nil {
		e.answer.sent = e.answer.header
	}
}

// next is the handler behind.
func (e *exchange) next(w http.ResponseWriter, _ *http.Request) error {
	e.passed = true
	if e.upstream.style == "hints" {
		w.WriteHeader(http.StatusEarlyHints)
	}
	for name, values := range e.upstream.header { // as reverse_proxy does
		w.Header()[name] = append(w.Header()[name], values...)
	}
	switch e.upstream.style {
	case "write", "hints":
		w.Write([]byte("x"))
	case "status":
		w.WriteHeader(http.StatusNotFound)
	case "flush":
		return http.NewResponseController(w).Flush()
	case "error":
		return errUpstream
	case "copy":
		io.Copy(w, io.LimitReader(strings.NewReader("x"), 1))
	case "trailer":
		w.Write([]byte("x"))
		w.Header()[http.TrailerPrefix+"access-control-allow-credentials"] = []string{"true"}
	}
	return nil
}

// answerWriter keeps the header as it is when the answer begins. (That of
// httptest takes a 103 for an answer.)
type answerWriter struct {
	header, sent http.Header
	status, size int
}

func (w *answerWriter) Header() http.Header { return w.header }

func (w *answerWriter) WriteHeader(status int) {
	if w.sent == nil && status >= 200 {
		w.status, w.sent = status, w.header.Clone()
	}
}

func (w *answerWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	w.size += len(p)
	return len(p), nil
}

func (w *answerWriter) FlushError() error {
	w.WriteHeader(http.StatusOK)
	return nil
}

// ReadFrom is there, so that io.Copy uses the writers' above.
func (w *answerWriter) ReadFrom(r io.Reader) (int64, error) {
	w.WriteHeader(http.StatusOK)
	return io.Copy(io.Discard, r)
}

// plainRequest is the request as the oracle reads it.
func (e *exchange) plainRequest() *oracleRequest {
	r := e.request
	upgrades := slices.ContainsFunc(varyNames(r.Header["Upgrade"]), func(s string) bool { return s == "websocket" })
	extended := r.ProtoMajor == 2 && slices.Equal(r.Header[":protocol"], []string{"websocket"})
	return &oracleRequest{
		method: r.Method, host: r.Host, errorRoute: e.errorRoute,
		fetchSite: r.Header["Sec-Fetch-Site"], origin: r.Header["Origin"],
		requestMethod: r.Header["Access-Control-Request-Method"], requestHeaders: r.Header["Access-Control-Request-Headers"],
		webSocket: r.Method == "CONNECT" && extended || r.Method != "CONNECT" && upgrades,
	}
}
