package e2e

import (
	"net/http"
	"slices"
	"strings"
)

// A spoiler makes the handler a broken one, on the wire: it does what careless
// CORS code does. The suite must notice each of them.
type spoiler struct {
	serve  func(caddy http.Handler, w http.ResponseWriter, r *http.Request)
	groups []string // of the cases that are there to notice it
	// mayMiss: caches may ask more often than they must.
	mayMiss bool
}

// spoilers by name; a run is spoiled if its name ends with ~name.
var spoilers = map[string]spoiler{
	"no-vary":         {serve: edit(noVary), groups: []string{"http-cache"}, mayMiss: true},
	"two-acao":        {serve: edit(twoLines), groups: []string{"simple", "methods", "elements", "events"}},
	"preflight-401":   {serve: unauthorized, groups: []string{"methods", "headers", "upload"}},
	"reflect-null":    {serve: edit(reflectNull), groups: []string{"null", "redirects"}},
	"reflect-any":     {serve: edit(reflectAny), groups: []string{"refused", "origins", "credentials"}},
	"bare-errors":     {serve: edit(bareErrors), groups: []string{"errors"}},
	"bare-redirects":  {serve: edit(bareRedirects), groups: []string{"redirects"}},
	"literal-star":    {serve: edit(literalStar), groups: []string{"expose"}},
	"lax-credentials": {serve: edit(laxCredentials), groups: []string{"credentials", "cookies"}},
}

func noVary(_ *http.Request, h http.Header, _ int) { h.Del("Vary") }

func twoLines(_ *http.Request, h http.Header, _ int) {
	v := h[allowOrigin]
	h[allowOrigin] = append(slices.Clip(v), v...)
}

func unauthorized(caddy http.Handler, w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	caddy.ServeHTTP(w, r)
}

func reflectNull(r *http.Request, h http.Header, _ int) {
	if o := r.Header.Get("Origin"); o == "null" {
		allow(h, o)
	}
}

func reflectAny(r *http.Request, h http.Header, _ int) {
	if o := r.Header.Get("Origin"); o != "" && o != "null" {
		allow(h, o)
	}
}

func allow(h http.Header, origin string) {
	h.Set(allowOrigin, origin)
	h.Set(allowCredentials, "true")
}

func bareErrors(_ *http.Request, h http.Header, status int) {
	if status >= 400 {
		strip(h)
	}
}

func bareRedirects(_ *http.Request, h http.Header, status int) {
	if status >= 300 && status < 400 && status != http.StatusNotModified {
		strip(h)
	}
}

func strip(h http.Header) {
	for name := range h {
		if strings.HasPrefix(name, "Access-Control-") {
			delete(h, name)
		}
	}
}

func literalStar(_ *http.Request, h http.Header, _ int) {
	if h.Get(exposeHeaders) != "" {
		h.Set(exposeHeaders, "*")
	}
}

func laxCredentials(_ *http.Request, h http.Header, _ int) { h.Del(allowCredentials) }

// spoilerOf is the spoiler of a run, which its key names.
func spoilerOf(key string) spoiler {
	run, _, _ := strings.Cut(key, ".")
	_, name, _ := strings.Cut(run, "~")
	return spoilers[name]
}

// edit changes headers when they leave.
func edit(change func(r *http.Request, h http.Header, status int)) func(http.Handler, http.ResponseWriter, *http.Request) {
	return func(caddy http.Handler, w http.ResponseWriter, r *http.Request) {
		ew := &editor{ResponseWriter: w, change: func(h http.Header, status int) { change(r, h, status) }}
		caddy.ServeHTTP(ew, r)
		ew.settle(http.StatusOK)
	}
}

type editor struct {
	http.ResponseWriter

	change func(h http.Header, status int)
	done   bool
}

func (e *editor) settle(status int) {
	if !e.done && status >= 200 {
		e.done = true
		e.change(e.Header(), status)
	}
}

// WriteHeader implements http.ResponseWriter.
func (e *editor) WriteHeader(status int) {
	e.settle(status)
	e.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (e *editor) Write(p []byte) (int, error) {
	e.settle(http.StatusOK)
	return e.ResponseWriter.Write(p)
}

// FlushError is for http.ResponseController.
func (e *editor) FlushError() error {
	e.settle(http.StatusOK)
	return http.NewResponseController(e.ResponseWriter).Flush()
}

// Unwrap lets http.ResponseController hijack.
func (e *editor) Unwrap() http.ResponseWriter { return e.ResponseWriter }
