package corstest

import (
	"net/http"
	"sync"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// testHandler runs a function of the test as the last handler of a site:
// `test_handler <id>`, where the id is what InChain returned.
type testHandler struct {
	ID string `json:"id,omitempty"`
}

// testHandlers has the functions by id.
var testHandlers sync.Map

// HandlerFunc is a Caddy handler, so that it can return an error.
type HandlerFunc = func(w http.ResponseWriter, r *http.Request) error

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
	return f.(HandlerFunc)(w, r)
}

// InChain makes a function the last handler of a chain, and returns the line
// for the Caddyfile.
func InChain(t testing.TB, f HandlerFunc) string {
	t.Helper()
	testHandlers.Store(t.Name(), f)
	t.Cleanup(func() { testHandlers.Delete(t.Name()) })
	return "test_handler " + t.Name()
}
