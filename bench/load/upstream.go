package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/net/websocket"
)

// event is what the upstream sends on each stream: once when it is opened, and
// once at each publish.
const event = "data: tick\n\n"

// publisher holds streams of server-sent events open.
type publisher struct {
	mu   sync.Mutex
	next chan struct{} // closed by publish
}

func newPublisher() *publisher { return &publisher{next: make(chan struct{})} }

func (p *publisher) wait() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.next
}

func (p *publisher) publish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.next)
	p.next = make(chan struct{})
}

// ServeHTTP streams events.
func (p *publisher) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	for {
		next := p.wait()
		if _, err := io.WriteString(w, event); err != nil {
			return
		}
		if err := out.Flush(); err != nil {
			return
		}
		select {
		case <-next:
		case <-r.Context().Done():
			return
		}
	}
}

// upstreamHandler has what drive and hold ask for through the server in front.
func upstreamHandler() http.Handler {
	var (
		mux  = http.NewServeMux()
		p    = newPublisher()
		echo = func(c *websocket.Conn) { _, _ = io.Copy(c, c) }
	)
	mux.Handle("/sse", p)
	mux.Handle("/websocket", websocket.Server{Handler: echo}) // of any origin
	mux.HandleFunc("/proxy", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") })
	mux.HandleFunc("/publish", func(http.ResponseWriter, *http.Request) { p.publish() })
	return mux
}

// upstreamCommand serves over HTTP/1.1 and, without TLS, over HTTP/2.
func upstreamCommand(ctx context.Context, args []string, out io.Writer) error {
	var (
		flags = flag.NewFlagSet("upstream", flag.ContinueOnError)
		port  = flags.Int("port", 0, "to listen on, on 127.0.0.1")
		limit = flags.Duration("limit", 10*time.Minute, "stop after")
	)
	if err := flags.Parse(args); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, *limit)
	defer cancel()
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", *port))
	if err != nil {
		return err
	}
	fmt.Fprintln(out, listener.Addr())
	server := &http.Server{
		Handler: upstreamHandler(), Protocols: new(http.Protocols),
		ReadHeaderTimeout: time.Minute,
	}
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetUnencryptedHTTP2(true)
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
