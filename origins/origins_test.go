package origins_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	_ "github.com/caddy-cors/caddy-cors"
	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/origins"
)

// TestOriginsFrom: each source adds its origins to a policy, with the policy's
// rights and under its exceptions, and is asked about no others.
func TestOriginsFrom(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "origins.txt")
	const listed = "# tenants\nhttps://tenant.example\nhttps://*.tenants.example\nhttp://plain.example\n*\nnull\nhttps://*.github.io\nnonsense\n"
	if err := os.WriteFile(file, []byte(listed), 0o600); err != nil {
		t.Fatal(err)
	}
	var asked atomic.Int64
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		switch origin := r.URL.Query().Get("origin"); {
		case origin == "https://no.asked.example":
			t.Error("an excepted origin was asked about")
		case strings.HasSuffix(origin, ".asked.example"):
		case strings.HasSuffix(origin, ".broken.example"):
			w.WriteHeader(http.StatusInternalServerError)
		default:
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	t.Cleanup(endpoint.Close)
	srv := corstest.Site(t, "cors https://app.example.com {\n\tcredentials\n\tdebug\n\texpose X-A\n\texcept https://no.tenants.example https://no.asked.example\n"+
		"\torigins_from file "+file+"\n\torigins_from ask "+endpoint.URL+"/allowed?x=y {\n\t\ttimeout 1m\n\t}\n}\nrespond hello")
	const (
		allowed     = "decision=allowed"
		refused     = "decision=refused, reason=origin_not_allowed"
		unavailable = "decision=refused, reason=source_unavailable"
		malformed   = "decision=refused, reason=origin_malformed"
	)
	for _, c := range []struct{ origin, want string }{
		{corstest.App, allowed},
		{"https://tenant.example", allowed},
		{"https://a.tenants.example", allowed},
		{"https://no.tenants.example", refused},
		{"http://plain.example", refused}, // credentials
		{"https://a.asked.example", allowed},
		{"https://no.asked.example", refused},
		{"http://a.asked.example", refused}, // credentials
		{"https://a.broken.example", unavailable},
		{"https://stranger.github.io", refused},
		{"https://stranger.example", refused},
		{"null", refused},
		{"nonsense", malformed},
	} {
		t.Run(c.origin, func(t *testing.T) {
			t.Parallel()
			checkOriginsFrom(t, srv.URL, c.origin, c.want, c.want == allowed)
		})
	}
}

// checkOriginsFrom sends a request and a preflight.
func checkOriginsFrom(t *testing.T, url, origin, decision string, allowed bool) {
	t.Helper()
	actual := corstest.Ask(t, "GET", url, corstest.From(origin))
	preflight := corstest.Ask(t, "OPTIONS", url, corstest.From(origin), corstest.AsksFor("PUT"))
	for _, res := range []*http.Response{actual, preflight} {
		if got := res.Header.Get("Cors-Debug"); !strings.HasPrefix(got+",", `policy="", `+decision+",") {
			t.Errorf("%s: decided %s, want %s", res.Request.Method, got, decision)
		}
		if !allowed {
			corstest.WantNothing(t, res.Header)
			continue
		}
		corstest.WantHeader(t, res.Header, "Access-Control-Allow-Origin", origin)
		corstest.WantHeader(t, res.Header, "Access-Control-Allow-Credentials", "true")
	}
	if allowed {
		corstest.WantHeader(t, actual.Header, "Access-Control-Expose-Headers", "X-A")
	}
}

// TestOriginsFromKnown: no source is asked about what the policy knows, nor a
// source about what one before it allows.
func TestOriginsFromKnown(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "origins.txt")
	origins.WriteFile(t, file, "https://tenant.example\n")
	e := origins.NewEndpoint(t, func(http.ResponseWriter, *http.Request) {})
	srv := corstest.Site(t, "cors https://app.example.com {\n\texcept https://no.tenants.example\n\torigins_from file "+file+"\n\torigins_from ask "+e.URL+" {\n\t\ttimeout 1m\n\t}\n}\nrespond hello")
	own := srv.URL // the site itself
	for _, origin := range []string{corstest.App, "https://no.tenants.example", "null", "nonsense", "https://tenant.example", own} {
		corstest.Ask(t, "GET", srv.URL, corstest.From(origin))
	}
	if n := e.Questions(); n != 0 {
		t.Errorf("%d questions about origins that the policy knows", n)
	}
}
