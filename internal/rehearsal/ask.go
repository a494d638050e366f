package rehearsal

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// Question is one request, and who is behind the edges.
type Question struct {
	Method      string
	URL         string
	Headers     [][2]string
	Credentials bool // the client sends cookies, or what it is signed in with
	SignedIn    bool // every authentication lets it pass, a preflight excepted

	Person       Person
	Carries      []string   // header fields that the upstream's answers have besides
	AuthLogin    bool       // what a forward_auth asks redirects everybody to a login page
	FilesMissing bool       // of files that are played, none is there
	Address      netip.Addr // of the client; zero: a public one
	Protocol     string     // "http/1.1", "http/2" or "http/3"; empty: what a browser would speak
}

func (q *Question) header(name string) string {
	for _, h := range q.Headers {
		if http.CanonicalHeaderKey(h[0]) == name {
			return h[1]
		}
	}
	return ""
}

func (q *Question) preflight() bool {
	return q.Method == http.MethodOptions && q.header("Access-Control-Request-Method") != ""
}

// Answer is what the configuration did with one question.
type Answer struct {
	Status int         // 0: the connection was closed
	Header http.Header // as on the wire
	// Ran are the handlers that the request came by, in order.
	Ran []*Handler
	// By is the handler that wrote the answer. Nil where Caddy itself did: its
	// plain page for an error.
	By *Handler
	// Silent: no handler answered, so Caddy sends an empty 200.
	Silent bool
	// Failed is the handler that returned an error, and Err is that error.
	Failed *Handler
	Err    error
	// Policy is the decision of the cors handler that governs the request. Nil
	// if none does.
	Policy *Decision

	Upstream       bool     // an upstream was asked
	Authentication bool     // an authentication was
	FilesPlayed    []string // roots that are not there
	NotAsked       []string // sources of origins that would have been asked

	probes map[int]*Probe
}

// Decision is what a cors handler decided.
type Decision struct {
	By       *Handler
	Name     string // of the policy
	Decision string // allowed, refused, same_origin or none
	Reason   string
}

// Probe is what the matchers of a route made of a request.
type Probe struct {
	Matched bool
	Path    string // of the request at that point
	// Failed are the matchers that refused it, as they stand in the JSON.
	Failed []any
}

// Probe returns what a route on the way to a cors handler made of the request.
// Nil: the request did not come as far.
func (a *Answer) Probe(r *Route) *Probe { return a.probes[r.ID] }

// ErrClientCertificate means that the TLS handshake wants a certificate of the
// client.
var ErrClientCertificate = errors.New("the TLS handshake wants a client certificate")

// publicAddress is the client's unless the question has another
// (RFC 5737).
var publicAddress = netip.MustParseAddr("203.0.113.7")

// Ask lets the configuration answer one request.
func (r *Rehearsal) Ask(q Question) (*Answer, error) {
	u, err := url.Parse(q.URL)
	if err != nil {
		return nil, err
	}
	name, srv, err := r.serverFor(u)
	if err != nil {
		return nil, err
	}
	if u.Scheme == "https" && r.wantsCertificate(name, u.Hostname()) && (q.preflight() || !q.Credentials) {
		return nil, fmt.Errorf("%w (client_auth), and browsers show none with a preflight or without credentials", ErrClientCertificate)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	run := &run{stage: r, question: &q, answer: &Answer{probes: map[int]*Probe{}}}
	r.files.run = run
	defer func() { r.files.run = nil }()
	w := &recorder{run: run, header: http.Header{}}
	if run.serve(srv, w, run.newRequest(u)) {
		run.answer.finish(w)
	}
	return run.answer, nil
}

func (a *Answer) finish(w *recorder) {
	if w.sent == nil {
		a.Silent = true
		a.By = nil
		w.status, w.sent = http.StatusOK, onWire(w.header)
	}
	a.Status, a.Header = w.status, w.sent
}

func (r *run) newRequest(u *url.URL) *http.Request {
	q := r.question
	req := &http.Request{
		Method: q.Method, URL: &url.URL{Path: u.Path, RawPath: u.RawPath, RawQuery: u.RawQuery, ForceQuery: u.ForceQuery},
		Header: http.Header{}, Host: u.Host, Body: http.NoBody, RequestURI: u.RequestURI(),
		RemoteAddr: netip.AddrPortFrom(publicAddress, 40000).String(),
	}
	if req.URL.Path == "" {
		req.URL.Path = "/"
	}
	if q.Address.IsValid() {
		req.RemoteAddr = netip.AddrPortFrom(q.Address, 40000).String()
	}
	for _, h := range q.Headers {
		key := http.CanonicalHeaderKey(h[0])
		req.Header[key] = append(req.Header[key], h[1])
	}
	req.Proto = "HTTP/1.1"
	if u.Scheme == "https" && req.Header.Get("Upgrade") == "" {
		req.Proto = "HTTP/2.0"
	}
	if q.Protocol != "" {
		req.Proto = strings.ToUpper(q.Protocol)
		if !strings.Contains(req.Proto, ".") {
			req.Proto += ".0"
		}
	}
	req.ProtoMajor, req.ProtoMinor, _ = http.ParseHTTPVersion(req.Proto)
	if u.Scheme == "https" {
		req.TLS = &tls.ConnectionState{Version: tls.VersionTLS13, HandshakeComplete: true, ServerName: u.Hostname()}
	}
	return req.WithContext(context.WithValue(context.Background(), runKey{}, r))
}

// Refuser is the handler that answers by itself, with an error of Caddy's or a fixed
// answer (`respond`, `abort`, `error`), whatever its status is. Nil: another one, or none.
func (a *Answer) Refuser() *Handler {
	by := a.By
	if a.Failed != nil {
		by = a.Failed
	}
	if by == nil || by.Kind != "static_response" && by.Kind != "error" {
		return nil
	}
	return by
}

// Foreign are the handlers of other plugins that the request came by.
func (a *Answer) Foreign() (kinds []string) {
	for _, h := range a.Ran {
		if h.Foreign {
			kinds = appendNew(kinds, h.Kind)
		}
	}
	return kinds
}
