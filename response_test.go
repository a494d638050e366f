package cors

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// speaksCORS is an upstream with wrong CORS headers of its own.
func speaksCORS(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h[httpwords.AllowOrigin] = []string{"*", corstest.Evil}
	h.Set(httpwords.AllowCredentials, "true")
	h.Set(httpwords.ExposeHeaders, "X-Secret")
	h.Set("Access-Control-Allow-Private-Network", "true")
	h.Set(httpwords.Vary, "Cookie")
	io.WriteString(w, "upstream")
}

// TestUpstream: reverse_proxy adds the upstream's headers to those that are
// there, and browsers refuse two Access-Control-Allow-Origin lines.
func TestUpstream(t *testing.T) {
	t.Parallel()
	addr := corstest.Upstream(t, speaksCORS)
	t.Run("override", func(t *testing.T) {
		t.Parallel()
		srv := corstest.Site(t, oneLine+"\nreverse_proxy "+addr)
		res := corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.App))
		corstest.WantHeader(t, res.Header, httpwords.AllowOrigin, corstest.App)
		corstest.WantHeader(t, res.Header, httpwords.AllowCredentials)
		corstest.WantHeader(t, res.Header, httpwords.ExposeHeaders)
		corstest.WantHeader(t, res.Header, "Access-Control-Allow-Private-Network", "true") // none of the policy's
		corstest.WantVary(t, res.Header, "Origin", "Cookie")
		for _, origin := range []corstest.Header{corstest.From(corstest.Evil), {"X-No", "origin"}} {
			res := corstest.Ask(t, "GET", srv.URL, origin)
			corstest.WantNothing(t, res.Header)
			corstest.WantVary(t, res.Header, "Origin", "Cookie")
		}
	})
	t.Run("keep", func(t *testing.T) {
		t.Parallel()
		srv := corstest.Site(t, "cors https://app.example.com {\n\tupstream keep\n\texpose X-Mine\n}\nhandle /spoken {\n\treverse_proxy "+addr+"\n}\nrespond mine")
		res := corstest.Ask(t, "GET", srv.URL+"/spoken", corstest.From(corstest.App))
		corstest.WantHeader(t, res.Header, httpwords.AllowOrigin, "*", corstest.Evil)
		corstest.WantHeader(t, res.Header, httpwords.ExposeHeaders, "X-Secret")
		corstest.WantVary(t, res.Header, "Origin", "Cookie")
		res = corstest.Ask(t, "GET", srv.URL+"/mine", corstest.From(corstest.App))
		corstest.WantHeader(t, res.Header, httpwords.AllowOrigin, corstest.App)
		corstest.WantHeader(t, res.Header, httpwords.ExposeHeaders, "X-Mine")
	})
	t.Run("keep, 101", func(t *testing.T) {
		t.Parallel()
		// A 101 is the answer; the 1xx in front of one are not.
		srv := corstest.Site(t, "cors https://app.example.com {\n\tupstream keep\n}\n"+corstest.InChain(t, func(w http.ResponseWriter, _ *http.Request) error {
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusSwitchingProtocols)
			return nil
		}))
		res := corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.App), corstest.Header{"Connection", "Upgrade"}, corstest.Header{"Upgrade", "test"})
		if res.StatusCode != http.StatusSwitchingProtocols {
			t.Errorf("status %d", res.StatusCode)
		}
		corstest.WantHeader(t, res.Header, httpwords.AllowOrigin, corstest.App)
		corstest.WantVary(t, res.Header, "Origin")
	})
	t.Run("odd spelling", func(t *testing.T) {
		t.Parallel()
		srv := corstest.Site(t, oneLine+"\n"+corstest.InChain(t, func(w http.ResponseWriter, _ *http.Request) error {
			w.Header()["access-control-allow-ORIGIN"] = []string{"*"}
			w.Header()["ACCESS-CONTROL-ALLOW-CREDENTIALS"] = []string{"true"}
			return nil
		}))
		res := corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.Evil))
		corstest.WantNothing(t, res.Header)
		corstest.WantHeader(t, corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.App)).Header, httpwords.AllowOrigin, corstest.App)
	})
}

func TestTrailers(t *testing.T) {
	t.Parallel()
	announced := func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Trailer"] = []string{"Access-Control-Allow-Origin, X-Sum", "Access-Control-Allow-Credentials"}
		io.WriteString(w, "body")
		w.Header().Set(httpwords.AllowOrigin, "*")
		w.Header().Set(httpwords.AllowCredentials, "true")
		w.Header().Set("X-Sum", "1")
	}
	unannounced := func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "body")
		w.(http.Flusher).Flush()
		w.Header().Set(http.TrailerPrefix+httpwords.AllowOrigin, "*")
		w.Header().Set(http.TrailerPrefix+"X-Sum", "1")
	}
	for name, handler := range map[string]http.HandlerFunc{"announced": announced, "unannounced": unannounced} {
		for _, last := range []string{
			"reverse_proxy " + corstest.Upstream(t, handler),
			corstest.InChain(t, func(w http.ResponseWriter, r *http.Request) error { handler(w, r); return nil }),
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				srv := corstest.Site(t, oneLine+"\n"+last)
				res := corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.App))
				corstest.WantHeader(t, res.Header, httpwords.AllowOrigin, corstest.App)
				corstest.WantNothing(t, res.Trailer)
				corstest.WantHeader(t, res.Trailer, "X-Sum", "1")
			})
		}
	}
}

// TestWays are all the ways in which a handler can send its headers.
func TestWays(t *testing.T) {
	t.Parallel()
	add := func(w http.ResponseWriter) { w.Header().Add(httpwords.AllowOrigin, "*") }
	ways := map[string]corstest.HandlerFunc{
		"writes nothing": func(w http.ResponseWriter, _ *http.Request) error { add(w); return nil },
		"Write": func(w http.ResponseWriter, _ *http.Request) error {
			add(w)
			_, err := w.Write([]byte("x"))
			return err
		},
		"WriteHeader": func(w http.ResponseWriter, _ *http.Request) error {
			add(w)
			w.WriteHeader(http.StatusTeapot)
			return nil
		},
		"WriteHeader twice": func(w http.ResponseWriter, _ *http.Request) error {
			add(w)
			w.WriteHeader(http.StatusOK)
			w.WriteHeader(http.StatusInternalServerError)
			return nil
		},
		"io.Copy": func(w http.ResponseWriter, _ *http.Request) error {
			add(w)
			_, err := io.Copy(w, io.LimitReader(strings.NewReader("xxx"), 2))
			return err
		},
		"controller flushes first": func(w http.ResponseWriter, _ *http.Request) error {
			add(w)
			return http.NewResponseController(w).Flush()
		},
		"flusher flushes first": func(w http.ResponseWriter, _ *http.Request) error {
			add(w)
			w.(http.Flusher).Flush()
			return nil
		},
		"early hints": func(w http.ResponseWriter, _ *http.Request) error {
			w.Header().Set("Link", "</a.css>; rel=preload")
			w.WriteHeader(http.StatusEarlyHints)
			clear(w.Header()) // what Caddy's proxy did up to v2.11.4
			w.WriteHeader(http.StatusEarlyHints)
			add(w)
			w.WriteHeader(http.StatusOK)
			return nil
		},
		"clears the map": func(w http.ResponseWriter, _ *http.Request) error { clear(w.Header()); return nil },
		"appends": func(w http.ResponseWriter, _ *http.Request) error {
			w.Header()[httpwords.AllowOrigin] = append(w.Header()[httpwords.AllowOrigin], "*")
			return nil
		},
		"edits in place": func(w http.ResponseWriter, _ *http.Request) error {
			for i := range w.Header()[httpwords.AllowOrigin] {
				w.Header()[httpwords.AllowOrigin][i] = "edited"
			}
			return nil
		},
	}
	for name, way := range ways {
		for _, logs := range []string{"", "log\n"} {
			t.Run(fmt.Sprintf("%s/logs=%t", name, logs != ""), func(t *testing.T) {
				t.Parallel()
				srv := corstest.Site(t, logs+oneLine+"\n"+corstest.InChain(t, way))
				res := corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.App))
				corstest.WantHeader(t, res.Header, httpwords.AllowOrigin, corstest.App)
				corstest.WantVary(t, res.Header, "Origin")
				corstest.WantNothing(t, corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.Evil)).Header)
			})
		}
	}
}

// TestErrorUnchanged: a middleware that swallows or wraps the error breaks
// error routes.
func TestErrorUnchanged(t *testing.T) {
	t.Parallel()
	want := errors.New("mine")
	h := testHandlerOf(t, oneLine)
	got := h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil),
		caddyhttp.HandlerFunc(func(http.ResponseWriter, *http.Request) error { return want }))
	if got != want { //nolint:errorlint // the very same error
		t.Errorf("got %v, want the next handler's error", got)
	}
}

// TestNoSharedMemory: Caddy's `header` replacement edits values in place, so a
// slice that two requests share carries one's value into the other.
func TestNoSharedMemory(t *testing.T) {
	t.Parallel()
	for _, policy := range []string{oneLine, "cors {\n\torigins *\n\texpose *\n\ttiming\n}", "cors https://app.example.com {\n\tcredentials\n\texpose X-A\n}"} {
		srv := corstest.Site(t, policy+"\n"+corstest.InChain(t, func(w http.ResponseWriter, _ *http.Request) error {
			w.WriteHeader(http.StatusOK)
			for name, values := range w.Header() {
				if name == "Server" {
					continue // Caddy's own is shared by all responses
				}
				for i := range values[:cap(values)] {
					values[:cap(values)][i] = "leaked " + name
				}
			}
			return nil
		}))
		for range 3 {
			for method, asks := range map[string][]corstest.Header{"GET": nil, "OPTIONS": {corstest.AsksFor("PUT")}} {
				res := corstest.Ask(t, method, srv.URL, append(asks, corstest.From(corstest.App))...)
				for name, values := range res.Header {
					if strings.Contains(strings.Join(values, ","), "leaked") {
						t.Errorf("%s: %s: %q", policy, name, values)
					}
				}
			}
		}
	}
}

// TestAppending: a handler that adds a value must not write into another.
func TestAppending(t *testing.T) {
	t.Parallel()
	srv := corstest.Site(t, "cors https://app.example.com {\n\tcredentials\n\texpose X-A\n}\n"+corstest.InChain(t, func(w http.ResponseWriter, _ *http.Request) error {
		w.WriteHeader(http.StatusOK)
		for _, values := range w.Header() {
			if len(values) == 1 && cap(values) > 1 && values[0] != "Caddy" {
				t.Errorf("room for %d behind %q", cap(values)-1, values)
			}
		}
		return nil
	}))
	corstest.WantHeader(t, corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.App)).Header, httpwords.ExposeHeaders, "X-A")
}

func TestFilesKeepSendfile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.txt"), []byte("0123456789"), 0o600); err != nil {
		t.Fatal(err)
	}
	h := corstest.Chain(t, "http:// {\nroot "+dir+"\n"+oneLine+"\nfile_server\n}\n")
	w := &readerFromRecorder{ResponseRecorder: httptest.NewRecorder()}
	r := httptest.NewRequest("GET", "/a.txt", nil)
	r.Header.Set("Origin", corstest.App)
	h.ServeHTTP(w, r)
	if !w.used {
		t.Error("file_server no longer reaches the connection's ReadFrom, so sendfile is lost")
	}
	corstest.WantHeader(t, w.Header(), httpwords.AllowOrigin, corstest.App)
}

type readerFromRecorder struct {
	*httptest.ResponseRecorder
	used bool
}

func (w *readerFromRecorder) ReadFrom(r io.Reader) (int64, error) {
	w.used = true
	return io.Copy(w.ResponseRecorder, r)
}

func TestFileStatuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.txt"), []byte(strings.Repeat("0123456789", 200)), 0o600); err != nil {
		t.Fatal(err)
	}
	srv := corstest.Site(t, "root "+dir+"\nencode gzip\n"+oneLine+"\nfile_server")
	etag := corstest.Ask(t, "GET", srv.URL+"/a.txt").Header.Get("Etag")
	for name, c := range map[string]struct {
		method  string
		headers []corstest.Header
		status  int
	}{
		"200":     {"GET", nil, 200},
		"HEAD":    {"HEAD", nil, 200},
		"206":     {"GET", []corstest.Header{{"Range", "bytes=0-3"}}, 206},
		"304":     {"GET", []corstest.Header{{"If-None-Match", etag}}, 304},
		"encoded": {"GET", []corstest.Header{{"Accept-Encoding", "gzip"}}, 200},
		"405":     {"OPTIONS", nil, 405},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res := corstest.Ask(t, c.method, srv.URL+"/a.txt", append(c.headers, corstest.From(corstest.App))...)
			if res.StatusCode != c.status {
				t.Errorf("status %d, want %d", res.StatusCode, c.status)
			}
			corstest.WantHeader(t, res.Header, httpwords.AllowOrigin, corstest.App)
			corstest.WantVary(t, res.Header, "Origin")
			if name == "encoded" {
				corstest.WantHeader(t, res.Header, "Content-Encoding", "gzip")
				corstest.WantVary(t, res.Header, "Accept-Encoding")
			}
		})
	}
}

// TestStream: every event arrives before the next one is made.
func TestStream(t *testing.T) {
	t.Parallel()
	for _, logs := range []string{"", "log\n"} {
		proceed := make(chan struct{})
		addr := corstest.Upstream(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			rc := http.NewResponseController(w)
			rc.Flush()
			for i := range 3 {
				<-proceed
				fmt.Fprintf(w, "data: %d\n\n", i)
				rc.Flush()
			}
		})
		srv := corstest.Site(t, logs+oneLine+"\nreverse_proxy "+addr)
		req, _ := http.NewRequest("GET", srv.URL, nil)
		req.Header.Set("Origin", corstest.App)
		res, err := corstest.Transport.RoundTrip(req) // returns on the first flush
		if err != nil {
			t.Fatal(err)
		}
		corstest.WantHeader(t, res.Header, httpwords.AllowOrigin, corstest.App)
		lines := bufio.NewReader(res.Body)
		for i := range 3 {
			proceed <- struct{}{}
			line, err := lines.ReadString('\n')
			if want := fmt.Sprintf("data: %d\n", i); err != nil || line != want {
				t.Fatalf("got %q, %v, want %q", line, err, want)
			}
			lines.ReadString('\n')
		}
		res.Body.Close()
	}
}

// TestWebSocket: upgrades pass, with both verdicts: browsers do not apply CORS
// to them.
func TestWebSocket(t *testing.T) {
	t.Parallel()
	addr := corstest.Upstream(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Upgrade", "websocket")
		w.Header().Set("Connection", "Upgrade")
		w.WriteHeader(http.StatusSwitchingProtocols)
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		line, _ := rw.ReadString('\n')
		rw.WriteString("echo " + line)
		rw.Flush()
	})
	for _, logs := range []string{"", "log\n"} {
		srv := corstest.Site(t, logs+oneLine+"\nreverse_proxy "+addr)
		for _, origin := range []string{corstest.App, corstest.Evil} {
			conn, err := net.Dial("tcp", strings.TrimPrefix(srv.URL, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			conn.SetDeadline(time.Now().Add(corstest.Patience))
			fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: a\r\nOrigin: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
				"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", origin)
			r := bufio.NewReader(conn)
			res, err := http.ReadResponse(r, nil)
			if err != nil || res.StatusCode != http.StatusSwitchingProtocols {
				t.Fatalf("%v, %v", res, err)
			}
			fmt.Fprint(conn, "hello\n")
			if line, err := r.ReadString('\n'); line != "echo hello\n" {
				t.Errorf("got %q, %v", line, err)
			}
			if origin == corstest.App {
				corstest.WantHeader(t, res.Header, httpwords.AllowOrigin, corstest.App)
			} else {
				corstest.WantNothing(t, res.Header)
			}
			conn.Close()
		}
	}
}

func TestForward(t *testing.T) {
	t.Parallel()
	srv := corstest.Site(t, "cors https://app.example.com {\n\tpreflight forward\n\ttiming\n}\nrespond mine 418")
	res := corstest.Ask(t, "OPTIONS", srv.URL, corstest.From(corstest.App), corstest.AsksFor("PUT"))
	if body, _ := io.ReadAll(res.Body); res.StatusCode != 418 || string(body) != "mine" {
		t.Errorf("status %d, body %q: want the next handler's", res.StatusCode, body)
	}
	corstest.WantHeader(t, res.Header, httpwords.AllowOrigin, corstest.App)
	corstest.WantHeader(t, res.Header, httpwords.MaxAge, "7200")
	corstest.WantHeader(t, res.Header, httpwords.AllowHeaders, "*,Authorization")
	corstest.WantVary(t, res.Header, "Origin", httpwords.RequestMethod, httpwords.RequestHeaders)
	res = corstest.Ask(t, "OPTIONS", srv.URL, corstest.From(corstest.Evil), corstest.AsksFor("PUT"))
	corstest.WantNothing(t, res.Header)
}

// TestTiming: a short list is on every response, as images and scripts have no
// Origin; where patterns decide, it depends on the origin.
func TestTiming(t *testing.T) {
	t.Parallel()
	addr := corstest.Upstream(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set(httpwords.TimingAllowOrigin, "*") })
	srv := corstest.Site(t, "cors https://app.example.com {\n\ttiming\n}\nreverse_proxy "+addr)
	corstest.WantHeader(t, corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.App)).Header, httpwords.TimingAllowOrigin, corstest.App)
	corstest.WantHeader(t, corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.Evil)).Header, httpwords.TimingAllowOrigin, corstest.App)
	corstest.WantHeader(t, corstest.Ask(t, "GET", srv.URL).Header, httpwords.TimingAllowOrigin, corstest.App)
	srv = corstest.Site(t, "cors https://*.example.com {\n\ttiming\n}\nreverse_proxy "+addr)
	corstest.WantHeader(t, corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.App)).Header, httpwords.TimingAllowOrigin, corstest.App)
	corstest.WantHeader(t, corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.Evil)).Header, httpwords.TimingAllowOrigin)
	corstest.WantHeader(t, corstest.Ask(t, "GET", srv.URL).Header, httpwords.TimingAllowOrigin)
	srv = corstest.Site(t, oneLine+"\nreverse_proxy "+addr)
	corstest.WantHeader(t, corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.Evil)).Header, httpwords.TimingAllowOrigin, "*")
}

func TestExposeAllWithCredentials(t *testing.T) {
	t.Parallel()
	srv := corstest.Site(t, "cors https://app.example.com {\n\tcredentials\n\texpose *\n}\nrespond /x hello\nerror 404\nheader X-B b\nheader Set-Cookie a=b\nheader Content-Type text/plain")
	res := corstest.Ask(t, "GET", srv.URL+"/x", corstest.From(corstest.App))
	corstest.WantHeader(t, res.Header, httpwords.ExposeHeaders, "Date,Server,Vary,X-B")
	res = corstest.Ask(t, "GET", srv.URL+"/none", corstest.From(corstest.App))
	corstest.WantHeader(t, res.Header, httpwords.ExposeHeaders, "Date,Server,Vary,X-B")
	corstest.WantHeader(t, corstest.Ask(t, "GET", srv.URL+"/x", corstest.From(corstest.Evil)).Header, httpwords.ExposeHeaders)
}

// TestKeepTrailers: with `upstream keep` the trailers of an upstream that speaks
// CORS stay, as its headers do; those of one that does not are replaced by the
// policy's headers, or by nothing.
func TestKeepTrailers(t *testing.T) {
	t.Parallel()
	for name, speaks := range map[string]bool{"speaks CORS": true, "does not": false} {
		for way, prefix := range map[string]string{"announced": "", "unannounced": http.TrailerPrefix} {
			t.Run(name+", "+way, func(t *testing.T) {
				t.Parallel()
				address := corstest.Upstream(t, func(w http.ResponseWriter, _ *http.Request) {
					if speaks {
						w.Header().Set(httpwords.AllowOrigin, corstest.Evil)
					}
					if prefix == "" {
						w.Header().Set("Trailer", "Access-Control-Expose-Headers, X-Sum")
					}
					io.WriteString(w, "body")
					w.(http.Flusher).Flush()
					w.Header().Set(prefix+httpwords.ExposeHeaders, "X-Sum")
					w.Header().Set(prefix+"X-Sum", "1")
				})
				srv := corstest.Site(t, oneLine+" {\n\tupstream keep\n}\nreverse_proxy "+address)
				res := corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.App))
				corstest.WantHeader(t, res.Trailer, "X-Sum", "1")
				if speaks {
					corstest.WantHeader(t, res.Header, httpwords.AllowOrigin, corstest.Evil)
					corstest.WantHeader(t, res.Trailer, httpwords.ExposeHeaders, "X-Sum")
				} else {
					corstest.WantHeader(t, res.Header, httpwords.AllowOrigin, corstest.App)
					corstest.WantNothing(t, res.Trailer)
				}
			})
		}
	}
}
