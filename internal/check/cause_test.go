package check

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/browser"
)

// TestCauses: what stands behind a missing header is named, and only that.
func TestCauses(t *testing.T) {
	t.Parallel()
	const other = "Access-Control-Allow-Origin: https://b.example"
	for name, c := range map[string]struct {
		status  int
		headers []string
		want    string // "" for no cause
		never   string
	}{
		"bad gateway":            {502, nil, "502 is what a proxy answers when the service behind it is down", ""},
		"unavailable":            {503, nil, "503 is what a proxy answers", ""},
		"gateway timeout":        {504, nil, "takes too long", ""},
		"origin of a CDN down":   {521, nil, "521 is what a proxy answers", ""},
		"own failure":            {500, nil, "500 says that the service itself failed", "proxy answers"},
		"not found":              {404, nil, "", ""},
		"nothing":                {200, nil, "", ""},
		"another origin":         {200, []string{other}, "", ""},
		"age":                    {200, []string{other, "Age: 0"}, "copy that a cache kept (Age: 0), made for another page or for none; it has no Vary: Origin", ""},
		"nginx":                  {200, []string{other, "X-Cache-Status: HIT"}, "X-Cache-Status: HIT", ""},
		"Cloudflare":             {200, []string{"CF-Cache-Status: HIT"}, "CF-Cache-Status: HIT", ""},
		"Cloudflare, not a copy": {200, []string{"CF-Cache-Status: DYNAMIC"}, "may have kept", "is a copy"},
		"RFC 9211":               {200, []string{`Cache-Status: edge; hit; ttl=60`}, "is a copy", ""},
		"Fastly":                 {200, []string{"X-Cache: MISS, HIT", "X-Cache-Hits: 0, 1"}, "is a copy", ""},
		"Fastly, not a copy":     {200, []string{"X-Cache: MISS", "X-Cache-Hits: 0"}, "may have kept", "is a copy"},
		"Varnish":                {200, []string{"X-Varnish: 12 34"}, "is a copy", ""},
		"Varnish, not a copy":    {200, []string{"X-Varnish: 12"}, "may have kept", "is a copy"},
		"via":                    {200, []string{other, "Via: 1.1 squid"}, "came through a proxy or cache (Via: 1.1 squid)", "is a copy"},
		"via, with Vary":         {200, []string{other, "Via: 1.1 squid", "Vary: Accept, origin"}, "", ""},
		"heedless cache":         {200, []string{other, "Age: 1", "Vary: Origin"}, "does not heed its Vary: Origin", "no Vary"},
		"copy of an error":       {502, []string{"Age: 1"}, "is a copy", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := server(t, func(w http.ResponseWriter, _ *http.Request) {
				for _, line := range c.headers {
					name, value, _ := strings.Cut(line, ": ")
					w.Header().Add(name, value)
				}
				w.WriteHeader(c.status)
			})
			text, _ := play(t, Question{URL: url, Origin: app}, Transport{})
			switch {
			case c.want == "" && strings.Contains(text, "Cause:"):
				t.Errorf("it names a cause:\n%s", text)
			case c.want != "":
				wantText(t, text, "Cause: ", c.want)
			}
			if c.never != "" && strings.Contains(text, c.never) {
				t.Errorf("%q is in\n%s", c.never, text)
			}
		})
	}
	t.Run("readable", func(t *testing.T) {
		t.Parallel()
		url := server(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Age", "1")
			w.Header().Set("Access-Control-Allow-Origin", "*")
			w.WriteHeader(http.StatusBadGateway)
		})
		if text, _ := play(t, Question{URL: url, Origin: app}, Transport{}); strings.Contains(text, "Cause:") {
			t.Errorf("a cause of nothing:\n%s", text)
		}
	})
}

// TestLogin: a redirect to a login is one, whatever carries it, and no other
// redirect is.
func TestLogin(t *testing.T) {
	t.Parallel()
	redirect := func(to string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/items" && r.URL.Path != "/auth/me" {
				w.Header().Set("Content-Type", r.URL.Query().Get("type"))
				return
			}
			w.Header().Set("Access-Control-Allow-Origin", app)
			w.Header().Set("Access-Control-Allow-Credentials", "true")
			http.Redirect(w, r, to, http.StatusFound)
		}
	}
	for name, c := range map[string]struct {
		path, to, method string
		login            bool
	}{
		"by its path":          {"/items", "/login?next=/items", "GET", true},
		"with a dash":          {"/items", "/users/sign-in", "GET", true},
		"oauth":                {"/items", "/oauth2/start", "GET", true},
		"a page for data":      {"/items", "/welcome?type=text/html", "GET", true},
		"of a preflight":       {"/items", "/login", "PUT", true},
		"data for data":        {"/items", "/things?type=application/json", "GET", false},
		"a word in a word":     {"/items", "/authors/catalogin", "GET", false},
		"within a login":       {"/auth/me", "/auth/me/", "GET", false},
		"another, with a dash": {"/items", "/blog-in-short", "GET", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := server(t, redirect(c.to)) + c.path
			text, _ := play(t, Question{URL: url, Origin: app, Method: c.method, Credentials: true}, Transport{})
			if named := strings.Contains(text, "looks like a login"); named != c.login {
				t.Errorf("named: %t, want %t in\n%s", named, c.login, text)
			}
			if c.login && strings.Contains(text, "call the") {
				t.Errorf("the page is sent to the login:\n%s", text)
			}
			if c.login && c.method == http.MethodGet {
				wantText(t, text, "with 401 instead of a redirect")
			}
		})
	}
}

// TestTaintWithCredentials: there is no header that would help.
func TestTaintWithCredentials(t *testing.T) {
	t.Parallel()
	target := server(t, func(http.ResponseWriter, *http.Request) {})
	url := server(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", app)
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		http.Redirect(w, r, target+"/data", http.StatusTemporaryRedirect)
	})
	text, _ := play(t, Question{URL: url, Origin: app, Credentials: true}, Transport{})
	wantText(t, text, "Cause: a redirect", "turned Origin into null", "call the last URL, "+target+"/data", "nobody may allow with credentials")
	if strings.Contains(text, "`cors") {
		t.Errorf("a policy is offered:\n%s", text)
	}
}

// TestClientCertificate: the preflight of a server that wants one never gets
// through, and the error of TLS does not say so in words that help.
func TestClientCertificate(t *testing.T) {
	t.Parallel()
	for name, version := range map[string]uint16{"TLS 1.2": tls.VersionTLS12, "TLS 1.3": tls.VersionTLS13} {
		for mode, auth := range map[string]tls.ClientAuthType{"asked": tls.RequestClientCert, "required": tls.RequireAnyClientCert} {
			srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Access-Control-Allow-Origin", "*")
				w.Header().Set("Access-Control-Allow-Methods", "*")
			}))
			srv.EnableHTTP2 = true
			srv.TLS = &tls.Config{MaxVersion: version, ClientAuth: auth}
			srv.StartTLS()
			t.Cleanup(srv.Close)
			text, status := play(t, Question{URL: srv.URL, Origin: app, Method: "PUT"}, Transport{Insecure: true})
			if mode == "asked" {
				if status != ExitReadable || strings.Contains(text, "certificate") {
					t.Errorf("%s, %s: exit status %d\n%s", name, mode, status, text)
				}
				continue
			}
			if status != ExitUsage {
				t.Errorf("%s, %s: exit status %d", name, mode, status)
			}
			wantText(t, text, "NO VERDICT", "Cause: the server ends the connection without a client certificate", "Cure: browsers send no client certificate", "verify_if_given")
		}
	}
}

// TestWebSocket: the handshake, over plain TCP and TLS.
func TestWebSocket(t *testing.T) {
	t.Parallel()
	accept := func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Origin") != app || r.Header.Get("Upgrade") != "websocket" || r.Header.Get("Connection") != "Upgrade" ||
			r.Header.Get("Sec-Websocket-Version") != "13" || r.ProtoMajor != 1 {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		t.Cleanup(func() { conn.Close() })
		_, _ = conn.Write([]byte("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: " +
			browser.WebSocketAccept(r.Header.Get("Sec-Websocket-Key")) + "\r\n\r\n"))
	}
	secure := httptest.NewUnstartedServer(http.HandlerFunc(accept))
	secure.EnableHTTP2 = true
	secure.StartTLS()
	t.Cleanup(secure.Close)
	status := func(n int) string {
		return server(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Access-Control-Allow-Origin", "*") // counts for nothing
			w.Header().Set("Location", "/x")
			w.WriteHeader(n)
		})
	}
	for name, c := range map[string]struct {
		url, origin string
		exit        int
		want        []string
	}{
		"opens":          {server(t, accept), app, ExitReadable, []string{"opens a WebSocket to ws://", "OPENS: the handshake was answered 101"}},
		"opens over TLS": {secure.URL, app, ExitReadable, []string{"opens a WebSocket to wss://", "OPENS"}},
		"refuses an origin": {
			server(t, accept), "https://b.example", ExitBlocked,
			[]string{"REFUSED: the handshake was answered 403", "websocket_refused", "\tcors https://b.example {\n\t\tenforce websockets\n\t}", "header_up -Origin"},
		},
		"answers something else": {status(200), app, ExitBlocked, []string{"REFUSED", "answered 200", "where a server of WebSockets answers"}},
		"redirects":              {status(307), app, ExitBlocked, []string{"REFUSED", "the answer was a redirect (307)", "no redirect of a handshake"}},
		"wants a login":          {status(401), app, ExitBlocked, []string{"REFUSED", "sign in first"}},
		"is down":                {status(502), app, ExitBlocked, []string{"REFUSED", "Cause: 502 is what a proxy answers"}},
		"another protocol":       {rawServer(t, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n"), app, ExitBlocked, []string{"REFUSED", `"foo"`}},
		"no proof":               {rawServer(t, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"), app, ExitBlocked, []string{"REFUSED", "Sec-WebSocket-Accept"}},
		"nobody":                 {"http://" + closedPort, app, ExitUsage, []string{"NO VERDICT"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := Question{URL: strings.Replace(c.url, "http", "ws", 1), Origin: c.origin}
			text, exit := play(t, q, Transport{Insecure: true})
			if exit != c.exit {
				t.Errorf("exit status %d, want %d", exit, c.exit)
			}
			wantText(t, text, c.want...)
		})
	}
	for _, q := range []Question{{Method: "POST"}, {Headers: []string{"X-A: 1"}}} {
		q.URL, q.Origin = "wss://a.example", app
		if _, _, err := q.Parse(); err == nil || !strings.Contains(err.Error(), "neither method nor headers") {
			t.Errorf("%+v: %v", q, err)
		}
	}
}

// closedPort is an address where nobody listens. A free port would not do: the next
// test may get it.
const closedPort = "127.0.0.1:1"
