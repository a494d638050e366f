package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
)

// A stream is a connection that stays open.
type stream struct {
	conn net.Conn
	in   *bufio.Reader
	body io.Reader // of server-sent events
}

// kind is a kind of stream: what asks for it, and what shows that it is alive.
type kind struct {
	status int
	header http.Header
	alive  func(*stream) error
}

var kinds = map[string]kind{
	"SSE": {
		http.StatusOK,
		http.Header{"Accept": {"text/event-stream"}},
		(*stream).readEvent,
	},
	"WebSocket": {
		http.StatusSwitchingProtocols,
		http.Header{
			"Connection": {"Upgrade"}, "Upgrade": {"websocket"},
			"Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="}, // RFC 6455, 1.3
		},
		(*stream).echo,
	},
}

// portsPerAddress is how many connections to one port leave from one address;
// Linux has about 28,000 ports for that.
const portsPerAddress = 20_000

// openStream opens the stream with that number, and waits for a sign of life.
func openStream(ctx context.Context, t *target, k kind, want expectation, number int) (*stream, error) {
	address, err := t.address()
	if err != nil {
		return nil, err
	}
	var dialer net.Dialer
	if n := number / portsPerAddress; n > 0 {
		dialer.LocalAddr = &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(1+n%254))}
	}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	// The buffer is small, as there are many.
	s := &stream{conn: conn, in: bufio.NewReaderSize(conn, 512)}
	if err := s.begin(ctx, t, k, want); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *stream) begin(ctx context.Context, t *target, k kind, want expectation) error {
	if deadline, ok := ctx.Deadline(); ok {
		if err := s.conn.SetDeadline(deadline); err != nil {
			return err
		}
	}
	request, err := t.request(ctx)
	if err != nil {
		return err
	}
	maps.Copy(request.Header, k.header)
	if err := request.Write(s.conn); err != nil {
		return err
	}
	response, err := http.ReadResponse(s.in, request) //nolint:bodyclose // it stays open
	if err != nil {
		return err
	}
	if err := want.checkHead(response); err != nil {
		return err
	}
	s.body = response.Body
	return k.alive(s)
}

// close resets the connection: otherwise thousands of ports would stay taken for
// a minute.
func (s *stream) close() {
	if tcp, ok := s.conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = s.conn.Close()
}

func (s *stream) readEvent() error {
	got := make([]byte, len(event))
	if _, err := io.ReadFull(s.body, got); err != nil {
		return err
	}
	if string(got) != event {
		return fmt.Errorf("event %q, want %q", got, event)
	}
	return nil
}

// The same text as frames of the client, with a mask of zeros, and of the server
// (RFC 6455, 5.2).
var (
	masked   = []byte("\x81\x84\x00\x00\x00\x00ping")
	unmasked = []byte("\x81\x04ping")
)

func (s *stream) echo() error {
	if _, err := s.conn.Write(masked); err != nil {
		return err
	}
	got := make([]byte, len(unmasked))
	if _, err := io.ReadFull(s.in, got); err != nil {
		return err
	}
	if !bytes.Equal(got, unmasked) {
		return fmt.Errorf("frame %q, want %q", got, unmasked)
	}
	return nil
}
