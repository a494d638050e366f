package main

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quic-go/quic-go/http3"
)

// counter counts from 1.
type counter struct{ n atomic.Int64 }

func (c *counter) next() int64 { return c.n.Add(1) }

// serve starts a server for the protocol and returns a plan for it.
func serve(t *testing.T, protocol string, handler http.Handler, connected func()) *plan {
	t.Helper()
	if protocol == "HTTP/3" {
		return serveHTTP3(t, handler, connected)
	}
	server := httptest.NewUnstartedServer(handler)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connected()
		}
	}
	var p *plan
	if protocol == "HTTP/2" {
		server.EnableHTTP2 = true
		server.StartTLS()
		p = testPlan(protocol, server.URL)
		p.target.roots = server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	} else {
		server.Start()
		p = testPlan(protocol, server.URL)
	}
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	return p
}

// serveHTTP3 uses a certificate as load/run makes it.
func serveHTTP3(t *testing.T, handler http.Handler, connected func()) *plan {
	t.Helper()
	certificate, key := filepath.Join(t.TempDir(), "certificate.pem"), filepath.Join(t.TempDir(), "key.pem")
	if err := certificateCommand(t.Context(), []string{"-certificate", certificate, "-key", key}, t.Output()); err != nil {
		t.Fatal(err)
	}
	pair, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	seen := new(sync.Map)
	server := &http3.Server{
		TLSConfig: http3.ConfigureTLSConfig(&tls.Config{Certificates: []tls.Certificate{pair}}),
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, again := seen.LoadOrStore(r.RemoteAddr, true); !again {
				connected()
			}
			handler.ServeHTTP(w, r)
		}),
	}
	go func() { _ = server.Serve(conn) }()
	t.Cleanup(func() { server.Close() })
	_, port, _ := net.SplitHostPort(conn.LocalAddr().String())
	p := testPlan("HTTP/3", "https://localhost:"+port)
	if p.target.roots, err = readRoots(certificate); err != nil {
		t.Fatal(err)
	}
	return p
}

func eachProtocol(t *testing.T, test func(t *testing.T, protocol string)) {
	t.Helper()
	for protocol := range protocols {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			test(t, protocol)
		})
	}
}

// TestDriveCount: as many requests as allowed, over as many connections as asked
// for, and as a browser sends them.
func TestDriveCount(t *testing.T) {
	t.Parallel()
	eachProtocol(t, func(t *testing.T, protocol string) {
		t.Helper()
		var requests, wrong, connections atomic.Int64
		p := serve(t, protocol, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			requests.Add(1)
			if r.Method != "OPTIONS" || r.Header.Get("Origin") != origin || r.Header.Get("Access-Control-Request-Method") != "PUT" {
				wrong.Add(1)
			}
			answer{200, []string{origin}, "hello"}.ServeHTTP(w, r)
		}), func() { connections.Add(1) })
		p.target.preflight = true
		result, err := p.run(t.Context(), nothing)
		if err != nil {
			t.Fatal(err)
		}
		if got := result.latency.TotalCount(); got != p.requests {
			t.Errorf("recorded %d requests, want %d", got, p.requests)
		}
		// Each connection begins with a request that does not count.
		if got, want := requests.Load(), p.requests+int64(p.connections); got != want {
			t.Errorf("the server got %d requests, want %d", got, want)
		}
		if got := connections.Load(); got != int64(p.connections) {
			t.Errorf("%d connections, want %d", got, p.connections)
		}
		if n := wrong.Load(); n > 0 {
			t.Errorf("%d requests are no preflights", n)
		}
	})
}

// TestDriveTime: the time ends a run that has requests left.
func TestDriveTime(t *testing.T) {
	t.Parallel()
	eachProtocol(t, func(t *testing.T, protocol string) {
		t.Helper()
		p := serve(t, protocol, answer{200, []string{origin}, "hello"}, func() {})
		p.time, p.requests = 50*time.Millisecond, 1<<40
		result, err := p.run(t.Context(), nothing)
		if err != nil {
			t.Fatal(err)
		}
		if result.elapsed < p.time {
			t.Errorf("ended after %v, want %v", result.elapsed, p.time)
		}
	})
}

// TestDriveHangs: a server that no longer answers ends the run, as an error of
// each sender that waits.
func TestDriveHangs(t *testing.T) {
	t.Parallel()
	eachProtocol(t, func(t *testing.T, protocol string) {
		t.Helper()
		var n counter
		ctx, done := context.WithCancel(t.Context())
		first := int64(testPlan(protocol, "").connections) // they are answered
		p := serve(t, protocol, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if n.next() > first {
				<-ctx.Done()
				return
			}
			answer{200, []string{origin}, "hello"}.ServeHTTP(w, r)
		}), func() {})
		t.Cleanup(done) // before the server waits for its handlers
		p.time, p.patience = time.Second, 4*time.Second
		result, err := p.run(t.Context(), nothing)
		if result == nil || err == nil {
			t.Fatalf("%+v, error %v", result, err)
		}
		if most := int64(p.connections * p.senders); result.errors > most || result.latency.TotalCount() != 0 {
			t.Errorf("%d errors of %d senders, %d responses; the first error: %v",
				result.errors, most, result.latency.TotalCount(), result.first)
		}
	})
}

// TestDriveStarted: what counts begins after the warm-up.
func TestDriveStarted(t *testing.T) {
	t.Parallel()
	var requests atomic.Int64
	p := serve(t, "HTTP/1.1", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		answer{200, []string{origin}, "hello"}.ServeHTTP(w, r)
	}), func() {})
	p.warmup = time.Minute
	var before int64
	if _, err := p.run(t.Context(), func() error { before = requests.Load(); return nil }); err != nil {
		t.Fatal(err)
	}
	if want := p.requests + int64(p.connections); before != want {
		t.Errorf("%d requests before the start, want %d", before, want)
	}
	failed := errors.New("no such process")
	if _, err := p.run(t.Context(), func() error { return failed }); !errors.Is(err, failed) {
		t.Errorf("error %v, want %v", err, failed)
	}
}

// TestDriveNobody: a run without a response is no result.
func TestDriveNobody(t *testing.T) {
	t.Parallel()
	p := testPlan("HTTP/1.1", "http://127.0.0.1:1")
	if _, err := p.run(t.Context(), nothing); err == nil {
		t.Error("passed without a server")
	}
	if err := newTally().err(); err == nil {
		t.Error("an empty tally is no error")
	}
}

// TestTally: quantiles are those of all senders together.
func TestTally(t *testing.T) {
	t.Parallel()
	sum := newTally()
	for sender := range 10 {
		one := newTally()
		for i := range 100 {
			one.record(time.Duration(100*sender+i+1)*time.Millisecond, nil)
		}
		sum.merge(one)
	}
	sum.elapsed = 2 * time.Second
	var line requestsLine
	line.fill(sum, 500*time.Millisecond)
	for name, c := range map[string]struct{ got, want float64 }{
		"p50": {line.P50, 500e3}, "p99": {line.P99, 990e3}, "p99.9": {line.P999, 999e3}, "max": {line.Max, 1000e3},
		"rate": {line.PerSecond, 500}, "CPU": {line.CPU, 500},
	} {
		if c.got < c.want*0.999 || c.got > c.want*1.001 { // three digits
			t.Errorf("%s is %v, want %v", name, c.got, c.want)
		}
	}
	if sum.record(2*time.Minute, nil); sum.errors != 1 {
		t.Error("a latency beyond the histogram is no error")
	}
}
