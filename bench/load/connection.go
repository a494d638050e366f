package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"net"
	"net/http"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
)

// connection is one connection to the server. A sender sends one request at a
// time; over HTTP/1.1 a connection has one sender, over the others many.
type connection interface {
	sender(ctx context.Context) (sender, error)
	close()
}

type sender func() (*http.Response, error)

// protocols are the ways to connect.
var protocols = map[string]struct {
	major   int
	connect func(context.Context, *target) (connection, error)
}{
	"HTTP/1.1": {1, connectHTTP1},
	"HTTP/2":   {2, connectHTTP2},
	"HTTP/3":   {3, connectHTTP3},
}

// http1 is written here: http.Transport passes each request through two more
// goroutines, and on a small machine would take as much time as the server.
type http1 struct {
	net.Conn

	target *target
}

func connectHTTP1(ctx context.Context, t *target) (connection, error) {
	address, err := t.address()
	if err != nil {
		return nil, err
	}
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return nil, err
		}
	}
	return http1{conn, t}, nil
}

func (c http1) close() { _ = c.Close() }

func (c http1) sender(ctx context.Context) (sender, error) {
	request, err := c.target.request(ctx)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	if err := request.Write(&text); err != nil {
		return nil, err
	}
	in := bufio.NewReader(c)
	return func() (*http.Response, error) {
		if _, err := c.Write(text.Bytes()); err != nil {
			return nil, err
		}
		return http.ReadResponse(in, request)
	}, nil
}

// multiplexed is a transport that keeps to one connection.
type multiplexed struct {
	transport http.RoundTripper
	target    *target
	shut      func()
}

func (c multiplexed) close() { c.shut() }

func (c multiplexed) sender(ctx context.Context) (sender, error) {
	// A sender waits for a response before it sends again, so it may use one
	// request for all.
	request, err := c.target.request(ctx)
	if err != nil {
		return nil, err
	}
	return func() (*http.Response, error) { return c.transport.RoundTrip(request) }, nil
}

func connectHTTP2(_ context.Context, t *target) (connection, error) {
	address, err := t.address()
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		TLSClientConfig:    t.tlsConfig(),
		Protocols:          new(http.Protocols),
		DisableCompression: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", address)
		},
	}
	transport.Protocols.SetHTTP2(true)
	return multiplexed{transport, t, transport.CloseIdleConnections}, nil
}

func connectHTTP3(_ context.Context, t *target) (connection, error) {
	address, err := t.address()
	if err != nil {
		return nil, err
	}
	transport := &http3.Transport{
		TLSClientConfig:    t.tlsConfig(),
		DisableCompression: true,
		Dial: func(ctx context.Context, _ string, tlsConfig *tls.Config, config *quic.Config) (*quic.Conn, error) {
			return quic.DialAddr(ctx, address, tlsConfig, config)
		},
	}
	return multiplexed{transport, t, func() { _ = transport.Close() }}, nil
}
