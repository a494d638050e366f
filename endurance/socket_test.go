package endurance

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// socket is a handler in Caddy's chain that upgrades a connection and echoes.
type socket struct{}

func init() {
	caddy.RegisterModule(socket{})
	httpcaddyfile.RegisterHandlerDirective("endurance_socket", func(httpcaddyfile.Helper) (caddyhttp.MiddlewareHandler, error) {
		return socket{}, nil
	})
	httpcaddyfile.RegisterDirectiveOrder("endurance_socket", httpcaddyfile.Before, "respond")
}

// CaddyModule returns the Caddy module information.
func (socket) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers.endurance_socket", New: func() caddy.Module { return new(socket) }}
}

// ServeHTTP implements caddyhttp.MiddlewareHandler.
func (socket) ServeHTTP(w http.ResponseWriter, _ *http.Request, _ caddyhttp.Handler) error {
	return echo(w)
}

// echo speaks a WebSocket's handshake and sends back what it gets.
func echo(rw http.ResponseWriter) error {
	conn, buffered, err := http.NewResponseController(rw).Hijack()
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := write(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"); err != nil {
		return err
	}
	if err := rw.Header().Write(conn); err != nil {
		return err
	}
	if err := write(conn, "\r\n"); err != nil {
		return err
	}
	_, err = io.Copy(conn, buffered)
	return err
}

func write(w io.Writer, text string) error {
	_, err := io.WriteString(w, text)
	return err
}

// talk opens WebSockets, one after the other, each of which lasts over a
// reload.
func (w *world) talk(ctx context.Context, t *testing.T, rnd *rand.Rand) {
	for ctx.Err() == nil {
		r := w.drawStream(rnd, "socket")
		if raceDetector || rnd.IntN(2) == 0 {
			// Caddy 2.11 has races of its own where a reload ends the upgraded
			// connections of reverse_proxy.
			r.path = "/socket"
		}
		for name, value := range map[string]string{
			"Connection": "Upgrade", "Upgrade": "websocket", "Sec-Websocket-Version": "13", "Sec-Websocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
		} {
			r.header.Set(name, value)
		}
		x, err := w.chat(t, r)
		if err != nil {
			w.tally.drop(t, r, err)
			continue
		}
		w.judge(t, x)
		if x.status != http.StatusSwitchingProtocols {
			pause(ctx, 5*time.Millisecond, 10*time.Millisecond)
		}
	}
}

// chat opens a WebSocket, and says things until the configuration has changed.
func (w *world) chat(t *testing.T, r *request) (*exchange, error) {
	x := &exchange{request: r, sent: time.Now()}
	for try := 0; ; try++ {
		number := arrivals.expect()
		conn, err := w.chatOn(t.Context(), x, number)
		arrived, generation := arrivals.forget(number)
		if err == nil {
			return x, x.by(conn, arrived, generation)
		}
		if try == maxTries || arrived > 0 || !w.tally.excused(conn, err) {
			return nil, err
		}
	}
}

func (w *world) chatOn(ctx context.Context, x *exchange, number string) (*clientConn, error) {
	raw, err := dialGated(ctx, "tcp", loopback(w.plainPort))
	if err != nil {
		return nil, err
	}
	defer raw.Close()
	conn, _ := raw.(*clientConn)
	if err := conn.SetDeadline(time.Now().Add(2 * patience)); err != nil {
		return conn, err
	}
	reader, err := x.shakeHands(conn, number)
	if err != nil || x.status != http.StatusSwitchingProtocols {
		return conn, err
	}
	err = w.converse(conn, reader)
	if x.path != "/socket" && w.chronicle.supersedes(conn.by.Load().generation) {
		err = nil // reverse_proxy ends its upgraded connections with its configuration
	}
	return conn, err
}

// shakeHands asks for an upgrade.
func (x *exchange) shakeHands(conn *clientConn, number string) (*bufio.Reader, error) {
	var head strings.Builder
	fmt.Fprintf(&head, "GET %s?%s HTTP/1.1\r\nHost: %s\r\n%s: %s\r\n", x.path, x.query, x.site.host, numberHeader, number)
	if err := errors.Join(x.header.Write(&head), write(conn, head.String()+"\r\n")); err != nil {
		return nil, err
	}
	reader := bufio.NewReader(conn)
	res, err := http.ReadResponse(reader, nil)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	x.received = time.Now()
	x.status, x.response, x.proto = res.StatusCode, res.Header, res.Proto
	if x.status != http.StatusSwitchingProtocols {
		if _, err := io.Copy(io.Discard, res.Body); err != nil {
			return nil, err
		}
	}
	return reader, nil
}

// converse says things, which must come back, until the configuration has
// changed.
func (w *world) converse(conn *clientConn, reader io.Reader) error {
	begun := w.chronicle.current()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(30 * time.Millisecond) {
		over := w.chronicle.current() > begun
		if err := exchangeText(conn, reader); err != nil {
			return err
		}
		if over {
			return nil
		}
	}
	return errors.New("no reload came")
}

func exchangeText(conn io.Writer, reader io.Reader) error {
	const text = "what was said"
	got := make([]byte, len(text))
	if err := write(conn, text); err != nil {
		return fmt.Errorf("talking on an upgraded connection: %w", err)
	}
	if n, err := io.ReadFull(reader, got); err != nil || string(got) != text {
		return fmt.Errorf("listening on an upgraded connection: %q, %w", got[:n], err)
	}
	return nil
}
