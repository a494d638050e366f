package e2e

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/browser/browsertest"
)

// simulator is the simulated browser with what a browser has around it:
// connections, cookies and a clock, which the waits of a case move.
type simulator struct {
	browser.Browser

	transport *http.Transport
	jar       []cookie
	now       time.Time
	step      step // the one under way
	quirks    []quirk
}

// quirk is how engines differ from the standard: as if the server had answered
// a step otherwise.
type quirk func(s *step, sent *browser.Sent, answer *browser.Response)

// What all engines do (docs/browsers.md), as far as random cases come across it.
var quirks = []quirk{starCoversAuthorization, absentListIsEmpty}

func starCoversAuthorization(s *step, sent *browser.Sent, answer *browser.Response) {
	allowed, err := browser.ExtractHeaderListValues(answer.Headers, "Access-Control-Allow-Headers")
	if sent.Preflight && err == nil && s.Credentials != "include" && slices.Contains(allowed, "*") {
		answer.Headers = append(answer.Headers, [2]string{"Access-Control-Allow-Headers", "Authorization"})
	}
}

type cookie struct{ host, path, pair string }

func absentListIsEmpty(_ *step, sent *browser.Sent, answer *browser.Response) {
	if sent.Preflight && !answer.Headers.Has("Access-Control-Allow-Methods") {
		answer.Headers = append(answer.Headers, [2]string{"Access-Control-Allow-Methods", ""})
	}
}

func newSimulator(httpCache bool) *simulator {
	b := &simulator{now: time.Now()}
	b.transport = &http.Transport{
		DisableCompression: true,
		TLSClientConfig:    &tls.Config{InsecureSkipVerify: true},
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			_, port, err := net.SplitHostPort(addr)
			if err != nil {
				return nil, err
			}
			return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
		},
	}
	clock := func() time.Time { return b.now }
	b.RoundTrip = b.roundTrip
	if httpCache {
		b.RoundTrip = browsertest.NewHTTPCache(b.roundTrip, clock).RoundTrip
	}
	b.Cache = browsertest.NewPreflightCache(0, clock)
	return b
}

// simulate runs a case in the simulator, against the same live server that
// browsers ask.
func (w *world) simulate(c *testCase, run string, quirks ...quirk) *report {
	b := newSimulator(c.httpCache)
	b.quirks = quirks
	defer b.transport.CloseIdleConnections()
	rep := new(report)
	for _, s := range w.plan(c, run) {
		b.now = b.now.Add(time.Duration(s.Wait) * time.Millisecond)
		b.step = s
		rounds := max(1, s.Events)
		var v browser.Verdict
		for range rounds { // an EventSource comes again when the stream ends
			v = b.Fetch(browser.Page{Origin: w.pageOrigin(s.Page)}, s.request())
		}
		rep.Results = append(rep.Results, s.seen(&v))
		rep.Decides, rep.Why = v.Step, string(v.Reason)+": "+v.Detail
	}
	rep.Wires, rep.Reached = w.log.of(key(c, run)), w.log.reachedBy(key(c, run))
	return rep
}

// seen says in the words of a page what the verdict means to it.
func (s *step) seen(v *browser.Verdict) result {
	status := strconv.Itoa(v.Status)
	switch s.Kind {
	case "beacon": // tells its page nothing
		return result{Outcome: "queued"}
	case "fetch", "xhr", "stream":
		switch {
		case v.Reason == browser.RedirectModeManual:
			return result{Outcome: "opaqueredirect"}
		case v.Outcome == browser.Opaque:
			return result{Outcome: "opaque"}
		case v.Outcome == browser.Readable:
			r := result{Outcome: status, Names: slices.Clone(v.Exposed)}
			if r.Names == nil {
				r.Names = []string{}
			}
			r.settle()
			return r
		}
		return result{Outcome: "error"}
	case "events", "socket":
		if v.Outcome == browser.Opens || v.Outcome == browser.Readable && v.Status == http.StatusOK {
			return result{Outcome: "open"}
		}
		return result{Outcome: "error"}
	}
	last := v.Exchanges
	switch {
	case v.Outcome == browser.Readable && v.Status == http.StatusOK:
		return result{Outcome: "load"}
	case v.Outcome == browser.Opaque && last[len(last)-1].Response.Status == http.StatusOK:
		if s.Kind == "image" || s.Kind == "style" {
			return result{Outcome: "tainted"} // used, but its content is not for the page
		}
		return result{Outcome: "load"}
	}
	return result{Outcome: "error"}
}

// roundTrip is the network.
func (b *simulator) roundTrip(s browser.Sent) (browser.Response, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	body := ""
	if !s.Preflight && s.Method != http.MethodGet && s.Method != http.MethodHead {
		body = b.step.Body
	}
	req, err := http.NewRequestWithContext(ctx, s.Method, s.URL, strings.NewReader(body))
	if err != nil {
		return browser.Response{}, err
	}
	for _, line := range s.Headers {
		req.Header[http.CanonicalHeaderKey(line[0])] = append(req.Header[http.CanonicalHeaderKey(line[0])], line[1])
	}
	if s.Credentials {
		b.sendCookies(req)
	}
	res, err := b.transport.RoundTrip(req)
	if err != nil {
		return browser.Response{}, err
	}
	defer res.Body.Close()
	if s.Credentials {
		b.keepCookies(req, res)
	}
	answer := browser.Response{Status: res.StatusCode, Headers: browser.HeadersFrom(res.Header)}
	for _, q := range b.quirks {
		q(&b.step, &s, &answer)
	}
	return answer, nil
}

func (b *simulator) sendCookies(req *http.Request) {
	for _, c := range b.jar {
		if c.host == req.URL.Hostname() && strings.HasPrefix(req.URL.Path, c.path) {
			req.Header.Add("Cookie", c.pair)
		}
	}
}

func (b *simulator) keepCookies(req *http.Request, res *http.Response) {
	for _, c := range res.Cookies() {
		b.jar = append(b.jar, cookie{req.URL.Hostname(), c.Path, c.Name + "=" + c.Value})
	}
}
