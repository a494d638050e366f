package judges_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/caddy-cors/caddy-cors/internal/oracle"
)

// exchange is one request and what came of it.
type exchange struct {
	handler      caddyhttp.MiddlewareHandler
	request      *http.Request
	errorRoute   bool
	hostVerified bool
	upstream     oracle.Upstream

	decided decision
	err     error
	passed  bool
	answer  answerWriter
}

// decision is what the handler says of itself, in the words of the metrics; what
// it does not say is empty.
type decision struct {
	kind    string // only the access log has it
	verdict string
	reason  string
}

var errUpstream = errors.New("an error of the handler behind")

func (e *exchange) run() {
	e.answer.header = make(http.Header)
	placeholders := caddy.NewReplacer()
	ctx := context.WithValue(e.request.Context(), caddyhttp.VarsCtxKey, make(map[string]any))
	ctx = context.WithValue(ctx, caddy.ReplacerCtxKey, placeholders)
	if e.errorRoute {
		ctx = context.WithValue(ctx, caddyhttp.ErrorCtxKey, errUpstream)
	}
	e.err = e.handler.ServeHTTP(&e.answer, e.request.WithContext(ctx), caddyhttp.HandlerFunc(e.next))
	e.decided.verdict, _ = placeholders.GetString("http.cors.decision")
	e.decided.reason, _ = placeholders.GetString("http.cors.reason")
	if e.answer.sent == nil {
		e.answer.sent = e.answer.header
	}
}

// next is the handler behind.
func (e *exchange) next(w http.ResponseWriter, _ *http.Request) error {
	e.passed = true
	if e.upstream.Style == "hints" {
		w.WriteHeader(http.StatusEarlyHints)
	}
	for name, values := range e.upstream.Header { // as reverse_proxy does
		w.Header()[name] = append(w.Header()[name], values...)
	}
	switch e.upstream.Style {
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

// asRead is the request as the oracle reads it.
func (e *exchange) asRead() *oracle.Request {
	r := oracle.ReadRequest(e.request)
	r.ErrorRoute, r.HostVerified = e.errorRoute, e.hostVerified
	return r
}
