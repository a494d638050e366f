package cors

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/quic-go/quic-go/http3"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// TestStartReloadStop is the one test that starts Caddy for real, with ports
// of its own: over HTTP/1.1, HTTP/2 and HTTP/3, with reloads under load. Every
// answer must fit a policy that could have been in force.
func TestStartReloadStop(t *testing.T) {
	plain, secure := freePort(t), freePort(t)
	config := func(origins string) []byte {
		text, err := corstest.Adapt(fmt.Sprintf(`{
			admin off
			persist_config off
			skip_install_trust
			auto_https disable_redirects
			grace_period 5s
			log {
				output memory start
			}
		}
		http://localhost:%d, https://localhost:%d {
			cors %s
			respond hello
		}`, plain, secure, origins))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	if err := caddy.Load(config(corstest.App), true); err != nil {
		t.Fatal(err)
	}
	stopped := false
	defer func() {
		if !stopped {
			caddy.Stop()
		}
	}()

	insecure := &tls.Config{InsecureSkipVerify: true}
	h1 := &http.Transport{}
	h2 := &http.Transport{TLSClientConfig: insecure.Clone(), ForceAttemptHTTP2: true}
	h3 := &http3.Transport{TLSClientConfig: insecure.Clone()}
	defer h3.Close()
	clients := []struct {
		name, url, proto string
		transport        http.RoundTripper
	}{
		{"HTTP/1.1", fmt.Sprintf("http://localhost:%d/", plain), "HTTP/1.1", h1},
		{"HTTP/2", fmt.Sprintf("https://localhost:%d/", secure), "HTTP/2.0", h2},
		{"HTTP/3", fmt.Sprintf("https://localhost:%d/", secure), "HTTP/3.0", h3},
	}
	awaitCertificate(t, secure, insecure)
	for _, c := range clients {
		t.Run(c.name, func(t *testing.T) {
			res := roundTrip(t, c.transport, "GET", c.url, corstest.App, "")
			if res.Proto != c.proto {
				t.Errorf("protocol %s, want %s", res.Proto, c.proto)
			}
			corstest.WantHeader(t, res.Header, httpwords.AllowOrigin, corstest.App)
			corstest.WantVary(t, res.Header, "Origin")
			res = roundTrip(t, c.transport, "OPTIONS", c.url, corstest.App, "PUT")
			if res.StatusCode != http.StatusNoContent {
				t.Errorf("preflight: status %d", res.StatusCode)
			}
			corstest.WantHeader(t, res.Header, httpwords.MaxAge, "7200")
			res = roundTrip(t, c.transport, "OPTIONS", c.url, corstest.Evil, "PUT")
			if res.StatusCode != http.StatusForbidden {
				t.Errorf("refused preflight: status %d", res.StatusCode)
			}
			corstest.WantNothing(t, res.Header)
		})
	}

	t.Run("reload under load", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		var (
			wg     sync.WaitGroup
			served atomic.Int64
		)
		const other = "https://other.example.com"
		for _, c := range clients[:2] {
			for _, origin := range []string{corstest.App, other, corstest.Evil} {
				wg.Go(func() {
					for ctx.Err() == nil {
						res := roundTrip(t, c.transport, "GET", c.url, origin, "")
						got := res.Header.Values(httpwords.AllowOrigin)
						allowed := len(got) == 1 && got[0] == origin
						if len(got) > 0 && !allowed || origin == corstest.App && !allowed || origin == corstest.Evil && allowed {
							t.Errorf("%s: %s got %q", c.name, origin, got)
						}
						served.Add(1)
					}
				})
			}
		}
		for i := range 10 {
			origins := corstest.App
			if i%2 == 0 {
				origins += " " + other
			}
			if err := caddy.Load(config(origins), true); err != nil {
				t.Error(err)
			}
			time.Sleep(20 * time.Millisecond)
		}
		cancel()
		wg.Wait()
		t.Logf("%d requests over 10 reloads", served.Load())
	})

	h1.CloseIdleConnections()
	h2.CloseIdleConnections()
	stopped = true
	if err := caddy.Stop(); err != nil {
		t.Fatal(err)
	}
	awaitSilence(t, plain)
}

// roundTrip sends a request; one that is dropped fails the test.
func roundTrip(t *testing.T, transport http.RoundTripper, method, url, origin, asks string) *http.Response {
	req, err := http.NewRequest(method, url, nil)
	if err != nil {
		t.Error(err)
		return new(http.Response)
	}
	req.Header.Set(httpwords.Origin, origin)
	if asks != "" {
		req.Header.Set(httpwords.RequestMethod, asks)
	}
	res, err := transport.RoundTrip(req)
	for range 5 {
		// Linux resets connections that wait in the queue of a listener that
		// closes, and a server that shuts down closes those that have not
		// carried a request yet. Browsers try again, and so does this.
		if op := (*net.OpError)(nil); !errors.As(err, &op) && !errors.Is(err, io.EOF) {
			break
		}
		res, err = transport.RoundTrip(req)
	}
	if err != nil {
		t.Errorf("%s %s: %v", method, url, err)
		return new(http.Response)
	}
	io.Copy(io.Discard, res.Body)
	res.Body.Close()
	return res
}

// awaitCertificate waits until Caddy has made its certificate, which it does in
// the background.
func awaitCertificate(t *testing.T, port int, config *tls.Config) {
	t.Helper()
	config = config.Clone()
	config.ServerName = "localhost"
	var err error
	for range 500 {
		var conn *tls.Conn
		if conn, err = tls.Dial("tcp", fmt.Sprintf("localhost:%d", port), config); err == nil {
			conn.Close()
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("no certificate: %v", err)
}

// awaitSilence waits until nobody listens on a port. The system may take a moment to
// close the listeners.
func awaitSilence(t *testing.T, port int) {
	t.Helper()
	for range 500 {
		conn, err := net.Dial("tcp", fmt.Sprintf("localhost:%d", port))
		if err != nil {
			return
		}
		conn.Close()
		time.Sleep(20 * time.Millisecond)
	}
	t.Error("it still listens after the stop")
}

// freePort finds a port that nobody listens on.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
