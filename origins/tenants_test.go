package origins_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/origins"
)

// TestTenantsInFlight: many requests to three tenants of one site are under way at
// once, in every spelling of their hosts, and wait for a slow endpoint that fails
// for one of them. Nobody gets another's answer: not from a question that is
// shared, not from a cache that is full.
func TestTenantsInFlight(t *testing.T) {
	t.Parallel()
	hosts := []string{"a.tenants.example", "b.tenants.example", "broken.tenants.example"}
	for name, options := range map[string]string{
		"a full cache": "cache_size 1\n",
		"no cache":     "ttl 1ns\nnegative_ttl 1ns\nstale off\n",
		"a cache":      "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pairs := len(hosts) * len(hosts)
			var mu sync.Mutex
			waiting := make(map[string]bool)
			all := make(chan struct{})
			e := origins.NewEndpoint(t, func(w http.ResponseWriter, r *http.Request) {
				q := r.URL.Query()
				mu.Lock()
				if waiting[q.Encode()] = true; len(waiting) == pairs {
					select {
					case <-all:
					default:
						close(all)
					}
				}
				mu.Unlock()
				select {
				case <-all:
				case <-time.After(corstest.Patience): // two questions became one
				}
				switch host := q.Get("host"); {
				case strings.HasPrefix(host, "broken."):
					w.WriteHeader(http.StatusBadGateway)
				case q.Get("origin") != "https://app-of-"+host:
					w.WriteHeader(http.StatusForbidden)
				}
			})
			srv := corstest.Site(t, "cors {\ndebug\ncredentials\norigins_from ask "+e.URL+" {\ntimeout 1m\nper_host\nmax_in_flight 100\n"+options+"}\n}\nrespond hello")
			var requests sync.WaitGroup
			for _, host := range hosts {
				for _, tenant := range hosts {
					for i, spelled := range []string{host, strings.ToUpper(host) + ":8443", host + ".", strings.ToUpper(host[:1]) + host[1:] + ":80"} {
						requests.Go(func() {
							for round := range 10 {
								method := []string{"GET", "OPTIONS"}[(i+round)%2]
								checkTenant(t, srv.URL, method, host, spelled, tenant)
							}
						})
					}
				}
			}
			requests.Wait()
			mu.Lock()
			defer mu.Unlock()
			if len(waiting) != pairs {
				t.Errorf("%d different questions, want %d", len(waiting), pairs)
			}
		})
	}
}

// checkTenant asks for a tenant's page on a host, and compares with what the
// endpoint says of these two.
func checkTenant(t *testing.T, url, method, host, spelled, tenant string) {
	app := "https://app-of-" + tenant
	res := corstest.Ask(t, method, url, corstest.From(app), corstest.AsksFor("PUT"), corstest.Header{"Host", spelled})
	want := "decision=refused, reason=origin_not_allowed"
	switch {
	case strings.HasPrefix(host, "broken."):
		want = "decision=refused, reason=source_unavailable"
	case host == tenant:
		want = "decision=allowed"
	}
	got := res.Header.Get("Cors-Debug")
	allowed := res.Header.Get("Access-Control-Allow-Origin")
	if !strings.Contains(got+",", want+",") || allowed != map[bool]string{true: app}[want == "decision=allowed"] {
		t.Errorf("%s %s at %s got %q, %s; want %s", method, app, spelled, allowed, got, want)
	}
}
