package judges_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"golang.org/x/crypto/bcrypt"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

// Wire vectors need a Caddy of their own: each has a runner here.

// wireRunners has one for every vector of kind wire.
var wireRunners = map[string]func(*testing.T, *vector){
	"pd-24":  behindAuth,
	"se-20":  failing(func(t testing.TB) string { return "reverse_proxy " + deadAddress }),
	"se-20r": failing(func(t testing.TB) string { return "reverse_proxy " + deadAddress }),
	"se-22":  failing(func(t testing.TB) string { return basicAuth(t) + "respond secret" }),
	"se-23":  failing(func(testing.TB) string { return "error \"not today\" 403" }),
	"se-23r": failing(func(testing.TB) string { return "error \"not today\" 403" }),
	"se-24":  failing(func(t testing.TB) string { return "root " + t.TempDir() + "\nfile_server" }),
	"se-24r": failing(func(t testing.TB) string { return "root " + t.TempDir() + "\nfile_server" }),
	"se-25r": failing(func(testing.TB) string { return "error \"oops\" 500" + styledErrors }),
	"se-26":  tooLarge,
	"se-26r": tooLarge,
	"se-41":  panicking,
	"sr-02":  earlyHints,
	"sr-05":  eventStream,
	"sr-06":  eventStream,
	"sr-08":  webSocket,
	"sr-09":  webSocket,
	"sr-10":  extendedConnect,
	"sr-13":  everyWay,
	"sr-14":  everyWay,
	"sr-15":  everyWay,
	"sr-16":  everyWay,
	"sr-17":  noContent,
	"sr-18":  preflightBody,
	"up-19":  mutating,
}

// styledErrors is an error route.
const styledErrors = "\nhandle_errors {\n\trespond \"sorry\" {http.error.status_code}\n}\n"

// surroundings are the lines that each wire vector also meets: the recorder of
// access logs hides mistakes in flushing, encode is a wrapper of its own, and
// handle_errors answers in another way than the default page.
var surroundings = map[string]string{
	"alone":                           "",
	"with access log":                 "log",
	"with encode":                     "encode",
	"with access log and encode":      "log\nencode",
	"with error route":                styledErrors,
	"with error route and access log": styledErrors + "log",
}

// surrounded runs a test in all surroundings.
func surrounded(t *testing.T, run func(t *testing.T, lines string)) {
	t.Helper()
	for name, lines := range surroundings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, lines)
		})
	}
}

// failing makes a runner for a later handler that returns an error.
func failing(behind func(testing.TB) string) func(*testing.T, *vector) {
	return func(t *testing.T, v *vector) {
		t.Helper()
		surrounded(t, func(t *testing.T, lines string) {
			lines += "\n" + behind(t)
			s := newVectorSite(t, &v.Config, lines, nil)
			s.listen(t)
			a := s.ask(t, &v.Request)
			v.judge(t, v.Config, a)
			if strings.Contains(lines, "handle_errors") && a.body != "sorry" {
				t.Errorf("body %q, want the error route's", a.body)
			}
		})
	}
}

// deadAddress is one where nobody listens. A free port would not do: the next test
// may get it.
const deadAddress = "127.0.0.1:1"

func basicAuth(t testing.TB) string {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte("secret"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	return "basic_auth {\n\tbob " + string(hash) + "\n}\n"
}

// behindAuth: the Caddyfile has basic_auth in front, Caddy sorts it behind.
func behindAuth(t *testing.T, v *vector) {
	t.Helper()
	surrounded(t, func(t *testing.T, lines string) {
		s := newVectorSite(t, &v.Config, basicAuth(t)+lines+"\nrespond secret", nil)
		s.listen(t)
		v.judge(t, v.Config, s.ask(t, &v.Request))
		// The same site does ask for a password.
		get := v.Request
		get.Method = http.MethodGet
		if a := s.ask(t, &get); a.status != http.StatusUnauthorized {
			t.Errorf("status %d without a password, want 401", a.status)
		}
	})
}

// tooLarge: a body over the limit, announced or not.
func tooLarge(t *testing.T, v *vector) {
	t.Helper()
	surrounded(t, func(t *testing.T, lines string) {
		reader := corstest.Upstream(t, func(w http.ResponseWriter, r *http.Request) {
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				panic(http.ErrAbortHandler) // no answer, lest it is faster than the error
			}
		})
		s := newVectorSite(t, &v.Config, lines+"\nrequest_body {\n\tmax_size 4\n}\nreverse_proxy "+reader, nil)
		s.listen(t)
		r := v.Request
		r.Body = vectorBody
		v.judge(t, v.Config, s.ask(t, &r))
		r.chunked = true
		v.judge(t, v.Config, s.ask(t, &r))
	})
}

// panicking: net/http ends the connection, and nobody below may prevent it.
func panicking(t *testing.T, v *vector) {
	t.Helper()
	surrounded(t, func(t *testing.T, lines string) {
		s := newVectorSite(t, &v.Config, lines, func(http.ResponseWriter, *http.Request, caddyhttp.Handler) error {
			panic(http.ErrAbortHandler)
		})
		s.listen(t)
		conn := dial(t, s.url)
		conn.send("GET / HTTP/1.1\r\nHost: " + vectorHost + "\r\nOrigin: " + v.Request.header(1).Get("Origin") + "\r\n\r\n")
		if res, err := http.ReadResponse(conn.reader, nil); err == nil {
			res.Body.Close()
			t.Errorf("status %d, want an aborted connection", res.StatusCode)
		}
		if s.reached.Load() != 1 {
			t.Error("the request did not get to the handlers behind")
		}
	})
}

// everyWay runs an ordinary request against the vector's upstream, in process
// and behind a reverse_proxy.
func everyWay(t *testing.T, v *vector) {
	t.Helper()
	surrounded(t, func(t *testing.T, lines string) {
		for name, s := range map[string]*vectorSite{
			"in process": newVectorSite(t, &v.Config, lines, answering(v.Upstream)),
			"proxied":    proxied(t, &v.Config, lines, v.Upstream),
		} {
			s.listen(t)
			a := s.ask(t, &v.Request)
			v.judge(t, v.Config, a)
			if a.status != v.Upstream.Status {
				t.Errorf("%s: status %d, want the upstream's %d", name, a.status, v.Upstream.Status)
			}
			for _, h := range v.Upstream.Headers {
				corstest.WantHeader(t, a.header, h.name, h.value.text(1))
			}
		}
	})
}

// noContent looks at the bytes of a 204.
func noContent(t *testing.T, v *vector) {
	t.Helper()
	surrounded(t, func(t *testing.T, lines string) {
		s := newVectorSite(t, &v.Config, lines, nil)
		s.listen(t)
		v.judge(t, v.Config, s.ask(t, &v.Request))
		conn := dial(t, s.url)
		conn.send(preflightText + "Connection: close\r\n\r\n")
		head, rest, _ := strings.Cut(conn.rest(), "\r\n\r\n")
		for _, unwanted := range []string{"content-length", "content-type", "transfer-encoding"} {
			if strings.Contains(strings.ToLower(head), unwanted) {
				t.Errorf("the answer has a %s:\n%s", unwanted, head)
			}
		}
		if !strings.HasPrefix(head, "HTTP/1.1 204 ") || rest != "" {
			t.Errorf("got %q and body %q, want a 204 without a body", head, rest)
		}
	})
}

const preflightText = "OPTIONS / HTTP/1.1\r\nHost: " + vectorHost + "\r\nOrigin: https://example.com\r\n" +
	"Access-Control-Request-Method: PUT\r\n"

// preflightBody: a body that nobody reads leaves the connection usable.
func preflightBody(t *testing.T, v *vector) {
	t.Helper()
	surrounded(t, func(t *testing.T, lines string) {
		s := newVectorSite(t, &v.Config, lines, answering(v.Upstream))
		s.listen(t)
		conn := dial(t, s.url)
		for range 3 {
			conn.send(preflightText + "Content-Length: 5\r\n\r\n" + v.Request.Body)
			res := conn.receive(http.MethodOptions)
			v.judge(t, v.Config, &answer{status: res.StatusCode, header: res.Header})
		}
		conn.send("GET / HTTP/1.1\r\nHost: " + vectorHost + "\r\n\r\n")
		if res := conn.receive(http.MethodGet); res.StatusCode != http.StatusOK || s.reached.Load() != 1 {
			t.Errorf("the next request on the connection got %d", res.StatusCode)
		}
	})
}

// connection is a client that sends what it likes.
type connection struct {
	t      testing.TB
	conn   net.Conn
	reader *bufio.Reader
}

func dial(t testing.TB, url string) *connection {
	t.Helper()
	dialer := net.Dialer{Timeout: corstest.Patience}
	conn, err := dialer.DialContext(t.Context(), "tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(corstest.Patience)); err != nil {
		t.Fatal(err)
	}
	return &connection{t, conn, bufio.NewReader(conn)}
}

func (c *connection) send(text string) {
	c.t.Helper()
	if _, err := c.conn.Write([]byte(text)); err != nil {
		c.t.Fatal(err)
	}
}

// receive reads the head of a response.
func (c *connection) receive(method string) *http.Response {
	c.t.Helper()
	res, err := http.ReadResponse(c.reader, httptest.NewRequestWithContext(c.t.Context(), method, "/", nil))
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { res.Body.Close() })
	return res
}
