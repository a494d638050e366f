package judges_test

import (
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

// rest reads until the server closes the connection.
func (c *connection) rest() string {
	c.t.Helper()
	all, err := io.ReadAll(c.reader)
	if err != nil {
		c.t.Fatal(err)
	}
	return string(all)
}

// earlyHints: the headers of a 1xx count for nothing, and must not double
// those of the answer.
func earlyHints(t *testing.T, v *vector) {
	t.Helper()
	surrounded(t, func(t *testing.T, lines string) {
		for _, s := range []*vectorSite{
			newVectorSite(t, &v.Config, lines, answering(v.Upstream)),
			proxied(t, &v.Config, lines, v.Upstream),
		} {
			s.listen(t)
			early := 0
			s.trace = &httptrace.ClientTrace{Got1xxResponse: func(int, textproto.MIMEHeader) error { early++; return nil }}
			v.judge(t, v.Config, s.ask(t, &v.Request))
			if early != len(v.Upstream.Early) {
				t.Errorf("%d early responses, want %d", early, len(v.Upstream.Early))
			}
		}
	})
}

// stream answers with events, each sent only when the client has seen what
// came before. So a buffer on the way stops everything.
func (u *vectorUpstream) stream(flush func(http.ResponseWriter) error, seen <-chan struct{}) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for _, h := range u.Headers {
			w.Header().Add(h.name, h.value.text(1))
		}
		if u.FlushFirst {
			_ = flush(w) // the recorder of access logs swallows this one
		}
		for range u.Events {
			_, _ = io.WriteString(w, event)
			_ = flush(w)
			select {
			case <-seen:
			case <-r.Context().Done():
				return
			}
		}
	}
}

const event = "data: x\n\n"

// eventStream: a stream is not held up, and what a handler flushes before it
// writes is right already.
func eventStream(t *testing.T, v *vector) {
	t.Helper()
	surrounded(t, func(t *testing.T, lines string) {
		for _, name := range []string{"ResponseController", "Flusher"} {
			flush := sendings[name]
			for _, way := range []string{"in process", "proxied"} {
				t.Run(name+" "+way, func(t *testing.T) {
					t.Parallel()
					seen := make(chan struct{})
					h := v.Upstream.stream(flush, seen)
					var s *vectorSite
					if way == "proxied" {
						s = proxied(t, &v.Config, lines, h)
					} else {
						s = newVectorSite(t, &v.Config, lines, answering(h))
						s.listen(t)
					}
					v.follow(t, s, seen)
				})
			}
		}
	})
}

// follow reads a stream and tells the upstream what it has seen.
func (v *vector) follow(t *testing.T, s *vectorSite, seen chan<- struct{}) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), corstest.Patience)
	defer cancel()
	res := s.open(ctx, t, &v.Request)
	defer res.Body.Close()
	v.judge(t, v.Config, &answer{status: res.StatusCode, header: res.Header, reached: s.reached.Load() == 1})
	for range v.Upstream.Events {
		got := make([]byte, len(event))
		if _, err := io.ReadFull(res.Body, got); err != nil || string(got) != event {
			t.Fatalf("got %q, %v", got, err)
		}
		select {
		case seen <- struct{}{}:
		case <-ctx.Done():
			t.Fatal("the upstream waits for nothing")
		}
	}
}

// echo is an upstream that speaks a WebSocket's handshake and then sends back
// what it gets. It writes its header map itself, with a header too many.
func echo(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Upgrade") != "websocket" {
		http.Error(w, "no upgrade", http.StatusUpgradeRequired)
		return
	}
	w.Header().Add("Access-Control-Allow-Origin", "*")
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
	_ = w.Header().Write(conn)
	_, _ = io.WriteString(conn, "\r\n")
	_, _ = io.Copy(conn, buffered)
}

func webSocket(t *testing.T, v *vector) {
	t.Helper()
	surrounded(t, func(t *testing.T, lines string) {
		for _, s := range []*vectorSite{
			newVectorSite(t, &v.Config, lines, answering(http.HandlerFunc(echo))),
			proxied(t, &v.Config, lines, http.HandlerFunc(echo)),
		} {
			s.listen(t)
			conn := dial(t, s.url)
			text := "GET / HTTP/1.1\r\nHost: " + vectorHost + "\r\n"
			for name, values := range v.Request.header(1) {
				text += name + ": " + values[0] + "\r\n"
			}
			conn.send(text + "\r\n")
			res := conn.receive(http.MethodGet)
			v.judge(t, v.Config, &answer{status: res.StatusCode, header: res.Header, reached: s.reached.Load() == 1})
			if res.StatusCode == http.StatusSwitchingProtocols {
				conn.exchange("ping", "pong")
			}
		}
	})
}

// exchange sends texts, which must come back.
func (c *connection) exchange(texts ...string) {
	c.t.Helper()
	for _, text := range texts {
		c.send(text)
		got := make([]byte, len(text))
		if _, err := io.ReadFull(c.reader, got); err != nil || string(got) != text {
			c.t.Fatalf("got %q, %v, want %q back", got, err, text)
		}
	}
}

// connectEnv makes net/http allow extended CONNECT. It is read when a program
// starts, so the test starts itself again.
const connectEnv = "GODEBUG=http2xconnect=1"

func extendedConnect(t *testing.T, v *vector) {
	t.Helper()
	if !strings.Contains(os.Getenv("GODEBUG"), "http2xconnect=1") {
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), self, "-test.v", "-test.timeout=1m", "-test.run=^TestVectors$/^"+v.ID+"$")
		cmd.Env = append(os.Environ(), connectEnv)
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "--- PASS: TestVectors/"+v.ID+"/") {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	surrounded(t, func(t *testing.T, lines string) {
		s := proxied(t, &v.Config, lines, http.HandlerFunc(echo))
		res, stream := s.connect(t, &v.Request)
		defer res.Body.Close()
		if res.StatusCode != v.Upstream.Status {
			t.Errorf("status %d, want %d", res.StatusCode, v.Upstream.Status)
		}
		v.judge(t, v.Config, &answer{status: res.StatusCode, header: res.Header, reached: s.reached.Load() == 1})
		for _, text := range []string{"ping", "pong"} {
			got := make([]byte, len(text))
			if _, err := io.WriteString(stream, text); err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadFull(res.Body, got); err != nil || string(got) != text {
				t.Fatalf("got %q, %v, want %q back", got, err, text)
			}
		}
		stream.Close()
	})
}

// mutating: a later handler edits the values in place, before and after it has
// written; no other request may see that.
func mutating(t *testing.T, v *vector) {
	t.Helper()
	surrounded(t, func(t *testing.T, lines string) {
		spoil := func(h http.Header) {
			for name, values := range h {
				if strings.HasPrefix(strings.ToLower(name), "access-control-") || name == "Vary" {
					for i := range values {
						values[i] = "oops"
					}
					h[name] = append(values, "oops")
				}
			}
		}
		var spoiled atomic.Int32
		s := newVectorSite(t, &v.Config, lines, func(w http.ResponseWriter, r *http.Request, _ caddyhttp.Handler) error {
			if r.Method != http.MethodPost {
				v.Upstream.ServeHTTP(w, r)
				return nil
			}
			spoil(w.Header())
			v.Upstream.ServeHTTP(w, r)
			spoil(w.Header())
			spoiled.Add(1)
			return nil
		})
		post := v.Request
		post.Method = http.MethodPost
		want := s.call(t.Context(), &v.Request)
		v.judge(t, v.Config, want)
		corstest.WantHeader(t, want.header, "Access-Control-Allow-Origin", v.Request.header(1).Get("Origin"))
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				for range 10 {
					s.call(t.Context(), &post)
					got := s.call(t.Context(), &v.Request)
					if !maps.EqualFunc(got.header, want.header, slices.Equal) {
						t.Errorf("headers %q, want %q as before", got.header, want.header)
						return
					}
				}
			})
		}
		group.Wait()
		if n := spoiled.Load(); n != 40 {
			t.Errorf("%d requests were spoiled, want 40", n)
		}
	})
}
