package check

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/caddy-cors/caddy-cors/internal/browser"
)

// ErrNotSent is the transport's answer to a request that could change
// something on the server, unless Send allows it.
var ErrNotSent = errors.New("not sent, because it could change something on the server; add --send to send it")

// ErrClientCertificate is the transport's error where the server ends the
// connection because it gets no client certificate.
var ErrClientCertificate = errors.New("the server wants a client certificate, and there is none")

// Transport carries the browser's requests to a live server.
type Transport struct {
	Send     bool          // send requests with unsafe methods
	Insecure bool          // accept any certificate
	Resolve  []string      // host:port:address, as curl's --resolve
	Cookie   string        // sent where the browser would send cookies
	Timeout  time.Duration // for everything together

	client     *http.Client
	upgrading  *http.Client // over HTTP/1.1, for handshakes
	sentCookie bool
	// wantsCertificate is set while a handshake of TLS is under way, on
	// another goroutine.
	wantsCertificate *atomic.Bool
}

// Open checks the options and makes the transport ready.
func (t *Transport) Open() error {
	addresses, err := parseResolve(t.Resolve)
	if err == nil && t.Timeout <= 0 {
		err = usagef("--timeout %s would wait for nothing, or for ever; write for example 10s", t.Timeout)
	}
	if err == nil && strings.ContainsFunc(t.Cookie, func(r rune) bool { return r < ' ' || r == '\x7f' }) {
		err = usagef("--cookie %q has a line break or another control character in it; remove it", t.Cookie)
	}
	if err != nil {
		return err
	}
	t.wantsCertificate = new(atomic.Bool)
	dialer := net.Dialer{Timeout: t.Timeout}
	dial := func(ctx context.Context, network, addr string) (net.Conn, error) {
		if to, ok := addresses[addr]; ok {
			addr = to
		}
		return dialAsBrowser(ctx, &dialer, network, addr)
	}
	t.client = t.newClient(dial, true)
	t.upgrading = t.newClient(dial, false)
	return nil
}

func (t *Transport) newClient(dial func(context.Context, string, string) (net.Conn, error), http2 bool) *http.Client {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(http2)
	return &http.Client{
		// The browser decides about redirects.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:              http.ProxyFromEnvironment,
			Protocols:          protocols,
			DisableCompression: true,
			TLSClientConfig: &tls.Config{
				InsecureSkipVerify: t.Insecure, //nolint:gosec // --insecure asks for it
				GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
					t.wantsCertificate.Store(true)
					return new(tls.Certificate), nil // none, as a browser with a preflight
				},
			},
			DialContext: dial,
		},
	}
}

// dialAsBrowser takes localhost and the names below it for loopback, as browsers
// do (https://w3c.github.io/webappsec-secure-contexts/#localhost), whatever the
// system's resolver makes of them.
func dialAsBrowser(ctx context.Context, dialer *net.Dialer, network, addr string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil || host != "localhost" && !strings.HasSuffix(host, ".localhost") {
		return dialer.DialContext(ctx, network, addr)
	}
	conn, err := dialer.DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		if six, err6 := dialer.DialContext(ctx, network, net.JoinHostPort("::1", port)); err6 == nil {
			return six, nil
		}
	}
	return conn, err
}

// Close ends the idle connections.
func (t *Transport) Close() {
	t.client.CloseIdleConnections()
	t.upgrading.CloseIdleConnections()
}

func parseResolve(entries []string) (map[string]string, error) {
	addresses := make(map[string]string, len(entries))
	for _, e := range entries {
		host, rest, _ := strings.Cut(e, ":")
		port, addr, ok := strings.Cut(rest, ":")
		addr = strings.Trim(addr, "[]")
		_, badPort := strconv.ParseUint(port, 10, 16)
		if !ok || host == "" || badPort != nil || net.ParseIP(addr) == nil {
			return nil, usagef("--resolve %q is not host:port:address; write for example --resolve api.example.com:443:127.0.0.1", e)
		}
		addresses[net.JoinHostPort(strings.ToLower(host), port)] = net.JoinHostPort(addr, port)
	}
	return addresses, nil
}

// roundTrip implements browser.RoundTrip.
func (t *Transport) roundTrip(ctx context.Context, s browser.Sent) (browser.Response, error) {
	if !t.Send && !s.Preflight && !isSafe(s.Method) {
		return browser.Response{}, ErrNotSent
	}
	req, err := http.NewRequestWithContext(ctx, s.Method, s.URL, nil)
	if err != nil {
		return browser.Response{}, err
	}
	for _, h := range s.Headers {
		req.Header[http.CanonicalHeaderKey(h[0])] = append(req.Header.Values(h[0]), h[1])
	}
	if s.Credentials && t.Cookie != "" {
		req.Header.Set("Cookie", t.Cookie)
		t.sentCookie = true
	}
	client := t.client
	if s.Headers.Has("Upgrade") { // HTTP/2 has no such header
		client = t.upgrading
	}
	res, err := client.Do(req)
	if err != nil {
		return browser.Response{}, t.plain(err)
	}
	// Nothing of the body is read: browsers judge by the headers, and a
	// stream, a 101 or a length that is not kept would have no end.
	_ = res.Body.Close()
	return browser.Response{Status: res.StatusCode, Headers: browser.HeadersFrom(res.Header)}, nil
}

// KeptCookie reports whether there was a cookie that the browser would not send.
func (t *Transport) KeptCookie() bool { return t.Cookie != "" && !t.sentCookie }

// Play plays one fetch against the server. What was not sent is no exchange.
func Play(page browser.Page, r browser.Request, t *Transport) browser.Verdict {
	ctx, cancel := context.WithTimeout(context.Background(), t.Timeout)
	defer cancel()
	v := browser.Fetch(page, r, func(s browser.Sent) (browser.Response, error) { return t.roundTrip(ctx, s) })
	if n := len(v.Exchanges); errors.Is(v.Err, ErrNotSent) && n > 0 {
		v.Exchanges = v.Exchanges[:n-1]
		if len(v.Preflights) > 0 {
			v.Outcome, v.Failure = browser.PreflightPassed, browser.Failure{}
		}
	}
	return v
}

// isSafe reports whether a method changes nothing on the server (RFC 9110,
// section 9.2.1).
func isSafe(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return true
	}
	return false
}

// plain takes the wrapping off an error, which would repeat method and URL.
func (t *Transport) plain(err error) error {
	var timeout interface{ Timeout() bool }
	switch {
	case errors.As(err, &timeout) && timeout.Timeout():
		return errors.New("the server did not answer in time (--timeout)")
	case t.wantsCertificate.Load(): // it asked for one, and then ended the connection
		return fmt.Errorf("no answer: %w", ErrClientCertificate)
	}
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		var op *net.OpError
		if errors.As(err, &op) && errors.Is(op, err) {
			break
		}
		err = inner
	}
	return fmt.Errorf("no answer: %w", err)
}
