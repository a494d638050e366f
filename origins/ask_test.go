package origins

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/policy"
)

// TestAskChanged: a reload that changes an option ends the source of the old
// configuration. Who waits for it gets an answer nevertheless.
func TestAskChanged(t *testing.T) {
	t.Parallel()
	e := newEndpoint(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(100 * time.Millisecond):
		case <-r.Context().Done():
		}
	})
	old, changed := &Ask{URL: e.URL}, &Ask{URL: e.URL, TTL: caddy.Duration(time.Hour)}
	startAsk(t, old, policy.SourceRules{})
	old.asker.stopTimeout = time.Minute
	waiting := make(chan string)
	go func() { waiting <- answered(old, corstest.App) }()
	eventually(t, "the question", func() bool { return e.questions() == 1 })
	startAsk(t, changed, policy.SourceRules{})
	must(t, old.Cleanup())
	if got := <-waiting; got != "yes" {
		t.Errorf("who waited was told %s", got)
	}
	wantAnswer(t, old, "unknown", corstest.Evil)
	wantAnswer(t, changed, "yes", corstest.App)
	if n := e.questions(); n != 2 {
		t.Errorf("%d questions", n)
	}
}

// TestAskSecrets: a mistake in a URL that came from the environment is told
// without the URL.
func TestAskSecrets(t *testing.T) {
	for name, url := range map[string]string{
		"no scheme": "user:secret@a.example/cors",
		"fragment":  "http://user:secret@a.example/cors?token=secret#secret",
		"port":      "http://user:secret@a.example:secret/cors",
		"escape":    "http://user:secret@a.example/%zzsecret",
		"control":   "http://user:secret@a.example/\n",
		"slash":     "http://user:sec/ret@a.example/",
		"no host":   "http://user:secret@/cors",
		"parameter": "http://user:secret@a.example/cors?token=secret&origin=secret",
	} {
		t.Setenv("CORS_TEST_URL", url)
		s := &Ask{URL: "{env.CORS_TEST_URL}"}
		switch err := s.Provision(caddyContext(t)); {
		case err == nil:
			t.Errorf("%s: %s is accepted", name, url)
		case !strings.Contains(err.Error(), "{env.CORS_TEST_URL}") || strings.Contains(err.Error(), "sec"):
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAskRules: an origin that the policy must not allow is not asked about.
func TestAskRules(t *testing.T) {
	t.Parallel()
	e := newEndpoint(t, status(http.StatusOK))
	s := &Ask{URL: e.URL}
	startAsk(t, s, rulesOf(t, true))
	wantAnswer(t, s, "no", "http://plain.example", "null", "*", "", "https://*.example.com", "https://a.example/", "wss://a.example")
	if e.questions() != 0 {
		t.Errorf("asked about %q", e.asked)
	}
	wantAnswer(t, s, "yes", "http://localhost:3000", corstest.App)
	lax := &Ask{URL: e.URL, Timeout: s.Timeout}
	startAsk(t, lax, rulesOf(t, true, "insecure_origins"))
	wantAnswer(t, lax, "yes", "http://plain.example")
}

// TestAskReloads: answers outlive reloads, many of which leave nothing
// behind, even with a question that nobody answers.
func TestAskReloads(t *testing.T) {
	e := newEndpoint(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("origin") != corstest.App {
			<-r.Context().Done()
		}
	})
	noLeaks(t, func() {
		begun := e.questions()
		start := func() *Ask {
			s := &Ask{URL: e.URL, Timeout: caddy.Duration(time.Hour)}
			must(t, s.Provision(caddyContext(t)))
			must(t, s.start(policy.SourceRules{}))
			return s
		}
		old := start()
		wantAnswer(t, old, "yes", corstest.App)
		var request sync.WaitGroup
		for range reloads {
			s := start()
			request.Go(func() { answered(s, corstest.Evil) })
			must(t, old.Cleanup())
			must(t, old.Cleanup())
			wantAnswer(t, s, "yes", corstest.App)
			old = s
		}
		eventually(t, "both questions", func() bool { return e.questions() == begun+2 })
		must(t, old.Cleanup())
		request.Wait() // it ends with the last configuration
		for range reloads {
			s := start()
			wantAnswer(t, s, "yes", corstest.App)
			must(t, s.Cleanup())
		}
		e.CloseClientConnections()
	})
}

// TestSourcesUnstarted: what was never provisioned or started refuses, and can
// be cleaned up.
func TestSourcesUnstarted(t *testing.T) {
	t.Parallel()
	for _, s := range []interface {
		Source
		caddy.CleanerUpper
	}{new(File), new(Ask), new(Storage)} {
		wantAnswer(t, s, "unknown", corstest.App)
		must(t, s.Cleanup())
	}
	for want, s := range map[string]caddy.Provisioner{
		"path is missing": new(File),
		"url is missing":  new(Ask),
		`url "{no.such}" is an unknown placeholder; write`:         &Ask{URL: "{no.such}"},
		`"http://{no.such}/" has an unknown placeholder {no.such}`: &Ask{URL: "http://{no.such}/"},
		`has a parameter "host" already`:                           &Ask{URL: "http://a.example?host=x", PerHost: true},
		"timeout -1s must not":                                     &Ask{URL: "http://a.example", Timeout: caddy.Duration(-time.Second)},
		"cache_size -5 must not":                                   &Ask{URL: "http://a.example", CacheSize: -5},
		"is no http or https URL":                                  &Ask{URL: "unix//tmp/x"},
		"depends on the request":                                   &File{Path: "/{http.request.host}"},
		`parameter "origin" alrea`:                                 &Ask{URL: "http://a.example?a=b&origin=c"},
	} {
		if err := s.Provision(caddyContext(t)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
