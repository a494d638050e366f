package judges_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"
	"golang.org/x/net/http/httpguts"
	"golang.org/x/net/http2"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

// vectorHost is the site that the pages talk to; one vector takes it for an
// origin too.
const vectorHost = "api.example.net"

// middleware is a handler in Go that stands right behind cors.
type middleware func(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error

// behind puts a middleware into a Caddyfile: `behind <id>`.
type behind struct {
	ID string `json:"id,omitempty"`
}

var middlewares sync.Map

func init() {
	caddy.RegisterModule(behind{})
	httpcaddyfile.RegisterHandlerDirective("behind", func(h httpcaddyfile.Helper) (caddyhttp.MiddlewareHandler, error) {
		b := new(behind)
		return b, b.UnmarshalCaddyfile(h.Dispenser)
	})
	httpcaddyfile.RegisterDirectiveOrder("behind", httpcaddyfile.Before, "request_body") // and so right behind cors
}

func (behind) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers.behind", New: func() caddy.Module { return new(behind) }}
}

func (b *behind) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next()
	if !d.Args(&b.ID) {
		return d.ArgErr()
	}
	return nil
}

func (b *behind) ServeHTTP(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	m, ok := middlewares.Load(b.ID)
	if !ok {
		return fmt.Errorf("no middleware %q", b.ID)
	}
	return m.(middleware)(w, r, next)
}

// vectorSite is a site with a cors handler, a middleware right behind it, and a
// count of the requests that got there.
type vectorSite struct {
	server  *caddyhttp.Server
	url     string
	reached atomic.Int32
	seen    atomic.Pointer[http.Header] // the last request's headers there
	trace   *httptrace.ClientTrace
}

// newVectorSite serves the policy with the lines of a Caddyfile behind it; act
// may be nil.
func newVectorSite(t testing.TB, c *vectorConfig, lines string, act middleware) *vectorSite {
	t.Helper()
	s := new(vectorSite)
	id := t.Name() + fmt.Sprintf("%p", s)
	middlewares.Store(id, middleware(func(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
		s.reached.Add(1)
		seen := r.Header.Clone()
		s.seen.Store(&seen)
		if act == nil {
			return next.ServeHTTP(w, r)
		}
		return act(w, r, next)
	}))
	s.server = corstest.Chain(t, "http:// {\n"+lines+"\n"+c.directive("")+"behind "+quoted(id)+"\n}\n")
	return s
}

// listen opens the site to real requests, with room for huge headers.
func (s *vectorSite) listen(t testing.TB) {
	t.Helper()
	srv := httptest.NewUnstartedServer(s.server)
	srv.Config.MaxHeaderBytes = 8 << 20
	srv.Config.Protocols = new(http.Protocols)
	srv.Config.Protocols.SetHTTP1(true)
	srv.Config.Protocols.SetUnencryptedHTTP2(true)
	srv.Config.ErrorLog = zap.NewStdLog(zap.NewNop()) // some vectors misbehave
	srv.Start()
	t.Cleanup(srv.Close)
	s.url = srv.URL
}

// answer is a response, and whether the handlers behind saw the request.
type answer struct {
	status  int
	header  http.Header
	trailer http.Header
	body    string
	reached bool
}

// ask sends a vector's request through net/http and reads all of the answer.
func (s *vectorSite) ask(t testing.TB, r *vectorRequest) *answer {
	t.Helper()
	before := s.reached.Load()
	ctx, cancel := context.WithTimeout(t.Context(), corstest.Patience)
	defer cancel()
	res := s.open(ctx, t, r)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return &answer{res.StatusCode, res.Header, res.Trailer, string(body), s.reached.Load() > before}
}

// open sends a vector's request and reads the head of the answer.
func (s *vectorSite) open(ctx context.Context, t testing.TB, r *vectorRequest) *http.Response {
	t.Helper()
	if s.trace != nil {
		ctx = httptrace.WithClientTrace(ctx, s.trace)
	}
	var body io.Reader = strings.NewReader(r.Body)
	if r.chunked {
		body = io.MultiReader(body) // hides the length
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, s.url, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Host, req.Header = vectorHost, r.header(1)
	res, err := corstest.Transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// connect opens a stream with an extended CONNECT (RFC 8441).
//
//nolint:staticcheck // deprecated, but net/http's own transport cannot send :protocol
func (s *vectorSite) connect(t testing.TB, r *vectorRequest) (*http.Response, io.WriteCloser) {
	t.Helper()
	transport := &http2.Transport{
		AllowHTTP: true,
		DialTLSContext: func(ctx context.Context, network, addr string, _ *tls.Config) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, addr)
		},
	}
	t.Cleanup(transport.CloseIdleConnections)
	reader, writer := io.Pipe()
	ctx, cancel := context.WithTimeout(t.Context(), corstest.Patience)
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, r.Method, s.url, reader)
	if err != nil {
		t.Fatal(err)
	}
	req.Host, req.Header = vectorHost, r.header(1)
	req.Header[":protocol"] = []string{r.Protocol}
	res, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	return res, writer
}

// call gives a request to Caddy's server without a network, so that bytes
// which net/http would refuse reach the handler too.
func (s *vectorSite) call(ctx context.Context, r *vectorRequest) *answer {
	ctx, cancel := context.WithTimeout(ctx, corstest.Patience)
	defer cancel()
	req := httptest.NewRequestWithContext(ctx, r.Method, "http://"+vectorHost+"/", strings.NewReader(r.Body))
	req.Header = r.header(1)
	before := s.reached.Load()
	w := recorder{httptest.NewRecorder()}
	s.server.ServeHTTP(w, req)
	res := w.Result()
	header := make(http.Header)
	for name, values := range res.Header { // a wrong spelling must not hide there
		for _, v := range values {
			header.Add(name, v)
		}
	}
	header.Set("Date", "Thu, 01 Jan 2026 00:00:00 GMT") // as net/http's server does
	return &answer{res.StatusCode, header, res.Trailer, w.Body.String(), s.reached.Load() > before}
}

// recorder is httptest's, which takes a 103 for the end.
type recorder struct{ *httptest.ResponseRecorder }

func (w recorder) WriteHeader(status int) {
	if status >= 200 || status == http.StatusSwitchingProtocols {
		w.ResponseRecorder.WriteHeader(status)
	}
}

// isSendable reports whether net/http's client sends these headers.
func isSendable(h http.Header) bool {
	for _, values := range h {
		if !slices.ContainsFunc(values, httpguts.ValidHeaderFieldValue) {
			return false
		}
	}
	return true
}

// answering makes a middleware of a plain handler.
func answering(h http.Handler) middleware {
	return func(w http.ResponseWriter, r *http.Request, _ caddyhttp.Handler) error {
		h.ServeHTTP(w, r)
		return nil
	}
}

// proxied serves the policy in front of a reverse_proxy.
func proxied(t testing.TB, c *vectorConfig, lines string, h http.Handler) *vectorSite {
	t.Helper()
	address := corstest.Upstream(t, h.ServeHTTP)
	s := newVectorSite(t, c, lines+"\nreverse_proxy "+address, nil)
	s.listen(t)
	return s
}
