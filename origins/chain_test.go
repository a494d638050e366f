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

// TestAskInCaddy asks the whole server.
func TestAskInCaddy(t *testing.T) {
	t.Parallel()
	e := origins.NewEndpoint(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("origin") != corstest.App {
			w.WriteHeader(http.StatusNotFound)
		}
	})
	srv := corstest.Site(t, "cors {\n\torigins_from ask "+e.URL+" {\n\t\ttimeout 1m\n\t\tttl 1m\n\t\tnegative_ttl 1m\n\t\tstale off\n\t\tcache_size 10\n\t\tmax_in_flight 2\n\t}\n}\nrespond hello")
	corstest.WantHeader(t, corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.App)).Header, "Access-Control-Allow-Origin", corstest.App)
	corstest.WantHeader(t, corstest.Ask(t, "OPTIONS", srv.URL, corstest.From(corstest.App), corstest.AsksFor("PUT")).Header, "Access-Control-Allow-Origin", corstest.App)
	corstest.WantNothing(t, corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.Evil)).Header)
	corstest.WantNothing(t, corstest.Ask(t, "OPTIONS", srv.URL, corstest.From(corstest.Evil), corstest.AsksFor("PUT")).Header)
	corstest.WantNothing(t, corstest.Ask(t, "GET", srv.URL).Header)
	if e.Questions() != 2 {
		t.Errorf("%d questions", e.Questions())
	}
}

// TestAskItself: the endpoint may be behind the very handler that asks. A
// question carries no Origin, so it raises none, even with enforce.
func TestAskItself(t *testing.T) {
	t.Parallel()
	srv := httptest.NewUnstartedServer(nil)
	var asked atomic.Int64
	last := corstest.InChain(t, func(w http.ResponseWriter, r *http.Request) error {
		if r.URL.Path == "/cors" {
			asked.Add(1)
			if r.URL.Query().Get("origin") != corstest.App {
				w.WriteHeader(http.StatusForbidden)
			}
		}
		return nil
	})
	srv.Config.Handler = corstest.Chain(t, "http:// {\ncors {\n\torigins_from ask http://"+srv.Listener.Addr().String()+"/cors {\n\t\ttimeout 1m\n\t}\n\tenforce requests\n}\n"+last+"\n}\n")
	srv.Start()
	t.Cleanup(srv.Close)
	corstest.WantHeader(t, corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.App)).Header, "Access-Control-Allow-Origin", corstest.App)
	if res := corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.Evil)); res.StatusCode != http.StatusForbidden {
		t.Errorf("a refused origin: status %d", res.StatusCode)
	}
	if res := corstest.Ask(t, "GET", srv.URL+"/cors?origin="+corstest.App, corstest.From(corstest.App)); res.StatusCode != http.StatusOK {
		t.Errorf("asked by a page: status %d", res.StatusCode)
	}
	if n := asked.Load(); n != 3 {
		t.Errorf("the endpoint was asked %d times, want 2 questions and 1 page", n)
	}
}

// TestFileInCaddy asks the whole server.
func TestFileInCaddy(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "origins.txt")
	t.Cleanup(func() { os.Remove(path) })
	srv := corstest.Site(t, "cors {\n\torigins_from file "+path+"\n\tcredentials\n}\nrespond hello")
	res := corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.App))
	corstest.WantNothing(t, res.Header)
	corstest.WantVary(t, res.Header, "Origin")
	origins.WriteFile(t, path, corstest.App+"\nhttp://plain.example\n")
	origins.Eventually(t, "the origin to be allowed", func() bool {
		return corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.App)).Header.Get("Access-Control-Allow-Origin") == corstest.App
	})
	corstest.WantNothing(t, corstest.Ask(t, "GET", srv.URL, corstest.From("http://plain.example")).Header)
	corstest.WantNothing(t, corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.Evil)).Header)
	if corstest.LogLines(t.Name()).Count("source_unavailable") == 0 {
		t.Error("nothing says that the source was not there")
	}
}

// TestOriginsFromMissing: a source that was never read refuses, and says so.
func TestOriginsFromMissing(t *testing.T) {
	t.Parallel()
	srv := corstest.Site(t, "cors {\n\torigins_from file "+filepath.Join(t.TempDir(), "none.txt")+"\n\tdebug\n}\nrespond hello")
	res := corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.App))
	corstest.WantNothing(t, res.Header)
	corstest.WantHeader(t, res.Header, "Cors-Debug", `policy="", decision=refused, reason=source_unavailable, detail="a source of origins could not be asked"`)
}

// TestAskPerHostInCaddy: two tenants of one site, whose apps may each use its
// own host.
func TestAskPerHostInCaddy(t *testing.T) {
	t.Parallel()
	e := origins.NewEndpoint(t, func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if q.Get("origin") != "https://app-of-"+q.Get("host") {
			w.WriteHeader(http.StatusForbidden)
		}
	})
	srv := corstest.Site(t, "cors {\n\torigins_from ask "+e.URL+" {\n\t\ttimeout 1m\n\t\tper_host\n\t}\n}\nrespond hello")
	for range 2 {
		for _, host := range []string{"a.example", "b.example"} {
			for _, tenant := range []string{"a.example", "b.example"} {
				app := "https://app-of-" + tenant
				for _, spelled := range []string{host, strings.ToUpper(host) + ":8443"} {
					res := corstest.Ask(t, "GET", srv.URL, corstest.From(app), corstest.Header{"Host", spelled})
					if got := res.Header.Get("Access-Control-Allow-Origin"); (got == app) != (host == tenant) {
						t.Errorf("%s at %s got %q", app, spelled, got)
					}
				}
			}
		}
	}
	if n := e.Questions(); n != 4 {
		t.Errorf("%d questions, want one for each pair", n)
	}
}
