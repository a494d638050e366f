package cors

import (
	"bufio"
	"io"
	"math"
	"net"
	"net/http"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// response writes a decision on the response of the handlers behind it. It
// sees every way in which a header can be sent, because whoever writes first
// sends what the map holds at that moment.
//
// The values of the headers are part of it, so one allocation is all, and never
// are they shared between requests, because later handlers may edit them in
// place. It is small, and not taken from a pool: a handler's goroutine that
// writes too late must not meet another request here.
type response struct {
	caddyhttp.ResponseWriterWrapper

	handler *Handler

	// The decision.
	grant       *grant
	allowOrigin string
	kind        kind
	verdict     verdict
	reason      reason

	wroteHeader bool
	returned    bool   // the next handler has
	kept        bool   // `upstream keep`, and the upstream decided
	entries     uint16 // how many the map had when the header was written

	values [2]string // of Access-Control-Allow-Origin and Vary
	more   *more     // nil where these two are all
}

// more is what a response with other headers has besides.
type more struct {
	values [varyField - 2]string // of fields 1 to 3
	lists  *lists                // nil but for a preflight
}

// lists belong to the answer to a preflight.
type lists struct {
	allowMethods, allowHeaders string
	values                     [1]string // of field 4
}

// newResponse makes the response of a request that is passed on.
func newResponse(w http.ResponseWriter, h *Handler, d *decision) *response {
	var rw *response
	if g := d.grant; g != nil && (g.credentials || g.expose != "" || h.policy.timing || d.kind == kindPreflight) {
		both := new(struct {
			response
			more
		})
		rw = &both.response
		rw.more = &both.more
	} else {
		rw = new(response)
	}
	if d.kind == kindPreflight && rw.more != nil {
		rw.more.lists = &lists{allowMethods: d.allowMethods, allowHeaders: d.allowHeaders}
	}
	rw.ResponseWriter, rw.handler = w, h
	rw.grant, rw.allowOrigin = d.grant, d.allowOrigin
	rw.kind, rw.verdict, rw.reason = d.kind, d.verdict, d.reason
	return rw
}

// decision returns the decision that the response was made with.
func (rw *response) decision() decision {
	d := decision{kind: rw.kind, verdict: rw.verdict, reason: rw.reason, grant: rw.grant, allowOrigin: rw.allowOrigin}
	if rw.more != nil && rw.more.lists != nil {
		d.allowMethods, d.allowHeaders = rw.more.lists.allowMethods, rw.more.lists.allowHeaders
	}
	return d
}

// slot is the room for the value of a field.
func (rw *response) slot(field int) []string {
	switch field {
	case 0:
		return rw.values[0:1:1]
	case varyField:
		return rw.values[1:2:2]
	case varyField - 1:
		return rw.more.lists.values[:]
	default:
		return rw.more.values[field-1 : field : field]
	}
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
	p := rw.handler.policy
	d := rw.decision()
	names, want := d.fields(p)
	if !p.keep {
		rw.write(h, &d, names, &want, 0)
	}
	rw.writeVary(h, want[varyField])
}

// beforeHeader makes the headers right at the last moment before they leave.
func (rw *response) beforeHeader(status int) {
	if rw.wroteHeader {
		return
	}
	final := status >= 200 || status == http.StatusSwitchingProtocols
	// The headers of a 1xx count for nothing, so in a kept response the
	// upstream has not spoken yet.
	if final || !rw.handler.policy.keep {
		h := rw.Header()
		rw.settle(h)
		rw.entries = countEntries(h)
	}
	rw.wroteHeader = final
}

// after makes the headers right once more when the next handler has returned:
// perhaps nothing was written, or trailers were added.
func (rw *response) after() {
	rw.returned = true
	h := rw.Header()
	switch {
	case !rw.wroteHeader:
		rw.settle(h)
	case !rw.kept && countEntries(h) != rw.entries:
		for name := range h {
			if rw.handler.policy.ownsTrailer(name) {
				delete(h, name)
			}
		}
	}
}

func countEntries(h http.Header) uint16 { return uint16(min(len(h), math.MaxUint16)) }

// settle writes the decision on the map, whatever stands there already. Mostly
// that is what before wrote, and nothing is to be done.
func (rw *response) settle(h http.Header) {
	p := rw.handler.policy
	d := rw.decision()
	names, want := d.fields(p)
	if p.keep && hasAllowOrigin(h) {
		rw.kept = true
		rw.writeVary(h, want[varyField])
		return
	}
	right := p.cleanse(h, names, &want)
	rw.write(h, &d, names, &want, right)
	if right&(1<<varyField) == 0 {
		rw.writeVary(h, want[varyField])
	}
}

// write sets the headers of CORS that are not right already.
func (rw *response) write(h http.Header, d *decision, names, want *fields, right uint8) {
	for i := range varyField {
		if want[i] != "" && right&(1<<i) == 0 {
			slot := rw.slot(i)
			slot[0] = want[i]
			h[names[i]] = slot
		}
	}
	if rw.handler.Debug {
		h[headerDebug] = []string{d.debug(rw.handler.Name)}
	}
	if d.kind != kindPreflight && d.grant != nil && d.grant.exposeAll {
		rw.exposeCarried(h) // last, as it lists what stands there
	}
}

// exposeCarried lists the names of the response, because browsers take `*` for
// a name when there are credentials (Fetch, CORS protocol and credentials).
func (rw *response) exposeCarried(h http.Header) {
	names := namesToExpose(h)
	if names == "" {
		delete(h, headerExposeHeaders)
		return
	}
	slot := rw.slot(exposeField)
	slot[0] = names
	h[headerExposeHeaders] = slot
}

func (rw *response) writeVary(h http.Header, want string) {
	if want != "" {
		h[headerVary] = mergeVary(h[headerVary], want, rw.slot(varyField))
	}
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
func (h *Handler) answer(w http.ResponseWriter, d *decision) {
	p, header := h.policy, w.Header()
	names, want := d.fields(p)
	p.cleanse(header, names, &want)
	values := new(fields) // fresh, like those of a response
	for i := range varyField {
		if want[i] != "" {
			values[i] = want[i]
			header[names[i]] = values[i : i+1 : i+1]
		}
	}
	header[headerVary] = mergeVary(header[headerVary], want[varyField], values[varyField:maxFields:maxFields])
	if h.Debug {
		header[headerDebug] = []string{d.debug(h.Name)}
	}
	status := p.preflightStatus
	if d.grant == nil {
		status = http.StatusForbidden
	}
	w.WriteHeader(status)
}
