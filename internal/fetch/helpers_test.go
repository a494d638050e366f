package fetch_test

import (
	"slices"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/fetch"
)

const (
	pageURL = "https://page.example"
	apiURL  = "https://api.example/data"
)

func mustOrigin(t testing.TB, s string) fetch.Origin {
	t.Helper()
	o, err := fetch.ParseOrigin(s)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func page(t testing.TB, origin string) fetch.Page {
	t.Helper()
	return fetch.Page{Origin: mustOrigin(t, origin)}
}

// header makes a header list of name, value, name, value.
func header(pairs ...string) fetch.Headers {
	var h fetch.Headers
	for pair := range slices.Chunk(pairs, 2) {
		h = append(h, [2]string(pair))
	}
	return h
}

func answer(status int, pairs ...string) fetch.Response {
	return fetch.Response{Status: status, Headers: header(pairs...)}
}

// consent is what a server that allows everything answers to s.
func consent(s fetch.Sent) fetch.Response {
	origin, _ := s.Headers.Get("Origin")
	resp := answer(200, "Access-Control-Allow-Origin", origin, "Access-Control-Allow-Credentials", "true")
	if s.Preflight {
		method, _ := s.Headers.Get("Access-Control-Request-Method")
		names, _ := s.Headers.Get("Access-Control-Request-Headers")
		resp.Headers = append(resp.Headers, header("Access-Control-Allow-Methods", method, "Access-Control-Allow-Headers", names)...)
	}
	return resp
}

// server plays a site: hops maps the URL of a redirect to its answer, everything else gets consent. It records what
// was sent.
type server struct {
	hops map[string]fetch.Response
	sent []fetch.Sent
}

func (s *server) roundTrip(sent fetch.Sent) (fetch.Response, error) {
	s.sent = append(s.sent, sent)
	resp := consent(sent)
	if hop, ok := s.hops[sent.URL]; ok && !sent.Preflight {
		resp.Status = hop.Status
		resp.Headers = append(resp.Headers, hop.Headers...)
	}
	return resp, nil
}

func (s *server) last() fetch.Sent { return s.sent[len(s.sent)-1] }

// preflights counts the preflights that were sent.
func (s *server) preflights() int {
	n := 0
	for _, sent := range s.sent {
		if sent.Preflight {
			n++
		}
	}
	return n
}

// always answers everything alike.
func always(resp fetch.Response) fetch.RoundTrip {
	return func(fetch.Sent) (fetch.Response, error) { return resp, nil }
}

func wantVerdict(t *testing.T, v fetch.Verdict, outcome fetch.Outcome, step int, reason fetch.Reason) {
	t.Helper()
	if v.Outcome != outcome || v.Step != step || v.Reason != reason {
		t.Errorf("got %s, step %d, %q (%s); want %s, step %d, %q", v.Outcome, v.Step, v.Reason, v.Detail, outcome, step, reason)
	}
	if (v.Step != 0) != (v.Detail != "") || (v.Step != 0) != (v.Anchor != "") {
		t.Errorf("step %d with detail %q and anchor %q", v.Step, v.Detail, v.Anchor)
	}
}
