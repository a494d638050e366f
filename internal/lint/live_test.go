package lint_test

import (
	"context"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/corstest"
	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/lint"
	"github.com/caddy-cors/caddy-cors/internal/matrix"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// configurations is how many TestSeenLive makes. CORS_REHEARSE says more.
const configurations = 100

// TestSeenLive makes configurations, lints them, and asks each finding's request
// on real sockets, with a real upstream: there it must fail, or get in, as the
// finding says.
func TestSeenLive(t *testing.T) {
	n := configurations
	if more, err := strconv.Atoi(os.Getenv("CORS_REHEARSE")); err == nil {
		n = more
	}
	w := &liveWorld{kinds: map[string]int{}}
	w.upstream = corstest.Upstream(t, w.answer)
	loaded := 0
	for seed := range uint64(4 * n) {
		if loaded == n || t.Failed() {
			break
		}
		g := &grammar{Rand: rand.New(rand.NewPCG(seed, 2)), upstream: w.upstream}
		if w.compare(t, seed, g.config()) {
			loaded++
		}
	}
	t.Logf("%d configurations: %v", loaded, w.kinds)
	if loaded < n {
		t.Errorf("only %d configurations load", loaded)
	}
	for _, id := range []string{"stranger", "unreadable", "preflight", "vary", "upstream", "error", "no-effect"} {
		if w.kinds[id] < n/20 {
			t.Errorf("only %d findings are %s", w.kinds[id], id)
		}
	}
}

// liveWorld is what is around the live side.
type liveWorld struct {
	upstream string
	person   atomic.Int32
	kinds    map[string]int
}

// answer is a real upstream. It is written apart from that of the rehearsal on
// purpose.
func (w *liveWorld) answer(rw http.ResponseWriter, r *http.Request) {
	h, origin := rw.Header(), r.Header.Get("Origin")
	switch person := rehearsal.Person(w.person.Load()); {
	case person == rehearsal.Down:
		panic(http.ErrAbortHandler)
	case person == rehearsal.Unauthorized:
		rw.WriteHeader(http.StatusUnauthorized)
		return
	case person == rehearsal.Plain && r.Method == http.MethodOptions:
		rw.WriteHeader(http.StatusMethodNotAllowed)
		return
	case person == rehearsal.Own:
		h.Set("Access-Control-Allow-Origin", rehearsal.OwnOrigin)
		h.Set("Access-Control-Allow-Credentials", "true")
	case person == rehearsal.Echo && origin != "":
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Credentials", "true")
		h.Set("Vary", "Origin")
	}
	if r.Method == http.MethodOptions {
		h.Set("Access-Control-Allow-Methods", r.Header.Get("Access-Control-Request-Method"))
		h.Set("Access-Control-Allow-Headers", r.Header.Get("Access-Control-Request-Headers"))
		rw.WriteHeader(http.StatusNoContent)
		return
	}
	_, _ = io.WriteString(rw, "ok")
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
		defer s.Close()
		for _, f := range report.Findings {
			w.kinds[f.ID]++
			if f.Line == 0 {
				t.Errorf("seed %d: %s has no line\n%s", seed, f.ID, text)
			}
			if f.Question != nil {
				w.person.Store(int32(f.Question.Person))
				if wrong := confirm(f, s.Listener.Addr().String()); wrong != "" {
					t.Errorf("seed %d, line %d, %s: %s\n%s: %s\n%s", seed, f.Line, f.ID, wrong, f.Request, f.Problem, text)
				}
			}
		}
	}
	return true
}

// confirm asks the finding's request. It says what is not as the finding has it.
func confirm(f lint.Finding, server string) string {
	q := *f.Question
	var last *http.Response
	var body []byte
	client := &http.Transport{DisableKeepAlives: true, DisableCompression: true, DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, server)
	}}
	ask := func(s browser.Sent) (browser.Response, error) {
		req, err := http.NewRequest(s.Method, s.URL, http.NoBody)
		if err != nil {
			return browser.Response{}, err
		}
		for _, h := range s.Headers {
			req.Header.Add(h[0], h[1])
		}
		if s.Credentials {
			req.Header.Set("Cookie", "session=1")
		}
		if q.SignedIn && !s.Preflight && req.Header.Get("Authorization") == "" {
			req.SetBasicAuth("alice", "x")
		}
		res, err := client.RoundTrip(req)
		if err != nil {
			return browser.Response{}, err
		}
		defer res.Body.Close()
		last = res
		body, err = io.ReadAll(res.Body)
		return browser.Response{Status: res.StatusCode, Headers: browser.HeadersFrom(res.Header)}, err
	}
	v := browser.Verdict{}
	if q.Origin == "" {
		_, v.Err = ask(browser.Sent{Method: q.Method, URL: f.Address + q.Path})
	} else {
		v = fetch(f.Address, q, ask)
	}
	return judged(f, v, last, body)
}

func fetch(address string, q matrix.Question, ask browser.RoundTrip) browser.Verdict {
	page, err := browser.ParseOrigin(q.Origin)
	if err != nil {
		return browser.Verdict{Err: err}
	}
	r := browser.Request{Method: q.Method, URL: address + q.Path}
	for _, h := range q.Headers {
		r.Headers = append(r.Headers, [2]string{h, map[string]string{"Content-Type": "application/json"}[h] + map[bool]string{true: "", false: "1"}[h == "Content-Type"]})
	}
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
