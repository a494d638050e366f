package origins_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/origins"
)

// counting is a source of somebody else's that writes down what it is asked, and
// allows the origins of one domain.
type counting struct {
	Log    string `json:"log,omitempty"`
	Domain string `json:"domain,omitempty"`
}

// countingLogs has what the sources of a test were asked.
var countingLogs sync.Map

func init() { caddy.RegisterModule(new(counting)) }

func (*counting) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.cors.origins.counting", New: func() caddy.Module { return new(counting) }}
}

func (c *counting) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next()
	d.Args(&c.Log, &c.Domain)
	return nil
}

func (c *counting) AllowsOrigin(_ context.Context, origin string) (bool, error) {
	log, _ := countingLogs.LoadOrStore(c.Log, new(corstest.Lines))
	fmt.Fprintf(log.(*corstest.Lines), "%s:%s\n", c.Domain, origin)
	return strings.HasSuffix(origin, c.Domain), nil
}

// TestSourcesAskedOnce: each source is asked once about an origin that nobody knows,
// in the order in which they are written, up to the first that says yes; and about
// no other origin at all. The site's own requests wait for none: the last source
// never answers.
func TestSourcesAskedOnce(t *testing.T) {
	t.Parallel()
	hanging := make(chan struct{})
	e := origins.NewEndpoint(t, func(http.ResponseWriter, *http.Request) { <-hanging })
	t.Cleanup(func() { close(hanging) })
	log := new(corstest.Lines)
	countingLogs.Store(t.Name(), log)
	srv := corstest.Site(t, "cors "+corstest.App+" https://*.listed.example {\ndebug\nenforce requests websockets\nexcept https://no.first.example\n"+
		"origin_regexp https://[a-z]+\\.expression\\.example\n"+
		"origins_from counting "+t.Name()+" .first.example\norigins_from counting "+t.Name()+" .second.example\norigins_from ask "+e.URL+" {\ntimeout 5m\n}\n}\nrespond hello")
	own := srv.URL
	for _, c := range []struct {
		origin, fetchSite, decision string
		asked                       []string
	}{
		{corstest.App, "cross-site", "allowed", nil},
		{"https://a.listed.example", "", "allowed", nil},
		{"https://a.expression.example", "", "allowed", nil},
		{"https://no.first.example", "", "refused", nil},
		{"nonsense", "", "refused", nil},
		{"null", "", "refused", nil},
		{own, "", "same_origin", nil},
		{own, "same-origin", "same_origin", nil},
		{own, "none", "same_origin", nil},
		{"https://a.first.example", "cross-site", "allowed", []string{".first.example"}},
		{"https://a.second.example", "", "allowed", []string{".first.example", ".second.example"}},
	} {
		for _, headers := range [][]corstest.Header{nil, {{"Connection", "Upgrade"}, {"Upgrade", "websocket"}}} {
			log.Reset()
			headers = append(headers, corstest.From(c.origin))
			if c.fetchSite != "" {
				headers = append(headers, corstest.Header{"Sec-Fetch-Site", c.fetchSite})
			}
			res := corstest.Ask(t, "GET", srv.URL, headers...)
			if got := res.Header.Get("Cors-Debug"); !strings.Contains(got+",", "decision="+c.decision+",") {
				t.Errorf("%s: decided %s, want %s", c.origin, got, c.decision)
			}
			want := ""
			for _, domain := range c.asked {
				want += domain + ":" + c.origin + "\n"
			}
			if got := log.String(); got != want {
				t.Errorf("%s: the sources were asked %q, want %q", c.origin, got, want)
			}
		}
	}
	if n := e.Questions(); n != 0 {
		t.Errorf("the source that hangs was asked %d times", n)
	}
}
