package origins

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/policy"
)

// TestAskStrangeAnswers: whatever an endpoint sends, there is an answer or none,
// within the timeout, and room for the next question.
func TestAskStrangeAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer, want string
		hangs        bool
	}{
		"early hints first":       {"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", "yes", false},
		"only early hints":        {"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", "unknown", true},
		"continue first":          {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "no", false},
		"switching protocols":     {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n", "unknown", false},
		"a body that stops":       {"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf", "yes", true},
		"a no whose body stops":   {"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhalf", "no", true},
		"a body of garbage":       {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "yes", false},
		"garbage":                 {"\x00\x01\x02 this is no HTTP\r\n\r\n", "unknown", false},
		"a status that is none":   {"HTTP/1.1 2x0 OK\r\n\r\n", "unknown", false},
		"a status far away":       {"HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n", "unknown", false},
		"nothing":                 {"", "unknown", true},
		"an endless header":       {"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 1<<20), "unknown", false},
		"a redirect to nowhere":   {"HTTP/1.1 302 Found\r\nLocation: http://[::bad\r\nContent-Length: 0\r\n\r\n", "unknown", false},
		"a redirect to a yes":     {"HTTP/1.1 308 Permanent Redirect\r\nLocation: /yes\r\nContent-Length: 0\r\n\r\n", "unknown", false},
		"a redirect without aim":  {"HTTP/1.1 301 Moved Permanently\r\nContent-Length: 0\r\n\r\n", "unknown", false},
		"a reason of many bytes":  {"HTTP/1.1 500 " + strings.Repeat("x", 50_000) + "\r\nContent-Length: 0\r\n\r\n", "unknown", false},
		"a password was expected": {"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n", "unknown", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &Ask{URL: rawEndpoint(t, c.answer), MaxInFlight: 1}
			if c.hangs {
				s.Timeout = caddy.Duration(2 * time.Second)
			}
			_, logs := startAsk(t, s, policy.SourceRules{})
			got := make(chan string)
			go func() { got <- answered(s, corstest.App) }()
			select {
			case g := <-got:
				if g != c.want {
					t.Errorf("the source says %s, want %s", g, c.want)
				}
			case <-time.After(corstest.Patience):
				t.Fatal("it waits for ever")
			}
			// The only room is free again.
			eventually(t, "room for another question", func() bool { return s.asker.room.TryAcquire(1) })
			s.asker.room.Release(1)
			for _, line := range logs.All() {
				if n := len(fmt.Sprint(line.Message, line.ContextMap())); n > 1000 {
					t.Errorf("a line of %d bytes is logged", n)
				}
			}
		})
	}
}
