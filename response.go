package cors

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// maxFields is the most header fields that one decision writes: five of CORS
// and Vary, which has the last place.
const (
	maxFields   = 6
	varyField   = maxFields - 1
	exposeField = 2 // in actualNames
)

// fields holds the values of one response's headers. The header map points
// into it: one allocation for all of them, and never shared between requests,
// because later handlers may edit values in place.
type fields [maxFields]string

// The headers that a decision writes, in the order of decision.values.
var (
	actualNames    = [...]string{headerAllowOrigin, headerAllowCredentials, headerExposeHeaders, headerTimingAllow}
	preflightNames = [...]string{headerAllowOrigin, headerAllowCredentials, headerAllowMethods, headerAllowHeaders, headerMaxAge}
)

// response writes a decision on the response of the handlers behind it. It
// sees every way in which a header can be sent, because whoever writes first
// sends what the map holds at that moment.
type response struct {
	caddyhttp.ResponseWriterWrapper

	policy   *policy
	decision decision
	values   fields
	// handler governs the request while next runs.
	handler *Handler

	wroteHeader bool
	// kept: `upstream keep`, and the upstream decided.
	kept bool
}

// Interface guards.
var (
	_ http.ResponseWriter = (*response)(nil)
	_ http.Flusher        = (*response)(nil)
	_ http.Hijacker       = (*response)(nil)
	_ io.ReaderFrom       = (*response)(nil)
)

// before puts the headers on the response before the next handler runs, so
// that they are there even where this writer is not asked again: Caddy answers
// errors, and runs error routes, with a writer of its own but the same map.
func (rw *response) before() {
	h := rw.Header()
	if !rw.policy.keep {
		rw.writeAccessControl(h)
	}
	rw.writeVary(h)
}

// beforeHeader makes the headers right at the last moment before they leave.
func (rw *response) beforeHeader(status int) {
	if rw.wroteHeader {
		return
	}
	final := status >= 200 || status == http.StatusSwitchingProtocols
	h := rw.Header()
	// The headers of a 1xx count for nothing, so in a kept response the
	// upstream has not spoken yet.
	if final || !rw.policy.keep {
		rw.settle(h)
		rw.filterTrailer(h)
	}
	rw.wroteHeader = final
}

// after makes the headers right once more when the next handler has returned:
// perhaps nothing was written, or there are trailers.
func (rw *response) after() {
	h := rw.Header()
	if !rw.wroteHeader {
		rw.settle(h)
		return
	}
	if rw.kept {
		return
	}
	for name := range h {
		if undeclared, ok := strings.CutPrefix(name, http.TrailerPrefix); ok && rw.owns(undeclared) {
			delete(h, name)
		}
	}
}

// settle writes the decision on the map, whatever stands there already.
func (rw *response) settle(h http.Header) {
	if rw.policy.keep && hasAllowOrigin(h) {
		rw.kept = true
	} else {
		rw.writeAccessControl(h)
	}
	rw.writeVary(h)
}

// writeAccessControl sets the headers of the decision and deletes all others
// of their kind, so that nothing of another's making remains.
func (rw *response) writeAccessControl(h http.Header) {
	names, values := rw.decision.fields(rw.policy)
	for name := range h {
		if rw.owns(name) && !written(names, &values, name) {
			delete(h, name)
		}
	}
	for i, name := range names {
		if values[i] != "" {
			rw.values[i] = values[i]
			h[name] = rw.values[i : i+1 : i+1]
		}
	}
	rw.writeDebug(h)
	rw.exposeCarried(h) // last, as it lists what stands there
}

// exposeCarried lists the names of the response where browsers take `*` for a
// name (Fetch, CORS protocol and credentials).
func (rw *response) exposeCarried(h http.Header) {
	d := &rw.decision
	if d.kind == kindPreflight || d.grant == nil || !d.grant.exposeAll {
		return
	}
	names := namesToExpose(h)
	if names == "" {
		delete(h, headerExposeHeaders)
		return
	}
	rw.values[exposeField] = names
	h[headerExposeHeaders] = rw.values[exposeField : exposeField+1 : exposeField+1]
}

func written(names []string, values *fields, name string) bool {
	i := slices.Index(names, name)
	return i >= 0 && values[i] != ""
}

// owns reports whether the policy alone decides about a header.
func (rw *response) owns(name string) bool {
	return hasAccessControlPrefix(name) ||
		rw.policy.timing && strings.EqualFold(name, headerTimingAllow)
}

func (rw *response) writeVary(h http.Header) {
	if want := rw.policy.vary(rw.decision.kind); want != "" {
		h[headerVary] = mergeVary(h[headerVary], want, rw.values[varyField:maxFields:maxFields])
	}
}

// filterTrailer takes CORS headers out of the announced trailers. What is not
// announced is not sent as one.
func (rw *response) filterTrailer(h http.Header) {
	announced, ok := h[headerTrailer]
	if !ok || rw.kept {
		return
	}
	var names []string
	for e := (elements{lines: announced, trusted: true}); e.next(); {
		if !rw.owns(e.element) {
			names = append(names, e.element)
		}
	}
	if len(names) == 0 {
		delete(h, headerTrailer)
		return
	}
	h[headerTrailer] = names
}

// WriteHeader implements http.ResponseWriter.
func (rw *response) WriteHeader(status int) {
	rw.beforeHeader(status)
	rw.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (rw *response) Write(p []byte) (int, error) {
	rw.beforeHeader(http.StatusOK)
	return rw.ResponseWriter.Write(p)
}

// ReadFrom implements io.ReaderFrom; the writer below may use sendfile.
func (rw *response) ReadFrom(r io.Reader) (int64, error) {
	rw.beforeHeader(http.StatusOK)
	return rw.ResponseWriterWrapper.ReadFrom(r)
}

// FlushError is what http.ResponseController calls. Without it the controller
// would unwrap this writer and send the headers behind its back.
func (rw *response) FlushError() error {
	rw.beforeHeader(http.StatusOK)
	return http.NewResponseController(rw.ResponseWriter).Flush()
}

// Flush implements http.Flusher, for handlers that ask for it by type.
func (rw *response) Flush() { _ = rw.FlushError() }

// Hijack implements http.Hijacker. Some handlers write the header map on the
// connection themselves.
func (rw *response) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	rw.beforeHeader(http.StatusSwitchingProtocols)
	return http.NewResponseController(rw.ResponseWriter).Hijack()
}

// answer writes the whole response to a preflight (Fetch, section HTTP
// responses): no handler behind sees it, so neither authentication nor
// redirects can spoil it.
func (h *Handler) answer(w http.ResponseWriter, r *http.Request, d decision) {
	rw := &response{policy: h.policy, decision: d, handler: h}
	rw.placeholders(r)
	rw.writeAccessControl(w.Header())
	rw.writeVary(w.Header())
	status := h.policy.preflightStatus
	if d.grant == nil {
		status = http.StatusForbidden
	}
	w.WriteHeader(status)
}

// fields returns the headers of the decision; an empty value means none.
func (d *decision) fields(p *policy) (names []string, v fields) {
	v[0] = d.allowOrigin
	if d.grant != nil && d.grant.credentials {
		v[1] = "true"
	}
	if d.kind == kindPreflight {
		v[2], v[3] = d.allowMethods, d.allowHeaders
		if d.grant != nil {
			v[4] = d.grant.maxAge
		}
		return preflightNames[:], v
	}
	if d.grant != nil {
		v[exposeField] = d.grant.expose
	}
	if p.timing {
		v[3] = d.allowOrigin
	}
	return actualNames[:], v
}

// namesToExpose lists the names that a response carries and that pages cannot
// read otherwise.
func namesToExpose(h http.Header) string {
	names := make([]string, 0, len(h))
	for name := range h {
		lower := strings.ToLower(name)
		if isToken(name) && !isSafelistedResponseHeader(lower) && !hasAccessControlPrefix(name) &&
			lower != "set-cookie" && lower != "set-cookie2" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ",")
}

// hasAllowOrigin looks for the header in any spelling.
func hasAllowOrigin(h http.Header) bool {
	if len(h[headerAllowOrigin]) > 0 {
		return true
	}
	for name, values := range h {
		if len(values) > 0 && len(name) == len(headerAllowOrigin) && strings.EqualFold(name, headerAllowOrigin) {
			return true
		}
	}
	return false
}
