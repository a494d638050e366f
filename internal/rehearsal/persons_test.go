package rehearsal_test

import (
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// TestPersons: what each person answers, as it comes out of a proxy.
func TestPersons(t *testing.T) {
	r := caddyfile(t, "reverse_proxy up:80")
	nobody := [][2]string{{"X-No", "origin"}}
	withHeaders := append(preflight().Headers, [2]string{"Access-Control-Request-Headers", "x-key"})
	socket := [][2]string{{"Origin", page}, {"Connection", "Upgrade"}, {"Upgrade", "websocket"}, {"Sec-WebSocket-Key", "x3JJHMbDL1EzLkh9GBhXDw=="}, {"Sec-WebSocket-Version", "13"}}
	for _, c := range []struct {
		name    string
		person  rehearsal.Person
		method  string
		headers [][2]string
		status  int
		want    []string // Name: value; a value of - means none
	}{
		{"plain", rehearsal.Plain, "GET", nil, 200, []string{"Access-Control-Allow-Origin: -", "Content-Type: text/plain; charset=utf-8"}},
		{"plain, POST", rehearsal.Plain, "POST", nil, 200, nil},
		{"plain, OPTIONS", rehearsal.Plain, "OPTIONS", nil, 405, []string{"Allow: GET, HEAD, POST, PUT, DELETE", "Access-Control-Allow-Methods: -"}},
		{"own", rehearsal.Own, "GET", nil, 200, []string{"Access-Control-Allow-Origin: " + rehearsal.OwnOrigin, "Access-Control-Allow-Credentials: true", "Vary: -"}},
		{"own, without Origin", rehearsal.Own, "GET", nobody, 200, []string{"Access-Control-Allow-Origin: " + rehearsal.OwnOrigin}},
		{"own, OPTIONS", rehearsal.Own, "OPTIONS", preflight().Headers, 204, []string{"Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Headers: -"}},
		{"echo", rehearsal.Echo, "GET", nil, 200, []string{"Access-Control-Allow-Origin: " + page, "Access-Control-Allow-Credentials: true", "Vary: Origin"}},
		{"echo, without Origin", rehearsal.Echo, "GET", nobody, 200, []string{"Access-Control-Allow-Origin: -", "Access-Control-Allow-Credentials: -"}},
		{"echo, OPTIONS", rehearsal.Echo, "OPTIONS", withHeaders, 204, []string{"Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Headers: x-key"}},
		{"down", rehearsal.Down, "GET", nil, 502, []string{"Date: -"}},
		{"down, OPTIONS", rehearsal.Down, "OPTIONS", nil, 502, nil},
		{"401", rehearsal.Unauthorized, "GET", nil, 401, []string{"Www-Authenticate: Bearer"}},
		{"login", rehearsal.Login, "GET", nil, 302, []string{"Location: " + rehearsal.LoginPage}},
		{"a socket", rehearsal.Plain, "GET", socket, 101, []string{"Sec-Websocket-Accept: HSmrc0sMlYUkAGmm5OPpG2HaGWk="}},
		{"a socket, echo", rehearsal.Echo, "GET", socket, 101, []string{"Access-Control-Allow-Origin: " + page}},
		{"a socket, 401", rehearsal.Unauthorized, "GET", socket, 401, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := ask(t, r, rehearsal.Question{Method: c.method, URL: "/x", Headers: c.headers, Person: c.person})
			if a.Status != c.status || !a.Upstream {
				t.Errorf("status %d, upstream %v", a.Status, a.Upstream)
			}
			for _, w := range c.want {
				name, value, _ := strings.Cut(w, ": ")
				if got := strings.Join(a.Header[name], "|"); got != value && (got != "" || value != "-") {
					t.Errorf("%s: %q, want %q", name, got, value)
				}
			}
		})
	}
}

// TestCarries: fields that an upstream has besides.
func TestCarries(t *testing.T) {
	r := caddyfile(t, "reverse_proxy up:80")
	for _, p := range []rehearsal.Person{rehearsal.Plain, rehearsal.Own, rehearsal.Unauthorized} {
		if a := ask(t, r, rehearsal.Question{URL: "/x", Person: p, Carries: []string{"x-total"}}); a.Header.Get("X-Total") != "1" {
			t.Errorf("person %d carries %v", p, a.Header)
		}
	}
}
