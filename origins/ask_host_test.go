package origins

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/origin"
	"github.com/caddy-cors/caddy-cors/internal/policy"
)

// TestAskHost: all spellings of a host are one, and what is no host is refused.
func TestAskHost(t *testing.T) {
	t.Parallel()
	label := strings.Repeat("a", 63)
	longest := strings.Join([]string{label, label, label, strings.Repeat("a", 61)}, ".")
	for header, want := range map[string]string{
		"tenant.example":                    "tenant.example",
		"TENANT.Example":                    "tenant.example",
		"tenant.example:8443":               "tenant.example",
		"tenant.example:":                   "tenant.example",
		"tenant.example.":                   "tenant.example",
		"Tenant.example.:443":               "tenant.example",
		"localhost":                         "localhost",
		"a_b.example":                       "a_b.example",
		"xn--bcher-kva.example":             "xn--bcher-kva.example",
		"127.0.0.1:80":                      "127.0.0.1",
		"[::1]":                             "::1",
		"[::1]:8080":                        "::1",
		"[2001:DB8:0:0::1]:443":             "2001:db8::1",
		"[::1]:":                            "::1",
		longest:                             longest,
		longest + ".:65535":                 longest,
		"":                                  "",
		".":                                 "",
		"..":                                "",
		"a..":                               "",
		".a":                                "",
		"a..b":                              "",
		":80":                               "",
		"a:b":                               "",
		"a:80:90":                           "",
		"a:+80":                             "",
		"a:123456":                          "",
		"::1":                               "",
		"[::1":                              "",
		"[::1]x":                            "",
		"[::1].":                            "",
		"[]":                                "",
		"[127.0.0.1]":                       "",
		"[fe80::1%25eth0]":                  "",
		"[fe80::1%eth0]":                    "",
		"[tenant.example]":                  "",
		"a b":                               "",
		" a":                                "",
		"a&host=b":                          "",
		"a%2eexample":                       "",
		"a/b":                               "",
		"user@a":                            "",
		"a,b":                               "",
		"a\x00":                             "",
		"a\r\nb":                            "",
		"b\u00fccher.example":               "",
		"\u212aelvin.example":               "", // a Kelvin sign, which ToLower makes a k
		label + "a.example":                 "",
		"a." + longest:                      "",
		strings.Repeat("a.", 500_000) + "a": "",
	} {
		got, err := askHost(header)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%.300q: got %q, %v; want %q", header, got, err, want)
		}
	}
}

func FuzzAskHost(f *testing.F) {
	for _, seed := range []string{"a.example", "A.example.:80", "[::1]:80", "[::ffff:1.2.3.4]", "..", "a b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		host, err := askHost(header)
		if err != nil {
			return
		}
		if len(host) > maxHost || strings.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789-_.:") != "" || strings.HasSuffix(host, ".") {
			t.Errorf("%q becomes %q", header, host)
		}
		again := host
		if strings.Contains(host, ":") {
			again = "[" + host + "]"
		}
		if twice, err := askHost(again + ":80"); twice != host || err != nil {
			t.Errorf("%q becomes %q, and that %q, %v", header, host, twice, err)
		}
	})
}

// saidOf is the answer of a source about one origin for a host, in a word.
func saidOf(s ruled, host string) string {
	o, _ := origin.Parse(corstest.App)
	switch yes, err := (Question{Origin: o, Host: host}).Ask(context.Background(), s); {
	case err != nil:
		return "unknown"
	case yes:
		return "yes"
	}
	return "no"
}

// The hosts of two tenants.
const tenantA, tenantB = "a.tenants.example", "b.tenants.example"

// onlyTenantA lets the app of the tests use one tenant's host.
func onlyTenantA(w http.ResponseWriter, r *http.Request) {
	if q := r.URL.Query(); q.Get("origin") != corstest.App || q.Get("host") != tenantA {
		w.WriteHeader(http.StatusForbidden)
	}
}

// TestAskPerHost: no tenant ever gets another's answer, fresh or stale, and all
// spellings of a host have one.
func TestAskPerHost(t *testing.T) {
	t.Parallel()
	e := newEndpoint(t, onlyTenantA)
	s := &Ask{URL: e.URL, PerHost: true}
	c, _ := startAsk(t, s, policy.SourceRules{})
	check := func(what, host, want string, questions int) {
		t.Helper()
		if got := saidOf(s, host); got != want {
			t.Errorf("%s: %s got %s, want %s", what, host, got, want)
		}
		if n := e.questions(); n != questions {
			t.Errorf("%s: %d questions, want %d", what, n, questions)
		}
	}
	check("the first of a", tenantA, "yes", 1)
	check("the first of b", tenantB, "no", 2)
	for _, host := range []string{tenantA, strings.ToUpper(tenantA), tenantA + ":8443", tenantA + ".", tenantA + ".:80"} {
		check("in memory", host, "yes", 2)
		check("in memory", strings.Replace(strings.ToLower(host), tenantA, tenantB, 1), "no", 2)
	}
	for _, host := range []string{"", "a b", "..", strings.Repeat("a.", 200), tenantA + "&host=" + tenantB} {
		check("no host", host, "unknown", 2)
	}
	e.set(status(http.StatusBadGateway))
	c.turn(10 * time.Minute)
	check("stale", tenantA, "yes", 3)
	check("stale", tenantB, "no", 4)
	check("never asked", "c.tenants.example", "unknown", 5)
	if a := s.asker.answers; a.yes.Len() != 1 || a.no.Len() != 1 {
		t.Errorf("%d and %d answers are remembered", a.yes.Len(), a.no.Len())
	}
}

// TestAskPerHostAtOnce: tenants that ask at the same moment share no question.
func TestAskPerHostAtOnce(t *testing.T) {
	t.Parallel()
	both := make(chan struct{})
	e := newEndpoint(t, func(w http.ResponseWriter, r *http.Request) {
		<-both
		onlyTenantA(w, r)
	})
	s := &Ask{URL: e.URL, PerHost: true}
	startAsk(t, s, policy.SourceRules{})
	var requests sync.WaitGroup
	for host, want := range map[string]string{tenantA: "yes", tenantB: "no"} {
		for range 20 {
			requests.Go(func() {
				if got := saidOf(s, host); got != want {
					t.Errorf("%s got %s, want %s", host, got, want)
				}
			})
		}
	}
	eventually(t, "both questions", func() bool { return e.questions() == 2 })
	close(both)
	requests.Wait()
	if n := e.questions(); n != 2 {
		t.Errorf("%d questions", n)
	}
}

// TestAskPerHostRequest: what the endpoint sees, with the option and without.
func TestAskPerHostRequest(t *testing.T) {
	t.Parallel()
	const asked = "origin=https%3A%2F%2Fapp.example.com"
	for name, c := range map[string]struct {
		query, host string
		perHost     bool
		want        string
	}{
		"with":           {"", "A.Tenants.example:8443", true, asked + "&host=a.tenants.example"},
		"with IPv6":      {"", "[::1]:8443", true, asked + "&host=%3A%3A1"},
		"with parameter": {"?hosts=x", tenantA, true, "hosts=x&" + asked + "&host=a.tenants.example"},
		"without":        {"", tenantA, false, asked},
		"without, own":   {"?host=mine", tenantA, false, "host=mine&" + asked},
		"without, odd":   {"", "a b", false, asked},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := make(chan string, 1)
			e := newEndpoint(t, func(_ http.ResponseWriter, r *http.Request) { got <- r.URL.RawQuery })
			s := &Ask{URL: e.URL + c.query, PerHost: c.perHost}
			startAsk(t, s, policy.SourceRules{})
			if said := saidOf(s, c.host); said != "yes" {
				t.Fatalf("the source says %s", said)
			}
			if g := <-got; g != c.want {
				t.Errorf("got %q, want %q", g, c.want)
			}
			if saidOf(s, "other.example"); !c.perHost && e.questions() != 1 {
				t.Errorf("%d questions without per_host", e.questions())
			}
		})
	}
}

// TestAskPerHostAlone: sources with and without the option share nothing, and
// who does not say the host is told nothing.
func TestAskPerHostAlone(t *testing.T) {
	t.Parallel()
	e := newEndpoint(t, status(http.StatusOK))
	with, without := &Ask{URL: e.URL, PerHost: true}, &Ask{URL: e.URL}
	startAsk(t, with, policy.SourceRules{})
	startAsk(t, without, policy.SourceRules{})
	if with.asker == without.asker {
		t.Fatal("they share their answers")
	}
	wantAnswer(t, without, "yes", corstest.App)
	wantAnswer(t, with, "unknown", corstest.App)
	if n := e.questions(); n != 1 {
		t.Errorf("%d questions", n)
	}
}
