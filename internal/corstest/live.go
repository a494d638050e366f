package corstest

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// Persons is a real upstream that plays the persons of a rehearsal. It is written
// apart from that of the rehearsal on purpose.
type Persons struct {
	Address string
	person  atomic.Int32
}

// NewPersons starts one, which is the plain person.
func NewPersons(t testing.TB) *Persons {
	t.Helper()
	p := new(Persons)
	p.Address = Upstream(t, p.answer)
	return p
}

// Play says which person it is from now on.
func (p *Persons) Play(person rehearsal.Person) { p.person.Store(int32(person)) }

func (p *Persons) answer(w http.ResponseWriter, r *http.Request) {
	h, origin := w.Header(), r.Header.Get("Origin")
	switch person := rehearsal.Person(p.person.Load()); {
	case person == rehearsal.Down:
		panic(http.ErrAbortHandler)
	case person == rehearsal.Unauthorized:
		h.Set("WWW-Authenticate", "Bearer") // as in a rehearsal
		w.WriteHeader(http.StatusUnauthorized)
		return
	case person == rehearsal.Plain && r.Method == http.MethodOptions:
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	case person == rehearsal.Own:
		h.Set("Access-Control-Allow-Origin", rehearsal.OwnOrigin)
	case person == rehearsal.Echo && origin != "":
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Vary", "Origin")
	}
	if h.Get("Access-Control-Allow-Origin") != "" {
		h.Set("Access-Control-Allow-Credentials", "true")
		h.Set("Access-Control-Expose-Headers", rehearsal.OwnField)
	}
	if r.Method == http.MethodOptions {
		method := r.Header.Get("Access-Control-Request-Method")
		if method == "" {
			method = http.MethodGet
		}
		h.Set("Access-Control-Allow-Methods", method)
		if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" {
			h.Set("Access-Control-Allow-Headers", asked)
		}
		w.WriteHeader(http.StatusNoContent)
		return
	}
	h.Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, "ok")
}

// Sockets sends a browser's requests to one server, whatever their host.
type Sockets struct {
	// Edit changes a request before it is sent. Default: none.
	Edit func(browser.Sent, *http.Request)

	// The last response, and what could be read of its body.
	Last    *http.Response
	Body    []byte
	BodyErr error

	transport http.Transport
}

// NewSockets returns the way to a server.
func NewSockets(address string) *Sockets {
	return &Sockets{transport: http.Transport{
		DisableCompression: true, DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, address)
		},
	}}
}

// Send is a browser.RoundTrip.
func (s *Sockets) Send(sent browser.Sent) (browser.Response, error) {
	r, err := http.NewRequest(sent.Method, sent.URL, http.NoBody)
	if err != nil {
		return browser.Response{}, err
	}
	for _, h := range sent.Headers {
		r.Header.Add(h[0], h[1])
	}
	if sent.Credentials {
		r.Header.Set("Cookie", "session=1")
	}
	if s.Edit != nil {
		s.Edit(sent, r)
	}
	res, err := s.transport.RoundTrip(r)
	if err != nil {
		return browser.Response{}, err
	}
	defer res.Body.Close()
	s.Last = res
	s.Body, s.BodyErr = io.ReadAll(res.Body)
	return browser.Response{Status: res.StatusCode, Headers: browser.HeadersFrom(res.Header)}, nil
}
