package lint_test

import (
	"cmp"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/lint"
	"github.com/caddy-cors/caddy-cors/internal/matrix"
)

// configurations is how many TestSeenLive makes. CORS_REHEARSE says others.
const configurations = 25

// TestSeenLive makes configurations, lints them, and asks each finding's request
// on real sockets, with a real upstream: there it must fail, or get in, as the
// finding says.
func TestSeenLive(t *testing.T) {
	w := &liveWorld{corstest.NewPersons(t), map[string]int{}, 0}
	n, loaded := 0, 0
	for seed := range corstest.Seeds(t, "CORS_REHEARSE", configurations) {
		n++
		g := &grammar{Rand: rand.New(rand.NewPCG(seed, 2)), upstream: w.upstream.Address}
		t.Run("", func(t *testing.T) { // its servers end with it
			if w.compare(t, seed, g.config()) {
				loaded++
			}
		})
	}
	t.Logf("%d configurations, %d findings asked on sockets: %v", loaded, w.asked, w.kinds)
	if n < configurations {
		return // too few to judge what they are
	}
	if loaded < n*3/4 {
		t.Errorf("only %d of %d configurations load", loaded, n)
	}
	for _, id := range []string{"stranger", "unreadable", "preflight", "vary", "upstream", "error", "no-effect"} {
		if w.kinds[id] < n/20 {
			t.Errorf("only %d findings are %s", w.kinds[id], id)
		}
	}
}

// liveWorld is what is around the live side.
type liveWorld struct {
	upstream *corstest.Persons
	kinds    map[string]int
	asked    int // findings, on sockets
}

// compare lints one configuration and asks it. It reports whether Caddy loads it.
func (w *liveWorld) compare(t *testing.T, seed uint64, text string) bool {
	t.Helper()
	report, err := lint.Caddyfile("Caddyfile", []byte(text), lint.Options{})
	if err != nil || report.Err != nil {
		return false
	}
	config, err := corstest.Adapt(text)
	if err != nil {
		t.Fatalf("seed %d: %v\n%s", seed, err, text)
	}
	app, err := corstest.Provision(t, config)
	if err != nil {
		t.Errorf("seed %d: Caddy does not load it: %v\n%s", seed, err, text)
		return false
	}
	for _, srv := range app.Servers {
		s := httptest.NewServer(srv)
		t.Cleanup(s.Close)
		for _, f := range report.Findings {
			w.kinds[f.ID]++
			if f.Line == 0 {
				t.Errorf("seed %d: %s has no line\n%s", seed, f.ID, text)
			}
			if f.Question != nil && w.canAsk(f, report) {
				w.asked++
				w.upstream.Play(f.Question.Person)
				if wrong := confirm(f, s.Listener.Addr().String()); wrong != "" {
					t.Errorf("seed %d, line %d, %s: %s\n%s: %s\n%s", seed, f.Line, f.ID, wrong, f.Request, f.Problem, text)
				}
			}
		}
	}
	return true
}

// canAsk: sockets lead here from this machine only. Where matchers tell clients
// apart by address, what another one sees cannot be confirmed.
func (w *liveWorld) canAsk(f lint.Finding, report *lint.Report) bool {
	apart := slices.ContainsFunc(report.Sites, func(s *matrix.Site) bool { return len(s.Addresses) > 0 })
	if f.Question.Address.IsLoopback() || !apart {
		return true
	}
	w.kinds["from elsewhere"]++
	return false
}

// confirm asks the finding's request. It says what is not as the finding has it.
func confirm(f lint.Finding, server string) string {
	q := *f.Question
	sockets := corstest.NewSockets(server)
	sockets.Edit = func(s browser.Sent, r *http.Request) {
		for _, h := range q.Besides(s) {
			r.Header.Set(h[0], h[1])
		}
		if q.SignedIn && !s.Preflight && r.Header.Get("Authorization") == "" {
			r.SetBasicAuth("alice", "x")
		}
	}
	ask := func(s browser.Sent) (browser.Response, error) {
		res, err := sockets.Send(s)
		return res, cmp.Or(err, sockets.BodyErr)
	}
	v := browser.Verdict{}
	if q.Origin == "" {
		_, v.Err = ask(browser.Sent{Method: q.Method, URL: f.Address + q.Path, Headers: q.PageHeaders(), Credentials: q.Credentials})
	} else {
		v = fetch(f.Address, q, ask)
	}
	return judged(f, v, sockets.Last, sockets.Body)
}

func fetch(address string, q matrix.Question, ask browser.RoundTrip) browser.Verdict {
	page, err := browser.ParseOrigin(q.Origin)
	if err != nil {
		return browser.Verdict{Err: err}
	}
	r := browser.Request{Method: q.Method, URL: address + q.Path, Headers: q.PageHeaders()}
	if q.Credentials {
		r.Credentials = browser.CredentialsInclude
	}
	return browser.Fetch(browser.Page{Origin: page}, r, ask)
}

func judged(f lint.Finding, v browser.Verdict, last *http.Response, body []byte) string {
	readable := v.Outcome == browser.Readable
	switch f.ID {
	case "stranger", "null", "reflection":
		if !readable && (len(f.Question.Headers) == 0 || v.Outcome == browser.PreflightFailed) {
			return "the stranger does not get in: " + v.Detail
		}
	case "vary":
		if last == nil || slices.ContainsFunc(last.Header.Values(httpwords.Vary), func(s string) bool { return strings.Contains(s, "Origin") || s == "*" }) {
			return "Vary has Origin"
		}
	case "swallowed":
		if !readable || len(body) > 0 {
			return "the answer is not empty"
		}
	case "beside": // it does nothing, whatever that is
	default:
		if readable && f.Severity != lint.Note {
			return "the page reads the answer"
		}
	}
	return ""
}
