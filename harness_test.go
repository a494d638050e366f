package cors

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	_ "github.com/caddyserver/caddy/v2/modules/standard"
)

// TestMain keeps Caddy's files out of the home directory.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "caddy-cors-test-")
	if err != nil {
		panic(err)
	}
	for _, name := range []string{"HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"} {
		os.Setenv(name, dir)
	}
	if os.Getenv(storageProcess) == "" { // a child has its parent's storage
		caddy.DefaultStorage.Path = caddy.AppDataDir() // Caddy looked for it before
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// The tests run the whole real chain of Caddy, error routes included, without
// opening a port of Caddy's: a Caddyfile is adapted and provisioned, and the
// server of its http app serves an httptest listener.

// adapt turns a Caddyfile into JSON.
func adapt(caddyfile string) ([]byte, error) {
	adapter := caddyconfig.GetAdapter("caddyfile")
	config, _, err := adapter.Adapt([]byte(caddyfile), map[string]any{"filename": "Caddyfile"})
	return config, err
}

// provisioning is one at a time: Caddy loads one configuration at once, and
// some of its modules write package variables then.
var provisioning sync.Mutex

// provision loads a JSON config without starting it.
func provision(t testing.TB, config []byte) (*caddyhttp.App, error) {
	t.Helper()
	provisioning.Lock()
	defer provisioning.Unlock()
	var cfg caddy.Config
	if err := caddy.StrictUnmarshalJSON(config, &cfg); err != nil {
		return nil, err
	}
	ctx, err := caddy.ProvisionContext(&cfg)
	if err != nil {
		return nil, err
	}
	app, err := ctx.App("http")
	if err != nil {
		return nil, err
	}
	return app.(*caddyhttp.App), nil
}

// chain returns Caddy's own server for a Caddyfile with one server in it. What
// it logs is in logLines(t.Name()).
func chain(t testing.TB, caddyfile string) *caddyhttp.Server {
	t.Helper()
	id := t.Name()
	t.Cleanup(logLines(id).reset) // for -count
	config, err := adapt("{\n\tadmin off\n\tauto_https off\n\tlog {\n\t\toutput memory " + id + "\n\t\tlevel DEBUG\n\t}\n}\n" + caddyfile)
	if err != nil {
		t.Fatalf("adapting %s: %v", caddyfile, err)
	}
	app, err := provision(t, config)
	if err != nil {
		t.Fatalf("provisioning %s: %v", caddyfile, err)
	}
	if len(app.Servers) != 1 {
		t.Fatalf("%d servers, want 1", len(app.Servers))
	}
	for _, srv := range app.Servers {
		return srv
	}
	panic("unreachable")
}

// serve starts a Caddyfile's server on a port of httptest's.
func serve(t testing.TB, caddyfile string) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(chain(t, caddyfile))
	t.Cleanup(srv.Close)
	return srv
}

// site is serve with one site that has the lines in it.
func site(t testing.TB, lines string) *httptest.Server {
	t.Helper()
	return serve(t, "http:// {\n"+lines+"\n}\n")
}

// header is a header field of a request or response.
type header [2]string

// transport is the tests' own, because every test server that is closed closes
// the idle connections of http.DefaultTransport, in the middle of other tests.
var transport = new(http.Transport)

// ask sends one request and reads the whole response.
func ask(t testing.TB, method, url string, headers ...header) *http.Response {
	t.Helper()
	req, err := http.NewRequest(method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		if h[0] == "Host" {
			req.Host = h[1]
			continue
		}
		req.Header[h[0]] = append(req.Header[h[0]], h[1])
	}
	res, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	res.Body = io.NopCloser(bytes.NewReader(body))
	return res
}

// upstream starts a plain HTTP server and returns its address.
func upstream(t testing.TB, handler http.HandlerFunc) string {
	t.Helper()
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	return strings.TrimPrefix(srv.URL, "http://")
}

const (
	app  = "https://app.example.com"
	evil = "https://evil.example"
)

func from(o string) header { return header{headerOrigin, o} }

func asksFor(method string) header { return header{headerRequestMethod, method} }

// wantHeader checks the lines of a header; none means that it must be absent.
func wantHeader(t testing.TB, h http.Header, name string, lines ...string) {
	t.Helper()
	got := h.Values(name)
	if fmt.Sprint(got) != fmt.Sprint(lines) || len(got) != len(lines) {
		t.Errorf("%s: got %q, want %q", name, got, lines)
	}
}

// wantNothing checks that no Access-Control-* header is there.
func wantNothing(t testing.TB, h http.Header) {
	t.Helper()
	for name, values := range h {
		if hasAccessControlPrefix(name) {
			t.Errorf("%s: %q must not be there", name, values)
		}
	}
}

// varyTokens counts the tokens of the Vary header, in lower case.
func varyTokens(h http.Header) map[string]int {
	counts := make(map[string]int)
	for _, line := range h.Values(headerVary) {
		for token := range strings.SplitSeq(line, ",") {
			if token = strings.ToLower(trimOWS(token)); token != "" {
				counts[token]++
			}
		}
	}
	return counts
}

func wantVary(t testing.TB, h http.Header, tokens ...string) {
	t.Helper()
	counts := varyTokens(h)
	for _, token := range tokens {
		if counts[strings.ToLower(token)] != 1 {
			t.Errorf("Vary %q: %s stands there %d times, want once", h.Values(headerVary), token, counts[strings.ToLower(token)])
		}
	}
}

// handlers finds the handlers of one type in provisioned routes.
func handlers[H caddyhttp.MiddlewareHandler](routes caddyhttp.RouteList) (found []H) {
	for _, route := range routes {
		for _, h := range route.Handlers {
			switch h := h.(type) {
			case H:
				found = append(found, h)
			case *caddyhttp.Subroute:
				found = append(found, handlers[H](h.Routes)...)
			}
		}
	}
	return found
}

// memoryLog is a log writer that keeps what Caddy logs in memory; use it with
// `log { output memory <id> }` in the global options.
type memoryLog struct {
	ID string `json:"id,omitempty"`
}

// memoryLogs has the lines by id.
var memoryLogs sync.Map

func init() { caddy.RegisterModule(memoryLog{}) }

func (memoryLog) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "caddy.logging.writers.memory", New: func() caddy.Module { return new(memoryLog) }}
}

func (m *memoryLog) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next()
	d.Args(&m.ID)
	return nil
}

func (m *memoryLog) String() string                      { return "memory:" + m.ID }
func (m *memoryLog) WriterKey() string                   { return m.String() }
func (m *memoryLog) OpenWriter() (io.WriteCloser, error) { return logLines(m.ID), nil }

// lines is a buffer of log lines, safe for concurrent use.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func logLines(id string) *lines {
	l, _ := memoryLogs.LoadOrStore(id, new(lines))
	return l.(*lines)
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lines) Close() error { return nil }

func (l *lines) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buf.Reset()
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// count is the number of lines that contain all the words.
func (l *lines) count(words ...string) (n int) {
next:
	for line := range strings.Lines(l.String()) {
		for _, w := range words {
			if !strings.Contains(line, w) {
				continue next
			}
		}
		n++
	}
	return n
}

// testHandler runs a function of the test as the last handler of a site:
// `test_handler <id>`, where the id is what inChain returned.
type testHandler struct {
	ID string `json:"id,omitempty"`
}

// testHandlers has the functions by id.
var testHandlers sync.Map

// handlerFunc is a Caddy handler, so that it can return an error.
type handlerFunc = func(w http.ResponseWriter, r *http.Request) error

func init() {
	caddy.RegisterModule(testHandler{})
	httpcaddyfile.RegisterHandlerDirective("test_handler", func(h httpcaddyfile.Helper) (caddyhttp.MiddlewareHandler, error) {
		th := new(testHandler)
		h.Next()
		h.Args(&th.ID)
		return th, nil
	})
	httpcaddyfile.RegisterDirectiveOrder("test_handler", httpcaddyfile.Before, "respond")
}

func (testHandler) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers.test_handler", New: func() caddy.Module { return new(testHandler) }}
}

func (th *testHandler) ServeHTTP(w http.ResponseWriter, r *http.Request, _ caddyhttp.Handler) error {
	f, _ := testHandlers.Load(th.ID)
	return f.(handlerFunc)(w, r)
}

// inChain makes a function the last handler of a chain, and returns the line
// for the Caddyfile.
func inChain(t testing.TB, f handlerFunc) string {
	t.Helper()
	testHandlers.Store(t.Name(), f)
	t.Cleanup(func() { testHandlers.Delete(t.Name()) })
	return "test_handler " + t.Name()
}
