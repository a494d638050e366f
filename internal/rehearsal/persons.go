package rehearsal

import (
	"cmp"
	"crypto/sha1" //nolint:gosec // RFC 6455, section 4.2.2, wants it
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strings"
)

// Person is what an upstream makes of a request. The zero value is the plain
// one.
type Person int

// The persons of an upstream.
const (
	Plain        Person = iota // knows nothing of CORS: 200, and 405 to an OPTIONS
	Own                        // allows an origin of its own, with credentials
	Echo                       // allows whoever asks, with credentials
	Down                       // does not answer
	Unauthorized               // answers 401
	Login                      // redirects to a login page
)

// OwnOrigin is the origin that the person Own allows.
const OwnOrigin = "https://upstream.invalid"

// OwnField is what the persons Own and Echo let pages see, beside what all pages see.
const OwnField = "X-Upstream"

// LoginPage is where the person Login sends everybody.
const LoginPage = "https://login.invalid/"

// playedDate is always the same, so that answers are.
const playedDate = "Thu, 01 Jan 2026 00:00:00 GMT"

// play answers a proxy's request.
func (p Person) play(r *http.Request) (*http.Response, error) {
	switch p {
	case Down:
		return nil, errors.New("the upstream is down")
	case Unauthorized:
		return response(r, http.StatusUnauthorized, http.Header{"Www-Authenticate": {"Bearer"}}), nil
	case Login:
		return response(r, http.StatusFound, http.Header{"Location": {LoginPage}}), nil
	case Plain, Own, Echo: // below
	}
	h := http.Header{}
	origin := r.Header.Get("Origin")
	switch {
	case p == Own:
		h.Set("Access-Control-Allow-Origin", OwnOrigin)
	case p == Echo && origin != "":
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Vary", "Origin")
	}
	if len(h) > 0 {
		h.Set("Access-Control-Allow-Credentials", "true")
		h.Set("Access-Control-Expose-Headers", OwnField)
	}
	switch {
	case r.Method == http.MethodOptions && p == Plain:
		h.Set("Allow", "GET, HEAD, POST, PUT, DELETE")
		return response(r, http.StatusMethodNotAllowed, h), nil
	case r.Method == http.MethodOptions:
		h.Set("Access-Control-Allow-Methods", cmp.Or(r.Header.Get("Access-Control-Request-Method"), "GET"))
		if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" {
			h.Set("Access-Control-Allow-Headers", asked)
		}
		return response(r, http.StatusNoContent, h), nil
	case strings.EqualFold(r.Header.Get("Upgrade"), "websocket"):
		return handshake(r, h), nil
	}
	h.Set("Content-Type", "text/plain; charset=utf-8")
	return response(r, http.StatusOK, h), nil
}

func response(r *http.Request, status int, h http.Header) *http.Response {
	body := "ok"
	if status == http.StatusNoContent || r.Method == http.MethodHead {
		body = ""
	}
	h.Set("Date", playedDate)
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Request: r,
	}
}

// handshake accepts a WebSocket (RFC 6455, section 4.2.2) and hangs up.
func handshake(r *http.Request, h http.Header) *http.Response {
	key := ""
	for name, values := range r.Header { // reverse_proxy does not spell it as net/http does
		if strings.EqualFold(name, "Sec-Websocket-Key") && len(values) > 0 {
			key = values[0]
		}
	}
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) //nolint:gosec // as above
	h.Set("Connection", "Upgrade")
	h.Set("Upgrade", "websocket")
	h["Sec-WebSocket-Accept"] = []string{base64.StdEncoding.EncodeToString(sum[:])}
	res := response(r, http.StatusSwitchingProtocols, h)
	res.Body, res.ContentLength = closedConn{}, -1
	return res
}

// closedConn is a connection whose other end has hung up.
type closedConn struct{}

func (closedConn) Read([]byte) (int, error)  { return 0, io.EOF }
func (closedConn) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
func (closedConn) Close() error              { return nil }

// authorize answers the question of a forward_auth.
func (r *run) authorize(req *http.Request) *http.Response {
	r.answer.Authentication = true
	q := r.question
	carries := q.Credentials || req.Header.Get("Authorization") != "" || req.Header.Get("Cookie") != ""
	switch {
	case q.AuthLogin:
		return response(req, http.StatusFound, http.Header{"Location": {LoginPage}})
	case !q.preflight() && (carries || q.SignedIn):
		return response(req, http.StatusOK, http.Header{"Remote-User": {"somebody"}})
	default:
		return response(req, http.StatusUnauthorized, http.Header{})
	}
}
