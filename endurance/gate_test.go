package endurance

import (
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

// gate stands in Caddy's listeners and writes down which generation of the
// configuration accepted a connection. That generation answers all requests on
// it, so the oracle knows exactly which policy was in force.
type gate struct {
	Generation int `json:"generation,omitempty"`
}

func init() { caddy.RegisterModule(new(gate)) }

// CaddyModule returns the Caddy module information.
func (*gate) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "caddy.listeners.endurance_gate", New: func() caddy.Module { return new(gate) }}
}

// UnmarshalCaddyfile reads the number of the generation.
func (g *gate) UnmarshalCaddyfile(d *caddyfile.Dispenser) (err error) {
	d.Next()
	d.NextArg()
	g.Generation, err = strconv.Atoi(d.Val())
	return err
}

// WrapListener implements caddy.ListenerWrapper.
func (g *gate) WrapListener(l net.Listener) net.Listener {
	return &gatedListener{Listener: l, generation: g.Generation}
}

type gatedListener struct {
	net.Listener
	generation int
	closed     atomic.Pointer[time.Time]
}

// Accept implements net.Listener.
func (l *gatedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		passed(conn.RemoteAddr(), conn.LocalAddr()).by.Store(l)
	}
	return conn, err
}

// Close implements net.Listener.
func (l *gatedListener) Close() error {
	err := l.Listener.Close()
	l.closed.CompareAndSwap(nil, new(time.Now()))
	return err
}

// passage is a connection as both sides know it.
type passage struct {
	by atomic.Pointer[gatedListener] // who accepted it
}

// passages are the open connections.
var passages sync.Map

// passed finds a connection by both addresses: to two servers the same port of
// a client can be two connections.
func passed(client, server net.Addr) *passage {
	p, _ := passages.LoadOrStore(passageKey(client, server), new(passage))
	return p.(*passage)
}

func passageKey(client, server net.Addr) string { return client.String() + " " + server.String() }

// clientConn is the client's side of a connection.
type clientConn struct {
	net.Conn
	*passage
	dialed time.Time // before that
}

func newClientConn(conn net.Conn, dialed time.Time) *clientConn {
	return &clientConn{conn, passed(conn.LocalAddr(), conn.RemoteAddr()), dialed}
}

// Close implements net.Conn.
func (c *clientConn) Close() error {
	passages.CompareAndDelete(passageKey(c.LocalAddr(), c.RemoteAddr()), c.passage)
	return c.Conn.Close()
}

// chronicle is the log of generations: when each began to be loaded, and which
// was loaded last.
type chronicle struct {
	mu    sync.Mutex
	begun map[int]time.Time
	last  int // begun
	now   atomic.Int64
}

func newChronicle() *chronicle { return &chronicle{begun: make(map[int]time.Time)} }

func (c *chronicle) begin(generation int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = generation
	c.begun[generation] = time.Now()
	delete(c.begun, generation-1000) // no connection lives that long
}

func (c *chronicle) loaded(generation int) { c.now.Store(int64(generation)) }

func (c *chronicle) current() int { return int(c.now.Load()) }

// supersedes reports whether a generation is over, or about to be.
func (c *chronicle) supersedes(generation int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last > generation
}

// possible reports whether the generation that accepted a connection could be
// in force: it was begun before the answer, and still listened when the
// connection was dialed.
func (c *chronicle) possible(x *exchange) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	begun, known := c.begun[x.generation]
	closed := x.conn.by.Load().closed.Load()
	return known && begun.Before(x.received) && (closed == nil || x.conn.dialed.Before(*closed))
}
