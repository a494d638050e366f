package bench

import (
	"net/http"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// least shows where the limit is. It knows the policy of this benchmark and
// nothing else, and does no more than a handler must whose headers are to be on
// every response, once: set them before the next handler runs, because errors
// are answered on another writer with the same map; look over the map when it
// leaves, because the next handler may have added others, in any spelling; and
// look again when nothing was written. The values are fresh, as they may be
// edited in place; so there is one allocation.
//
// It parses nothing, has no options, counts nothing, tells nobody, and leaves
// flushed, hijacked and copied responses unwatched.
type least struct {
	Origins []string `json:"origins"`

	listed                          map[string]struct{}
	wildcards                       bool // listed has what stands behind the first label
	allowMethods, allowHeaders, age string
	expose                          string
}

func (*least) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers.bench_least", New: func() caddy.Module { return new(least) }}
}

// Provision implements caddy.Provisioner.
func (h *least) Provision(caddy.Context) error {
	h.listed = make(map[string]struct{}, len(h.Origins))
	for _, o := range h.Origins {
		suffix, wildcard := strings.CutPrefix(o, "https://*.")
		h.wildcards = wildcard
		h.listed[suffix] = struct{}{}
	}
	h.allowMethods, h.allowHeaders = strings.Join(allowedMethods, ","), strings.Join(allowedHeaders, ",")
	h.expose, h.age = strings.Join(exposedHeaders, ","), "7200"
	return nil
}

// ServeHTTP implements caddyhttp.MiddlewareHandler.
func (h *least) ServeHTTP(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	origin := ""
	if lines := r.Header[headerOrigin]; len(lines) == 1 {
		origin = lines[0]
	}
	key := origin
	if h.wildcards {
		_, key, _ = strings.Cut(origin, ".")
	}
	_, ok := h.listed[key]
	if r.Method == http.MethodOptions && origin != "" && r.Header[headerRequestMethod] != nil {
		h.answer(w, origin, ok)
		return nil
	}
	if !ok {
		rw := &refusedByLeast{ResponseWriterWrapper: caddyhttp.ResponseWriterWrapper{ResponseWriter: w}}
		rw.set(w.Header())
		err := next.ServeHTTP(rw, r)
		if !rw.wrote {
			rw.settle()
		}
		return err
	}
	rw := &allowedByLeast{handler: h, origin: origin}
	rw.ResponseWriter = w
	rw.set(w.Header())
	err := next.ServeHTTP(rw, r)
	if !rw.wrote {
		rw.settle()
	}
	return err
}

const (
	headerVary             = "Vary"
	headerAllowCredentials = "Access-Control-Allow-Credentials"
	headerExposeHeaders    = "Access-Control-Expose-Headers"
	headerMaxAge           = "Access-Control-Max-Age"

	varyPreflight = headerOrigin + ", " + headerRequestMethod + ", " + headerRequestHeaders
)

func (h *least) answer(w http.ResponseWriter, origin string, ok bool) {
	header := w.Header()
	sweep(header, func(string) bool { return false })
	if !ok {
		header[headerVary] = []string{varyPreflight}
		w.WriteHeader(http.StatusForbidden)
		return
	}
	values := &[6]string{origin, "true", h.allowMethods, h.allowHeaders, h.age, varyPreflight}
	header[headerAllowOrigin] = values[0:1:1]
	header[headerAllowCredentials] = values[1:2:2]
	header[headerAllowMethods] = values[2:3:3]
	header[headerAllowHeaders] = values[3:4:4]
	header[headerMaxAge] = values[4:5:5]
	header[headerVary] = values[5:6:6]
	w.WriteHeader(http.StatusNoContent)
}

// sweep deletes what is not ours, whatever its spelling.
func sweep(header http.Header, ours func(name string) bool) {
	const prefix = "Access-Control-"
	for name := range header {
		if len(name) > len(prefix) && strings.EqualFold(name[:len(prefix)], prefix) && !ours(name) {
			delete(header, name)
		}
	}
}

// refusedByLeast is a response with nothing but Vary.
type refusedByLeast struct {
	caddyhttp.ResponseWriterWrapper

	vary  [1]string
	wrote bool
}

func (rw *refusedByLeast) set(header http.Header) {
	if lines := header[headerVary]; len(lines) != 1 || lines[0] != headerOrigin {
		rw.vary[0] = headerOrigin
		header[headerVary] = rw.vary[:]
	}
}

func (rw *refusedByLeast) settle() {
	header := rw.Header()
	sweep(header, func(string) bool { return false })
	rw.set(header)
	rw.wrote = true
}

// WriteHeader implements http.ResponseWriter.
func (rw *refusedByLeast) WriteHeader(status int) {
	rw.settle()
	rw.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (rw *refusedByLeast) Write(p []byte) (int, error) {
	if !rw.wrote {
		rw.settle()
	}
	return rw.ResponseWriter.Write(p)
}

// allowedByLeast is a response with all four headers.
type allowedByLeast struct {
	caddyhttp.ResponseWriterWrapper

	handler *least
	origin  string
	values  [4]string
	wrote   bool
}

func (rw *allowedByLeast) set(header http.Header) {
	rw.values = [4]string{rw.origin, "true", rw.handler.expose, headerOrigin}
	header[headerAllowOrigin] = rw.values[0:1:1]
	header[headerAllowCredentials] = rw.values[1:2:2]
	header[headerExposeHeaders] = rw.values[2:3:3]
	header[headerVary] = rw.values[3:4:4]
}

// settle sets again only what is not as it was.
func (rw *allowedByLeast) settle() {
	header := rw.Header()
	right := 0
	for name, lines := range header {
		switch name {
		case headerAllowOrigin:
			right += is(lines, rw.origin)
		case headerAllowCredentials:
			right += is(lines, "true")
		case headerExposeHeaders:
			right += is(lines, rw.handler.expose)
		case headerVary:
			right += is(lines, headerOrigin)
		default:
			const prefix = "Access-Control-"
			if len(name) > len(prefix) && strings.EqualFold(name[:len(prefix)], prefix) {
				delete(header, name)
			}
		}
	}
	if right != len(rw.values) {
		rw.set(header)
	}
	rw.wrote = true
}

func is(lines []string, want string) int {
	if len(lines) == 1 && lines[0] == want {
		return 1
	}
	return 0
}

// WriteHeader implements http.ResponseWriter.
func (rw *allowedByLeast) WriteHeader(status int) {
	rw.settle()
	rw.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (rw *allowedByLeast) Write(p []byte) (int, error) {
	if !rw.wrote {
		rw.settle()
	}
	return rw.ResponseWriter.Write(p)
}

// empty is a handler that does nothing, to show what any handler costs.
type empty struct{}

func (*empty) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers.bench_empty", New: func() caddy.Module { return new(empty) }}
}

// ServeHTTP implements caddyhttp.MiddlewareHandler.
func (*empty) ServeHTTP(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	return next.ServeHTTP(w, r)
}

func init() {
	caddy.RegisterModule(new(least))
	caddy.RegisterModule(new(empty))
	register := func(name string, parse func(origins []string) caddyhttp.MiddlewareHandler) {
		httpcaddyfile.RegisterHandlerDirective(name, func(h httpcaddyfile.Helper) (caddyhttp.MiddlewareHandler, error) {
			h.Next()
			return parse(h.RemainingArgs()), nil
		})
		httpcaddyfile.RegisterDirectiveOrder(name, httpcaddyfile.Before, "request_body")
	}
	register("bench_least", func(origins []string) caddyhttp.MiddlewareHandler { return &least{Origins: origins} })
	register("bench_empty", func([]string) caddyhttp.MiddlewareHandler { return new(empty) })
}

func buildLeast(t testing.TB, origins []string) exchange {
	t.Helper()
	if origins == nil {
		return newNetHTTP(next)
	}
	h := &least{Origins: origins}
	_ = h.Provision(caddyContext(t))
	return newInCaddy(h)
}
