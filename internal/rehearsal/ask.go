package rehearsal

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// Question is one request, and who is behind the edges.
type Question struct {
	Method      string
	URL         string
	Headers     [][2]string
	Credentials bool // the client sends cookies, or what it is signed in with
	SignedIn    bool // every authentication lets it pass, a preflight excepted

	Person       Person
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
// False: the request did not come as far.
func (a *Answer) Probe(r *Route) (Probe, bool) {
	p, ok := a.probes[r.ID]
	if !ok {
		return Probe{}, false
	}
	return *p, true
}

// ErrNoServer means that nobody would have answered at all.
var ErrNoServer = errors.New("nobody answers")

// noServer is ErrNoServer with the reason.
type noServer struct{ error }

func (noServer) Is(target error) bool { return target == ErrNoServer }

// ErrClientCertificate means that the TLS handshake wants a certificate of the
// client.
var ErrClientCertificate = errors.New("the TLS handshake wants a client certificate")

// publicAddress is the client's unless the question has another
// (RFC 5737).
var publicAddress = netip.MustParseAddr("203.0.113.7")

// run is one question on its way.
type run struct {
	stage    *Rehearsal
	question *Question
	answer   *Answer
	request  *http.Request // as the last handler saw it
	current  *Handler
}

// Ask lets the configuration answer one request.
func (r *Rehearsal) Ask(q Question) (*Answer, error) {
	u, err := url.Parse(q.URL)
	if err != nil {
		return nil, err
	}
	name, srv, err := r.serverFor(u)
	if err != nil {
		return nil, noServer{err}
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

// serve runs the server. False: the handler hung up.
func (r *run) serve(srv *caddyhttp.Server, w http.ResponseWriter, req *http.Request) (answered bool) {
	defer func() {
		if p := recover(); p != nil {
			answered = false
			r.answer.Failed, r.answer.Err = r.current, fmt.Errorf("the connection is closed without an answer: %v", p)
		}
	}()
	srv.ServeHTTP(w, req)
	return true
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
	version := orElse(q.Protocol, map[bool]string{true: "http/2", false: "http/1.1"}[u.Scheme == "https" && req.Header.Get("Upgrade") == ""])
	switch version {
	case "http/3":
		req.Proto, req.ProtoMajor = "HTTP/3.0", 3
	case "http/2":
		req.Proto, req.ProtoMajor = "HTTP/2.0", 2
	case "http/1.0":
		req.Proto, req.ProtoMajor = "HTTP/1.0", 1
	default:
		req.Proto, req.ProtoMajor, req.ProtoMinor = "HTTP/1.1", 1, 1
	}
	if u.Scheme == "https" {
		req.TLS = &tls.ConnectionState{Version: tls.VersionTLS13, HandshakeComplete: true, ServerName: u.Hostname()}
	}
	return req.WithContext(context.WithValue(context.Background(), runKey{}, r))
}

// maxRan ends a request that goes round in circles. Caddy itself would run out
// of stack, and that cannot be caught.
const maxRan = 1000

// pass lets a handler run, and notes what came of it.
func (r *run) pass(id int, w http.ResponseWriter, req *http.Request, next caddyhttp.Handler) error {
	h := r.stage.Handlers[id]
	r.request, r.current = req, h
	if len(r.answer.Ran) == maxRan {
		panic(fmt.Sprintf("after %d handlers there is no end: does a named route invoke itself?", maxRan))
	}
	r.answer.Ran = append(r.answer.Ran, h)
	decides := h.Kind == "cors" && !h.ReportOnly && r.answer.Policy == nil && decisionOf(req, h) == nil
	err := next.ServeHTTP(w, req)
	if decides && r.answer.Policy == nil {
		r.answer.Policy = decisionOf(req, h)
	}
	if err != nil {
		r.current = nil
		if r.answer.Failed == nil {
			r.answer.Failed, r.answer.Err = h, err
		}
	}
	return err
}

// answeredBy is called when the status is written.
func (r *run) answeredBy() { r.answer.By = r.current }

// decisionOf reads the placeholders of the cors handler.
func decisionOf(req *http.Request, by *Handler) *Decision {
	repl, ok := req.Context().Value(caddy.ReplacerCtxKey).(*caddy.Replacer)
	if !ok {
		return nil
	}
	word, ok := repl.GetString("http.cors.decision")
	if !ok {
		return nil
	}
	d := &Decision{By: by, Decision: word}
	d.Reason, _ = repl.GetString("http.cors.reason")
	d.Name, _ = repl.GetString("http.cors.policy")
	return d
}

// probe asks the matchers of the next route, and keeps what they say from the
// request: they fill in placeholders.
func (r *run) probe(m *marker, req *http.Request) {
	outer, _ := req.Context().Value(caddy.ReplacerCtxKey).(*caddy.Replacer)
	repl := caddy.NewReplacer()
	repl.Map(outer.Get)
	aside := req.WithContext(context.WithValue(req.Context(), caddy.ReplacerCtxKey, repl))
	p := &Probe{Path: req.URL.Path}
	route := r.stage.probes[m.ID]
	sets, _ := route.Match.([]any)
	for i, set := range m.sets {
		ok, _ := set.MatchWithError(aside)
		p.Matched = p.Matched || ok
		if !ok && i < len(sets) {
			p.Failed = append(p.Failed, failing(set, sets[i], aside)...)
		}
	}
	if p.Matched {
		p.Failed = nil
	}
	r.answer.probes[m.ID] = p
}

// failing names the matchers of a set that refuse the request.
func failing(set caddyhttp.MatcherSet, config any, req *http.Request) (refused []any) {
	byName, _ := config.(map[string]any)
	for _, m := range set {
		one := caddyhttp.MatcherSet{m}
		if ok, _ := one.MatchWithError(req); ok {
			continue
		}
		if mod, ok := m.(caddy.Module); ok {
			name := mod.CaddyModule().ID.Name()
			refused = append(refused, map[string]any{name: byName[name]})
		}
	}
	return refused
}

// Foreign are the handlers of other plug-ins that the request came by.
func (a *Answer) Foreign() (kinds []string) {
	for _, h := range a.Ran {
		if h.Foreign {
			kinds = appendNew(kinds, h.Kind)
		}
	}
	return slices.Compact(kinds)
}
