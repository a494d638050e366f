package endurance

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"syscall"
	"time"
)

// client sends requests over one protocol and says what became of them.
type client struct {
	proto     string
	base      string // scheme, address and port
	transport *http.Transport
	tally     *tally
}

// protocols are those of the load.
var protocols = []string{"HTTP/1.1", "HTTP/2.0", "HTTP/2.0 over plain TCP"}

func (w *world) client(proto string) *client {
	c := &client{proto: proto, base: "http://" + loopback(w.plainPort), tally: w.tally}
	c.transport = &http.Transport{
		DialContext:            dialGated,
		DisableCompression:     true, // it would add a request header of its own
		MaxIdleConnsPerHost:    1,
		MaxResponseHeaderBytes: 64 << 10,
		Protocols:              new(http.Protocols),
	}
	switch proto {
	case protocols[0]:
		c.transport.Protocols.SetHTTP1(true)
	case protocols[1]:
		c.base = "https://" + loopback(w.securePort)
		c.transport.Protocols.SetHTTP2(true)
		c.transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: true, ServerName: sites[0].host}
	default:
		c.transport.Protocols.SetUnencryptedHTTP2(true)
	}
	return c
}

// dialGated dials a connection that the gate knows, and tells the attempt that
// it was dialed for.
func dialGated(ctx context.Context, network, address string) (net.Conn, error) {
	dialer, dialed := net.Dialer{Timeout: patience}, time.Now()
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	gated := newClientConn(conn, dialed)
	if a, ok := ctx.Value(attemptKey{}).(*attempt); ok {
		a.use(gated, false)
	}
	return gated, nil
}

// attempt follows one request through the transport, which may try again by
// itself where HTTP allows it (RFC 9110, section 9.2.2): on a connection that
// was used before and on which no byte came back.
type attempt struct {
	mu   sync.Mutex
	conn *clientConn
	got  int
}

type attemptKey struct{}

func (a *attempt) use(conn net.Conn, got bool) {
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if gated, ok := conn.(*clientConn); ok {
		a.conn = gated
	}
	if got {
		a.got++
	}
}

func (a *attempt) last() (conn *clientConn, tries int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.conn, a.got
}

// exchange is a request with its response.
type exchange struct {
	*request
	status     int
	response   http.Header
	proto      string
	generation int
	conn       *clientConn

	sent, received time.Time
}

// maxTries bounds how often a request may come to nothing before it gets to a
// handler.
const maxTries = 20

// do sends a request and reads the whole response. An error is a request that
// was dropped.
func (c *client) do(ctx context.Context, r *request) (*exchange, error) {
	x, body, err := c.open(ctx, r)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	if _, err := io.Copy(io.Discard, body); err != nil {
		return nil, fmt.Errorf("reading the response (%d): %w", x.status, err)
	}
	return x, nil
}

// open sends a request and reads the head of the response.
func (c *client) open(ctx context.Context, r *request) (*exchange, io.ReadCloser, error) {
	if c.proto == protocols[0] && !repeatable(r.method) {
		// Not on a connection that is about to be closed: this could not be
		// sent again.
		c.transport.CloseIdleConnections()
	}
	x := &exchange{request: r, sent: time.Now()}
	for try := 0; ; try++ {
		number := arrivals.expect()
		var a attempt
		res, err := c.try(ctx, r, number, &a)
		conn, tries := a.last()
		c.tally.retries.Add(int64(max(tries-1, 0)))
		arrived, generation := arrivals.forget(number)
		if err == nil {
			x.received = time.Now()
			x.status, x.response, x.proto = res.StatusCode, res.Header, res.Proto
			if err = x.by(conn, arrived, generation); err != nil {
				res.Body.Close()
				return nil, nil, err
			}
			return x, res.Body, nil
		}
		if try == maxTries || arrived > 0 || !c.tally.excused(conn, err) {
			return nil, nil, fmt.Errorf("%w (%s, it got to a handler %d times)", err, c.proto, arrived)
		}
	}
}

// by notes which generation answered. The connection and the first handler say
// the same of that.
func (x *exchange) by(conn *clientConn, arrived, generation int) error {
	x.conn, x.generation = conn, generation
	switch {
	case arrived > 1:
		return errors.New("a handler got it before, and did not answer")
	case arrived == 0:
		return errors.New("answered, but no handler got it")
	case conn == nil || conn.by.Load() == nil:
		return errors.New("answered on a connection that nobody accepted")
	case conn.by.Load().generation != generation:
		return fmt.Errorf("generation %d answered on a connection that generation %d accepted", generation, conn.by.Load().generation)
	}
	return nil
}

// excused reports whether a request that got to no handler, and so can be sent
// again, was lost for a reason that no handler can do anything about.
func (c *tally) excused(conn *clientConn, err error) bool {
	if !lost(err) {
		return false
	}
	if conn == nil || conn.by.Load() == nil { // nil: while it was dialed
		c.resets.Add(1)
		return true
	}
	by := conn.by.Load()
	// The server that accepted the connection is about to close its listener,
	// which may take a moment, or has done so: net/http then leaves unanswered
	// what it reads next.
	for deadline := time.Now().Add(c.moment); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if by.closed.Load() != nil {
			c.goodbyes.Add(1)
			return true
		}
	}
	return false
}

// lost: the connection ended.
func lost(err error) bool {
	for _, end := range []error{io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE} {
		if errors.Is(err, end) {
			return true
		}
	}
	// HTTP/2 has words of its own for it, and exports no error.
	return strings.Contains(err.Error(), "http2: client conn")
}

func repeatable(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

func (c *client) try(ctx context.Context, r *request, number string, a *attempt) (*http.Response, error) {
	ctx = context.WithValue(ctx, attemptKey{}, a)
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) { a.use(info.Conn, true) },
	})
	url := c.base + r.path
	if r.query != "" {
		url += "?" + r.query
	}
	var body io.Reader
	if r.body != "" {
		body = strings.NewReader(r.body)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, url, body)
	if err != nil {
		return nil, err
	}
	req.Host = r.site.host
	req.Header = r.header.Clone()
	req.Header.Set(numberHeader, number)
	return c.transport.RoundTrip(req)
}
