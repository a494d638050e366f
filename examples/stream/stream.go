// Package stream is the live part of the example: Caddy has no handler that
// answers bit by bit, and a policy must hold for such answers too.
package stream

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"golang.org/x/net/websocket"
)

func init() {
	caddy.RegisterModule((*Handler)(nil))
	httpcaddyfile.RegisterHandlerDirective("demo_stream", func(h httpcaddyfile.Helper) (caddyhttp.MiddlewareHandler, error) {
		h.Next() // the directive's name; it takes nothing but a matcher
		if h.NextArg() {
			return nil, h.ArgErr()
		}
		return new(Handler), nil
	})
	httpcaddyfile.RegisterDirectiveOrder("demo_stream", httpcaddyfile.Before, "respond")
}

// Handler answers with five server-sent events, one every 200 milliseconds,
// and a WebSocket with an echo. It is for the example only.
type Handler struct{}

// CaddyModule returns the Caddy module information.
func (*Handler) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers.demo_stream", New: func() caddy.Module { return new(Handler) }}
}

// ServeHTTP streams until the last event or until the client leaves.
func (*Handler) ServeHTTP(w http.ResponseWriter, r *http.Request, _ caddyhttp.Handler) error {
	if strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		echo := websocket.Server{Handler: func(c *websocket.Conn) { _, _ = io.Copy(c, c) }}
		echo.ServeHTTP(hijacker{w}, r)
		return nil
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	// Flushed before anything is written: a middleware that waits for
	// WriteHeader or Write to set its headers would be too late here.
	out := http.NewResponseController(w)
	err := out.Flush()
	for i := 1; i <= 5 && err == nil; i++ {
		select {
		case <-r.Context().Done():
			return nil
		case <-time.After(200 * time.Millisecond):
		}
		if _, err = fmt.Fprintf(w, "id: %d\ndata: tick %d\n\n", i, i); err == nil {
			err = out.Flush()
		}
	}
	return err
}

// hijacker finds the connection below any wrappers, as the websocket package
// asks the outermost writer only.
type hijacker struct{ http.ResponseWriter }

func (h hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(h.ResponseWriter).Hijack()
}

var _ caddyhttp.MiddlewareHandler = (*Handler)(nil)
