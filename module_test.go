package cors

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// The one line that most sites need.
const oneLine = "cors https://app.example.com"

func TestOneLine(t *testing.T) {
	t.Parallel()
	srv := corstest.Site(t, oneLine+"\nrespond hello")

	t.Run("actual request", func(t *testing.T) {
		t.Parallel()
		res := corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.App))
		corstest.WantHeader(t, res.Header, httpwords.AllowOrigin, corstest.App)
		corstest.WantHeader(t, res.Header, httpwords.AllowCredentials)
		corstest.WantVary(t, res.Header, "Origin")
		if body, _ := io.ReadAll(res.Body); string(body) != "hello" {
			t.Errorf("body %q", body)
		}
	})
	t.Run("preflight", func(t *testing.T) {
		t.Parallel()
		res := corstest.Ask(t, "OPTIONS", srv.URL, corstest.From(corstest.App), corstest.AsksFor("PUT"), corstest.Header{httpwords.RequestHeaders, "authorization,x-id"})
		if res.StatusCode != http.StatusNoContent {
			t.Errorf("status %d, want 204", res.StatusCode)
		}
		corstest.WantHeader(t, res.Header, httpwords.AllowOrigin, corstest.App)
		corstest.WantHeader(t, res.Header, httpwords.AllowMethods, "GET,HEAD,POST,PUT,PATCH,DELETE")
		corstest.WantHeader(t, res.Header, httpwords.AllowHeaders, "*,Authorization")
		corstest.WantHeader(t, res.Header, httpwords.MaxAge, "7200")
		corstest.WantHeader(t, res.Header, "Content-Length")
		corstest.WantVary(t, res.Header, "Origin", httpwords.RequestMethod, httpwords.RequestHeaders)
	})
	t.Run("refused origin", func(t *testing.T) {
		t.Parallel()
		res := corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.Evil))
		corstest.WantNothing(t, res.Header)
		corstest.WantVary(t, res.Header, "Origin")
		if res.StatusCode != http.StatusOK {
			t.Errorf("status %d: an actual request passes, whatever the verdict", res.StatusCode)
		}
	})
	t.Run("refused preflight", func(t *testing.T) {
		t.Parallel()
		res := corstest.Ask(t, "OPTIONS", srv.URL, corstest.From(corstest.Evil), corstest.AsksFor("PUT"))
		corstest.WantNothing(t, res.Header)
		corstest.WantVary(t, res.Header, "Origin", httpwords.RequestMethod, httpwords.RequestHeaders)
		if body, _ := io.ReadAll(res.Body); res.StatusCode != http.StatusForbidden || len(body) > 0 {
			t.Errorf("status %d, body %q, want an empty 403", res.StatusCode, body)
		}
	})
	t.Run("no origin", func(t *testing.T) {
		t.Parallel()
		res := corstest.Ask(t, "GET", srv.URL)
		corstest.WantNothing(t, res.Header)
		corstest.WantVary(t, res.Header, "Origin")
	})
}

// TestErrors: when a later handler returns an error, Caddy answers with a
// writer of its own. The headers must be there all the same, whatever makes
// the error and whoever writes the page.
func TestErrors(t *testing.T) {
	t.Parallel()
	dead := func() string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		return l.Addr().String()
	}()
	// The hash is bcrypt's of "hiccup", from Caddy's own documentation of basic_auth.
	const auth = "basic_auth {\n\tBob $2a$14$Zkx19XLiW6VYouLHR5NmfOFU0z2GTNmpkT/5qqR7hx4IjWJPDhjvG\n}\n"
	sources := map[int]string{
		401: auth + "respond hello",
		403: "error 403",
		404: "root " + t.TempDir() + "\nfile_server",
		413: "request_body {\n\tmax_size 3\n}\nrespond hello",
		429: "error \"slow down\" 429",
		502: "reverse_proxy " + dead,
		504: "error 504",
	}
	pages := map[string]string{
		"default page":              "",
		"handle_errors":             "handle_errors {\n\trespond {err.status_code}\n}\n",
		"handle_errors with proxy":  "handle_errors {\n\t" + oneLine + "\n\treverse_proxy " + corstest.Upstream(t, speaksCORS) + "\n}\n",
		"handle_errors with itself": "handle_errors {\n\t" + oneLine + "\n\trespond {err.status_code}\n}\n",
	}
	for status, source := range sources {
		for page, lines := range pages {
			for _, logs := range []string{"", "log\n"} {
				t.Run(fmt.Sprintf("%d/%s/logs=%t", status, page, logs != ""), func(t *testing.T) {
					t.Parallel()
					srv := corstest.Site(t, logs+oneLine+"\n"+source+"\n"+lines)
					for _, origin := range []string{corstest.App, corstest.Evil} {
						req, _ := http.NewRequest("POST", srv.URL, strings.NewReader("a long body"))
						req.Header.Set("Origin", origin)
						res, err := corstest.Transport.RoundTrip(req)
						if err != nil {
							t.Fatal(err)
						}
						res.Body.Close()
						if res.StatusCode != status && page != "handle_errors with proxy" {
							t.Errorf("status %d, want %d", res.StatusCode, status)
						}
						corstest.WantVary(t, res.Header, "Origin")
						if origin == corstest.Evil {
							corstest.WantNothing(t, res.Header)
							continue
						}
						corstest.WantHeader(t, res.Header, httpwords.AllowOrigin, corstest.App)
					}
				})
			}
		}
	}
}

func TestPanicPasses(t *testing.T) {
	t.Parallel()
	h := testHandlerOf(t, oneLine)
	defer func() {
		if recover() != "mine" {
			t.Error("the panic was swallowed")
		}
	}()
	_ = h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil),
		caddyhttp.HandlerFunc(func(http.ResponseWriter, *http.Request) error { panic("mine") }))
}

// testHandlerOf loads lines and returns their cors handler.
func testHandlerOf(t testing.TB, lines string) *Handler {
	t.Helper()
	found := corstest.Handlers[*Handler](corstest.Chain(t, "http:// {\n"+lines+"\n}\n").Routes)
	if len(found) != 1 {
		t.Fatalf("%d cors handlers in %s", len(found), lines)
	}
	return found[0]
}

// TestBeforeAuth: a preflight never carries credentials, so whatever asks for
// them must come after.
func TestBeforeAuth(t *testing.T) {
	t.Parallel()
	srv := corstest.Site(t, "redir /old /new\nbasic_auth {\n\tBob $2a$14$Zkx19XLiW6VYouLHR5NmfOFU0z2GTNmpkT/5qqR7hx4IjWJPDhjvG\n}\n"+oneLine+"\nrespond hello")
	for _, path := range []string{"/", "/old"} {
		res := corstest.Ask(t, "OPTIONS", srv.URL+path, corstest.From(corstest.App), corstest.AsksFor("DELETE"))
		if res.StatusCode != http.StatusNoContent {
			t.Errorf("%s: status %d, want 204", path, res.StatusCode)
		}
		corstest.WantHeader(t, res.Header, httpwords.AllowOrigin, corstest.App)
	}
}

// TestOptionsPasses: an OPTIONS that is no preflight belongs to the site.
func TestOptionsPasses(t *testing.T) {
	t.Parallel()
	srv := corstest.Site(t, oneLine+"\nrespond dav 207")
	for _, headers := range [][]corstest.Header{nil, {corstest.From(corstest.App)}, {corstest.AsksFor("PUT")}, {corstest.From(corstest.App), corstest.AsksFor("")}, {corstest.From(""), corstest.AsksFor("PUT")}} {
		if res := corstest.Ask(t, "OPTIONS", srv.URL, headers...); res.StatusCode != 207 {
			t.Errorf("%v: status %d, want the handler's own 207", headers, res.StatusCode)
		}
	}
}

// TestFirstPolicyDecides: two directives of different paths both run in Caddy.
func TestFirstPolicyDecides(t *testing.T) {
	t.Parallel()
	srv := corstest.Site(t, "cors {\n\torigins *\n\tname wide\n}\ncors /api/* https://app.example.com {\n\tname narrow\n}\nrespond hello")
	for range 2 {
		res := corstest.Ask(t, "GET", srv.URL+"/api/x", corstest.From(corstest.Evil))
		corstest.WantNothing(t, res.Header)
		corstest.WantVary(t, res.Header, "Origin")
	}
	corstest.WantHeader(t, corstest.Ask(t, "GET", srv.URL+"/x", corstest.From(corstest.Evil)).Header, httpwords.AllowOrigin, "*")
	if n := corstest.LogLines(t.Name()).Count(`"warn"`, "two cors handlers", "narrow", "wide", "/api/*"); n != 1 {
		t.Errorf("%d warnings that name both policies, want 1:\n%s", n, corstest.LogLines(t.Name()))
	}
}

// TestErrorRouteHidesNothing: answering a preflight in an error route would
// turn a firewall's 403 into a 204.
func TestErrorRouteHidesNothing(t *testing.T) {
	t.Parallel()
	srv := corstest.Site(t, "error 403\nhandle_errors {\n\t"+oneLine+"\n\trespond {err.status_code}\n}")
	res := corstest.Ask(t, "OPTIONS", srv.URL, corstest.From(corstest.App), corstest.AsksFor("PUT"))
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("status %d, want the 403 of the error", res.StatusCode)
	}
	corstest.WantHeader(t, res.Header, httpwords.AllowOrigin, corstest.App)
}
