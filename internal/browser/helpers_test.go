package browser_test

import (
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/browser/browsertest"
)

const (
	pageURL = "https://page.example"
	apiURL  = "https://api.example/data"
)

func mustOrigin(t testing.TB, s string) browser.Origin {
	t.Helper()
	o, err := browser.ParseOrigin(s)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func page(t testing.TB, origin string) browser.Page {
	t.Helper()
	return browser.Page{Origin: mustOrigin(t, origin)}
}

var (
	header  = browsertest.Header
	answer  = browsertest.Answer
	consent = browsertest.Consent
)

// server plays a site: hops maps the URL of a redirect to its answer, everything else gets consent. It records what
// was sent.
type server struct {
	hops map[string]browser.Response
	sent []browser.Sent
}

func (s *server) roundTrip(sent browser.Sent) (browser.Response, error) {
	s.sent = append(s.sent, sent)
	resp := consent(sent)
	if hop, ok := s.hops[sent.URL]; ok && !sent.Preflight {
		resp.Status = hop.Status
		resp.Headers = append(resp.Headers, hop.Headers...)
	}
	return resp, nil
}

func (s *server) last() browser.Sent { return s.sent[len(s.sent)-1] }

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
func always(resp browser.Response) browser.RoundTrip {
	return func(browser.Sent) (browser.Response, error) { return resp, nil }
}

func wantVerdict(t *testing.T, v browser.Verdict, outcome browser.Outcome, step int, reason browser.Reason) {
	t.Helper()
	if v.Outcome != outcome || v.Step != step || v.Reason != reason {
		t.Errorf("got %s, step %d, %q (%s); want %s, step %d, %q", v.Outcome, v.Step, v.Reason, v.Detail, outcome, step, reason)
	}
	if (v.Step != 0) != (v.Detail != "") || (v.Step != 0) != (v.Anchor != "") {
		t.Errorf("step %d with detail %q and anchor %q", v.Step, v.Detail, v.Anchor)
	}
}
