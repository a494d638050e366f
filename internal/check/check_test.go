package check

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

const app = "https://app.example.com"

// play asks a live server and returns what the command would print and its
// exit status.
func play(t *testing.T, q Question, tr Transport) (string, int) {
	t.Helper()
	page, r, err := q.Parse()
	if err != nil {
		t.Fatal(err)
	}
	if tr.Timeout == 0 {
		tr.Timeout = 10 * time.Second
	}
	if err := tr.Open(); err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	v := Play(page, r, &tr)
	var b bytes.Buffer
	Text(&b, page, r, v, false)
	return b.String(), Exit(v)
}

func server(t *testing.T, f http.HandlerFunc) string {
	t.Helper()
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	return srv.URL
}

func wantText(t *testing.T, got string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(got, w) {
			t.Errorf("%q is missing in:\n%s", w, got)
		}
	}
}

func TestReadable(t *testing.T) {
	t.Parallel()
	url := server(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
	})
	text, status := play(t, Question{URL: url, Origin: app}, Transport{})
	if status != ExitReadable {
		t.Errorf("exit status %d", status)
	}
	wantText(t, text, "A page on "+app+" asks for GET "+url, "No preflight is needed", "READABLE: the page gets status 200")
}

// TestFailures: the step, what the server should have said, and the cure.
func TestFailures(t *testing.T) {
	t.Parallel()
	answer := func(status int, lines ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for _, l := range lines {
				name, value, _ := strings.Cut(l, ": ")
				w.Header().Add(name, value)
			}
			w.WriteHeader(status)
		}
	}
	for name, c := range map[string]struct {
		handler  http.HandlerFunc
		question Question
		want     []string
	}{
		"nothing": {answer(200), Question{}, []string{"BLOCKED", "acao_missing", "step 21", "Access-Control-Allow-Origin: " + app, "Cure: allow the origin: `cors " + app}},
		"401 on the preflight, without a header": {
			answer(401),
			Question{Method: "PUT"},
			[]string{"PREFLIGHT FAILED", "acao_missing", "Cure: put a policy in the site, as it answers preflights before authentication", "`cors " + app + "`"},
		},
		"403 on the preflight, without a header": {
			answer(403),
			Question{Method: "PUT"},
			[]string{"PREFLIGHT FAILED", "acao_missing", "Cure: allow the origin: `cors " + app},
		},
		"redirected preflight, without a header": {
			answer(308, "Location: https://api.example.com/"),
			Question{Method: "PUT"},
			[]string{"PREFLIGHT FAILED", "acao_missing", "Cure: browsers follow no redirect of a preflight"},
		},
		"redirect without a header": {
			answer(308, "Location: https://api.example.com/"),
			Question{},
			[]string{"BLOCKED", "acao_missing", "Cure: call the URL that the redirect names"},
		},
		"two lines": {
			answer(200, "Access-Control-Allow-Origin: *", "Access-Control-Allow-Origin: "+app),
			Question{},
			[]string{"BLOCKED", "acao_multiple", "remove hand-written `header` lines"},
		},
		"another origin": {
			answer(200, "Access-Control-Allow-Origin: https://old.example"),
			Question{},
			[]string{"BLOCKED", "acao_mismatch", "https://old.example", "Cure: remove what writes the header by hand", "`cors " + app + "`"},
		},
		"401 on the preflight": {
			answer(401, "Access-Control-Allow-Origin: *"),
			Question{Method: "put"},
			[]string{"PREFLIGHT FAILED", "preflight_status", "step 13", "before authentication", "method PUT is not GET, HEAD or POST"},
		},
		"redirected preflight": {
			answer(308, "Location: /x", "Access-Control-Allow-Origin: *"),
			Question{Method: "PUT"},
			[]string{"PREFLIGHT FAILED", "preflight_redirect", "call the URL that the redirect names"},
		},
		"method": {
			answer(204, "Access-Control-Allow-Origin: *", "Access-Control-Allow-Methods: PUT"),
			Question{Method: "patch"},
			[]string{"PREFLIGHT FAILED", "method_not_allowed", "write PATCH in the page's call"},
		},
		"header": {
			answer(204, "Access-Control-Allow-Origin: *"),
			Question{Headers: []string{"X-A: 1"}},
			[]string{"PREFLIGHT FAILED", "header_not_allowed", "x-a"},
		},
		"authorization": {
			answer(204, "Access-Control-Allow-Origin: *", "Access-Control-Allow-Headers: *"),
			Question{Headers: []string{"Authorization: x"}},
			[]string{"PREFLIGHT FAILED", "authorization_not_listed", "by name", "laxer than the standard"},
		},
		"star with credentials": {
			answer(200, "Access-Control-Allow-Origin: *"),
			Question{Credentials: true},
			[]string{"BLOCKED", "acao_star_with_credentials", "with credentials"},
		},
		"no credentials": {
			answer(200, "Access-Control-Allow-Origin: "+app),
			Question{Credentials: true},
			[]string{"BLOCKED", "acac_not_true", "\n\tcors " + app + " {\n\t\tcredentials\n\t}\n"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.question.URL, c.question.Origin = server(t, c.handler), app
			text, status := play(t, c.question, Transport{})
			if status != ExitBlocked {
				t.Errorf("exit status %d, want 1", status)
			}
			wantText(t, text, c.want...)
		})
	}
}

// TestUnsafe: what could change something is not sent unasked.
func TestUnsafe(t *testing.T) {
	t.Parallel()
	var reached bool
	url := server(t, func(w http.ResponseWriter, r *http.Request) {
		reached = reached || r.Method == http.MethodDelete
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Allow-Methods", "DELETE")
	})
	text, status := play(t, Question{URL: url, Origin: app, Method: "delete"}, Transport{})
	if reached || status != ExitReadable || strings.Contains(text, "> DELETE") {
		t.Errorf("reached %t, exit status %d:\n%s", reached, status, text)
	}
	wantText(t, text, "PREFLIGHT PASSED", "--send")
	text, status = play(t, Question{URL: url, Origin: app, Method: "delete"}, Transport{Send: true})
	if !reached || status != ExitReadable {
		t.Errorf("reached %t, exit status %d", reached, status)
	}
	wantText(t, text, "READABLE")
}

// TestCookies: only those that were given, and only with credentials.
func TestCookies(t *testing.T) {
	t.Parallel()
	var got []string
	url := server(t, func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Header.Get("Cookie"))
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Set("Access-Control-Allow-Headers", "x-a")
	})
	q := Question{URL: url, Origin: app, Headers: []string{"X-A: 1", "Cookie: smuggled=1"}}
	play(t, q, Transport{Cookie: "a=b"})
	q.Credentials = true
	play(t, q, Transport{})
	play(t, q, Transport{Cookie: "a=b"})
	if want := []string{"", "", "", "", "", "a=b"}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("cookies %q, want %q", got, want)
	}
}

// TestBadServers: a verdict, not a stack trace.
func TestBadServers(t *testing.T) {
	t.Parallel()
	raw := func(answer string) string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				if answer == "hang" {
					t.Cleanup(func() { conn.Close() })
					continue
				}
				_, _ = conn.Read(make([]byte, 4096))
				_, _ = conn.Write([]byte(answer))
				conn.Close()
			}
		}()
		return "http://" + l.Addr().String()
	}
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	for name, c := range map[string]struct {
		url, want string
	}{
		"hangs":        {raw("hang"), "did not answer in time"},
		"closes":       {raw(""), "NO VERDICT"},
		"garbage":      {raw("what?\r\n\r\n"), "NO VERDICT"},
		"refuses":      {"http://" + closed.Addr().String(), "connection refused"},
		"unknown host": {"http://does-not-exist.invalid/", "NO VERDICT"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, status := play(t, Question{URL: c.url, Origin: app}, Transport{Timeout: 300 * time.Millisecond})
			if status != ExitUsage {
				t.Errorf("exit status %d, want 2", status)
			}
			wantText(t, text, c.want)
		})
	}
	t.Run("control bytes", func(t *testing.T) {
		t.Parallel()
		text, _ := play(t, Question{URL: raw("HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: \x1b]0;owned\x07\r\n\r\n"), Origin: app}, Transport{})
		if strings.Contains(text, "\x1b") {
			t.Errorf("the server writes on the terminal: %q", text)
		}
	})
}

// TestRedirect: each hop is an exchange of its own, and the taint shows.
func TestRedirect(t *testing.T) {
	t.Parallel()
	target := server(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Access-Control-Allow-Origin", app) })
	url := server(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", app)
		http.Redirect(w, r, target, http.StatusFound)
	})
	text, status := play(t, Question{URL: url, Origin: app}, Transport{})
	if status != ExitBlocked {
		t.Errorf("exit status %d", status)
	}
	wantText(t, text, "> GET "+url, "> GET "+target, "Origin: null", "BLOCKED", "Cure: call the last URL")
}

// TestTLS: certificates are checked unless --insecure, names resolve as told,
// and HTTP/2 is spoken.
func TestTLS(t *testing.T) {
	t.Parallel()
	proto := ""
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		proto = r.Proto
		w.Header().Set("Access-Control-Allow-Origin", "*")
	}))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	t.Cleanup(srv.Close)
	_, port, _ := net.SplitHostPort(srv.Listener.Addr().String())
	q := Question{URL: "https://api.example.com:" + port + "/", Origin: app}
	resolve := []string{"api.example.com:" + port + ":127.0.0.1"}
	if text, status := play(t, q, Transport{Resolve: resolve}); status != ExitUsage || !strings.Contains(text, "certificate") {
		t.Errorf("exit status %d: %s", status, text)
	}
	if text, status := play(t, q, Transport{Resolve: resolve, Insecure: true}); status != ExitReadable || proto != "HTTP/2.0" {
		t.Errorf("exit status %d over %s: %s", status, proto, text)
	}
}

// TestLocalhost: browsers need no resolver for the names below localhost.
func TestLocalhost(t *testing.T) {
	t.Parallel()
	url := server(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Access-Control-Allow-Origin", "*") })
	url = strings.Replace(url, "127.0.0.1", "some.api.localhost", 1)
	if text, status := play(t, Question{URL: url, Origin: app}, Transport{}); status != ExitReadable {
		t.Errorf("exit status %d: %s", status, text)
	}
}

func TestIPv6(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip("this machine has no IPv6 loopback")
	}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
	}))
	srv.Listener.Close()
	srv.Listener = l
	srv.Start()
	t.Cleanup(srv.Close)
	if text, status := play(t, Question{URL: srv.URL, Origin: "http://[::1]:1"}, Transport{}); status != ExitReadable {
		t.Errorf("exit status %d: %s", status, text)
	}
}

// TestUsage: everything that is wrong with a question, at once.
func TestUsage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		question Question
		want     []string
	}{
		{Question{URL: "api.example.com", Origin: app}, []string{"api.example.com", "not an http or https URL"}},
		{Question{URL: "https://", Origin: app}, []string{"no host"}},
		{Question{URL: "ftp://a.example", Origin: app}, []string{"not an http or https URL"}},
		{Question{URL: "https://a.example:port", Origin: app}, []string{"not a URL"}},
		{Question{URL: "https://a.example:99999", Origin: app}, []string{"99999 is beyond 65535"}},
		{Question{URL: "https://u:secret@a.example", Origin: app}, []string{"user name"}},
		{Question{URL: "https://a.example"}, []string{"--origin is missing"}},
		{Question{URL: "https://a.example", Origin: "app"}, []string{"--origin", `"app"`}},
		{Question{URL: "nope", Origin: "app", Method: "P UT", Headers: []string{"no colon", "X-A: a\r\nb"}}, []string{"nope", `"app"`, `"P UT"`, `"no colon"`, "line break"}},
	} {
		_, _, err := c.question.Parse()
		var usage UsageError
		if err == nil || !errors.As(err, &usage) {
			t.Errorf("%+v: %v is no usage error", c.question, err)
			continue
		}
		wantText(t, err.Error(), c.want...)
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("the password is printed: %v", err)
		}
	}
	for _, entry := range []string{"", "a", "a:1", "a:1:b", ":1:127.0.0.1", "a::127.0.0.1", "a:65536:127.0.0.1"} {
		if err := (&Transport{Timeout: time.Second, Resolve: []string{entry}}).Open(); err == nil {
			t.Errorf("--resolve %q was accepted", entry)
		}
	}
	for want, tr := range map[string]*Transport{
		"--timeout 0s":  {},
		"--timeout -1s": {Timeout: -time.Second},
		"--cookie":      {Timeout: time.Second, Cookie: "a=b\r\nX: y"},
		"":              {Timeout: time.Second, Cookie: "a=b; c=d", Resolve: []string{"A:1:[::1]"}},
	} {
		if err := tr.Open(); (err == nil) != (want == "") || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", tr, err, want)
		}
	}
}

// TestCookie: a cookie is sent as the browser would send it, and the user told
// where it would not.
func TestCookie(t *testing.T) {
	t.Parallel()
	got := make(chan string, 1)
	url := server(t, func(_ http.ResponseWriter, r *http.Request) { got <- r.Header.Get("Cookie") })
	for name, c := range map[string]struct {
		origin      string
		credentials bool
		sent        bool
	}{
		"another origin":                   {app, false, false},
		"another origin, with credentials": {app, true, true},
		"the same origin":                  {url, false, true},
	} {
		page, r, err := Question{URL: url, Origin: c.origin, Credentials: c.credentials}.Parse()
		if err != nil {
			t.Fatal(err)
		}
		tr := Transport{Timeout: 10 * time.Second, Cookie: "a=b"}
		if err := tr.Open(); err != nil {
			t.Fatal(err)
		}
		Play(page, r, &tr)
		tr.Close()
		if cookie := <-got; (cookie == "a=b") != c.sent || tr.KeptCookie() == c.sent {
			t.Errorf("%s: sent %q, kept %v", name, cookie, tr.KeptCookie())
		}
	}
}

func TestVerdictIsJSON(t *testing.T) {
	t.Parallel()
	url := server(t, func(http.ResponseWriter, *http.Request) {})
	page, r, err := Question{URL: url, Origin: app}.Parse()
	if err != nil {
		t.Fatal(err)
	}
	tr := Transport{Timeout: 10 * time.Second}
	if err := tr.Open(); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(Play(page, r, &tr))
	if err != nil {
		t.Fatal(err)
	}
	wantText(t, string(text), `"outcome":"blocked"`, `"step":21`, `"reason":"acao_missing"`, `"anchor":"#concept-cors-check"`)
}
