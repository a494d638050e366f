package judges_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

// runPlain runs a vector of one request and one response: straight through
// Caddy's server, and, where net/http lets the request through, over a
// connection and a reverse_proxy.
func runPlain(t *testing.T, v *vector) {
	t.Helper()
	t.Run("in process", func(t *testing.T) {
		t.Parallel()
		var act middleware
		s := newVectorSite(t, &v.Config, "", func(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
			return act(w, r, next)
		})
		for name, way := range v.ways() {
			t.Run(name, func(t *testing.T) {
				act = way
				a := s.call(t.Context(), &v.Request)
				v.judge(t, v.Config, a)
				if name == withTrailers && a.trailer.Get(allowedTrailer) == "" {
					t.Errorf("trailers %v, want %s", a.trailer, allowedTrailer)
				}
				if sent, seen := v.Request.header(1), s.seen.Load(); seen != nil {
					for _, name := range []string{"Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers"} {
						corstest.WantHeader(t, *seen, name, sent[name]...)
					}
				}
			})
		}
	})
	t.Run("proxied", func(t *testing.T) {
		t.Parallel()
		s := proxied(t, &v.Config, "", v.Upstream)
		if isSendable(v.Request.header(1)) {
			v.judge(t, v.Config, s.ask(t, &v.Request))
			return
		}
		refusedByServer(t, s, v)
	})
}

// refusedByServer sends what net/http's client would not: its server refuses,
// and nothing of it comes back.
func refusedByServer(t *testing.T, s *vectorSite, v *vector) {
	t.Helper()
	var raw bytes.Buffer
	fmt.Fprintf(&raw, "%s / HTTP/1.1\r\nHost: %s\r\n", v.Request.Method, vectorHost)
	for name, values := range v.Request.header(1) {
		for _, value := range values {
			fmt.Fprintf(&raw, "%s: %s\r\n", name, value)
		}
	}
	raw.WriteString("\r\n")
	conn := dial(t, s.url)
	conn.send(raw.String())
	res := conn.receive(v.Request.Method)
	if res.StatusCode != http.StatusBadRequest {
		t.Errorf("status %d, want 400", res.StatusCode)
	}
	corstest.WantNothing(t, res.Header)
	if s.reached.Load() > 0 {
		t.Error("the request got to the handlers behind")
	}
}

// vectorUpstream is what the handlers behind answer.
type vectorUpstream struct {
	Status      int            `json:"status"`
	Headers     []vectorHeader `json:"headers"`
	Early       []vectorEarly  `json:"early"`
	Error       string         `json:"error"`
	Panic       bool           `json:"panic"`
	FlushFirst  bool           `json:"flush_first"`
	Events      int            `json:"events"`
	Interval    int            `json:"interval_ms"`
	Superfluous string         `json:"superfluous"`
	Body        *string        `json:"body"`

	At map[string]*vectorUpstream `json:"at"` // other paths
}

type vectorEarly struct {
	Status  int            `json:"status"`
	Headers []vectorHeader `json:"headers"`
}

// vectorBody is the body of answers that may have one.
const vectorBody = "hello"

// ServeHTTP implements http.Handler for all but streams. Like reverse_proxy,
// it adds headers to those that are there.
func (u *vectorUpstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if u == nil {
		u = &vectorUpstream{Status: http.StatusOK}
	}
	for _, e := range u.Early {
		addAll(w.Header(), e.Headers, r)
		w.WriteHeader(e.Status)
	}
	addAll(w.Header(), u.Headers, r)
	w.WriteHeader(u.Status)
	if u.Superfluous != "" {
		w.WriteHeader(http.StatusInternalServerError)
	}
	if r.Method == http.MethodHead || u.Status == http.StatusNoContent || u.Status == http.StatusNotModified {
		return
	}
	body := vectorBody
	if u.Body != nil {
		body = *u.Body
	}
	if u.Status == http.StatusPartialContent {
		body = body[:2]
	}
	_, _ = io.WriteString(w, body)
}

// text is the value; `{origin}` in it is the Origin that came, without which there
// is no such header.
func (h *vectorHeader) text(r *http.Request) (value string, ok bool) {
	value = h.value.text(1)
	if !strings.Contains(value, "{origin}") {
		return value, true
	}
	origin := r.Header.Get("Origin")
	return strings.ReplaceAll(value, "{origin}", origin), origin != ""
}

func addAll(h http.Header, headers []vectorHeader, r *http.Request) {
	for _, f := range headers {
		if value, ok := f.text(r); ok {
			h.Add(f.name, value)
		}
	}
}

func replaceAll(h http.Header, headers []vectorHeader, r *http.Request) {
	for _, f := range headers {
		h.Del(f.name)
	}
	addAll(h, headers, r)
}

// addLower adds headers of CORS under keys that are not canonical.
func addLower(h http.Header, headers []vectorHeader, r *http.Request) {
	for _, f := range headers {
		name := f.name
		if strings.HasPrefix(strings.ToLower(name), "access-control-") {
			name = strings.ToLower(name)
		}
		if value, ok := f.text(r); ok {
			h[name] = append(h[name], value)
		}
	}
}

// ways are the ways in which a handler can send what the upstream of the
// vector does. All must give the same headers.
func (v *vector) ways() map[string]middleware {
	u := v.Upstream
	ways := map[string]middleware{"WriteHeader": answering(u)}
	if v.isPreflight() || u != nil && u.Status != http.StatusOK {
		return ways
	}
	var headers []vectorHeader
	if u != nil {
		headers = u.Headers
	}
	way := func(name string, put func(http.Header, []vectorHeader, *http.Request), send func(http.ResponseWriter) error) {
		ways[name] = func(w http.ResponseWriter, r *http.Request, _ caddyhttp.Handler) error {
			put(w.Header(), headers, r)
			return send(w)
		}
	}
	for name, send := range sendings {
		if name == anError && len(v.Expect.Status) > 0 {
			continue
		}
		way(name, addAll, send)
	}
	way("replacing what is there", replaceAll, sendings["Write"])
	way("keys in lower case", addLower, sendings["Write"])
	if v.Config.Upstream != "keep" { // what is kept is kept in trailers too
		way(withTrailers, addAll, writeTrailers)
	}
	ways["after a 103"] = func(w http.ResponseWriter, r *http.Request, _ caddyhttp.Handler) error {
		w.WriteHeader(http.StatusEarlyHints)
		u.ServeHTTP(w, r)
		return nil
	}
	return ways
}

// sendings send a response, each by another method of the writer.
var sendings = map[string]func(http.ResponseWriter) error{
	"Write": func(w http.ResponseWriter) error {
		_, err := io.WriteString(w, vectorBody)
		return err
	},
	"ReadFrom": func(w http.ResponseWriter) error {
		_, err := io.Copy(w, struct{ io.Reader }{strings.NewReader(vectorBody)})
		return err
	},
	"ResponseController": func(w http.ResponseWriter) error { return http.NewResponseController(w).Flush() },
	"Flusher": func(w http.ResponseWriter) error {
		w.(http.Flusher).Flush()
		return nil
	},
	"nothing": func(http.ResponseWriter) error { return nil },
	anError:   func(http.ResponseWriter) error { return caddyhttp.Error(http.StatusForbidden, errors.New("no")) },
}

// writeTrailers ends a response with trailers, of which CORS allows one.
func writeTrailers(w http.ResponseWriter) error {
	h := w.Header()
	h.Set("Trailer", "Access-Control-Allow-Origin"+", "+allowedTrailer)
	_, err := io.WriteString(w, vectorBody)
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set(allowedTrailer, "1")
	h.Set(http.TrailerPrefix+"Access-Control-Expose-Headers", "*")
	return err
}

const (
	withTrailers   = "with trailers"
	anError        = "an error"
	allowedTrailer = "X-Sum"
)
