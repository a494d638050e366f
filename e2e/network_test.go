package e2e

import (
	"bufio"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
)

// network is what lies between browsers and Caddy: names that are not below
// localhost, and TLS.
type network struct {
	cert  tls.Certificate
	proxy string   // host:port of a proxy that finds every name on this machine
	tls   []string // host:port of everything that speaks TLS
	names []string // that are not below localhost
}

// newNetwork starts the proxy and borrows the certificate of httptest, which no
// browser trusts: each is told to take it.
func newNetwork(t testing.TB) *network {
	t.Helper()
	lender := httptest.NewTLSServer(http.NotFoundHandler())
	n := &network{cert: lender.TLS.Certificates[0]}
	lender.Close()
	proxy := httptest.NewServer(http.HandlerFunc(serveProxy))
	t.Cleanup(func() {
		proxy.CloseClientConnections()
		proxy.Close()
	})
	n.proxy = proxy.Listener.Addr().String()
	return n
}

// fingerprint is that of the certificate, as Firefox writes it.
func (n *network) fingerprint() string {
	leaf, err := x509.ParseCertificate(n.cert.Certificate[0])
	if err != nil {
		panic(err)
	}
	return strings.ReplaceAll(fmt.Sprintf("% X", sha256.Sum256(leaf.Raw)), " ", ":")
}

// overrides tell Firefox to take the certificate: a line for each server.
func (n *network) overrides() string {
	var b strings.Builder
	for _, server := range n.tls {
		fmt.Fprintf(&b, "%s:\tOID.2.16.840.1.101.3.4.2.1\t%s\t\n", server, n.fingerprint())
	}
	return b.String()
}

// onLoopback is the address on this machine that a host and port stand for.
func onLoopback(hostPort string) string {
	_, port, err := net.SplitHostPort(hostPort)
	if err != nil {
		port = "80"
	}
	return net.JoinHostPort("127.0.0.1", port)
}

// serveProxy is an HTTP proxy for which every name is this machine.
func serveProxy(rw http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodConnect {
		tunnel(rw, r)
		return
	}
	passOn(onLoopback(r.Host)).ServeHTTP(rw, r)
}

// passOn is a reverse proxy that keeps Host and says nothing of itself.
func passOn(addr string) *httputil.ReverseProxy {
	return &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(&url.URL{Scheme: "http", Host: addr})
			p.Out.Host = p.In.Host
		},
		FlushInterval: -1,
	}
}

// tunnel carries bytes both ways (RFC 9110, 9.3.6).
func tunnel(rw http.ResponseWriter, r *http.Request) {
	server, err := new(net.Dialer).DialContext(r.Context(), "tcp", onLoopback(r.Host))
	if err != nil {
		http.Error(rw, err.Error(), http.StatusBadGateway)
		return
	}
	defer server.Close()
	client, buf, err := http.NewResponseController(rw).Hijack()
	if err != nil {
		return
	}
	defer client.Close()
	fmt.Fprint(client, "HTTP/1.1 200 OK\r\n\r\n")
	go func() {
		_, _ = io.Copy(server, buf)
		server.Close()
	}()
	_, _ = io.Copy(client, server)
}

// bothWays is a listener that speaks TLS to clients that do, and plain HTTP to
// the others. So an http page and an https site can have one host and port, and
// only the scheme tells them apart.
type bothWays struct {
	net.Listener

	config *tls.Config
	conns  chan net.Conn
	closed chan struct{}
}

func (n *network) listenBothWays(l net.Listener) *bothWays {
	b := &bothWays{
		Listener: l, conns: make(chan net.Conn), closed: make(chan struct{}),
		config: &tls.Config{Certificates: []tls.Certificate{n.cert}, NextProtos: []string{"http/1.1"}},
	}
	go b.listen()
	return b
}

func (b *bothWays) listen() {
	defer close(b.closed)
	for {
		conn, err := b.Listener.Accept()
		if err != nil {
			return
		}
		go b.tell(conn)
	}
}

// tell looks at the first byte: that of a TLS handshake is 22 (RFC 8446, 5.1).
func (b *bothWays) tell(conn net.Conn) {
	p := &peeked{Conn: conn, r: bufio.NewReader(conn)}
	first, err := p.r.Peek(1)
	if err != nil {
		conn.Close()
		return
	}
	var c net.Conn = p
	if first[0] == 22 {
		c = tls.Server(p, b.config)
	}
	select {
	case b.conns <- c:
	case <-b.closed:
		conn.Close()
	}
}

// Accept implements net.Listener.
func (b *bothWays) Accept() (net.Conn, error) {
	select {
	case c := <-b.conns:
		return c, nil
	case <-b.closed:
		return nil, net.ErrClosed
	}
}

// peeked is a connection of which something was read already.
type peeked struct {
	net.Conn

	r *bufio.Reader
}

// Read implements net.Conn.
func (p *peeked) Read(b []byte) (int, error) { return p.r.Read(b) }
