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

	// The judgment; its fields are here, so that they share a word with others.
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
	values    [varyField - 2]string // of fields 1 to 3
	preflight *preflightLists       // nil for other requests
}

// preflightLists are what only the response to a preflight has.
type preflightLists struct {
	lists
	values [1]string // of field 4
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
		rw.more.preflight = &preflightLists{lists: d.lists}
	}
	rw.ResponseWriter, rw.handler = w, h
	rw.grant, rw.allowOrigin = d.grant, d.allowOrigin
	rw.kind, rw.verdict, rw.reason = d.kind, d.verdict, d.reason
	return rw
}

// judgment returns what the response was made with.
func (rw *response) judgment() judgment {
	return judgment{kind: rw.kind, verdict: rw.verdict, reason: rw.reason, grant: rw.grant, allowOrigin: rw.allowOrigin}
}

// lists are those of a preflight from an allowed origin; others have none.
func (rw *response) lists() *lists {
	if rw.more == nil || rw.more.preflight == nil {
		return nil
	}
	return &rw.more.preflight.lists
}

// slot is the room for the value of a field.
func (rw *response) slot(field int) []string {
	switch field {
	case 0:
		return rw.values[0:1:1]
	case varyField:
		return rw.values[1:2:2]
	case varyField - 1:
		return rw.more.preflight.values[:]
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
	rw.writeVary(h)
	if !rw.handler.policy.keep {
		j := rw.judgment()
		rw.write(h, &j, 0)
	}
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
	if p.keep && hasAllowOrigin(h) {
		rw.kept = true
		rw.writeVary(h)
		return
	}
	j := rw.judgment()
	right := j.cleanse(p, rw.lists(), h)
	rw.write(h, &j, right)
	if right&(1<<varyField) == 0 {
		rw.writeVary(h)
	}
}

// write sets the headers of CORS that are not right already.
func (rw *response) write(h http.Header, j *judgment, right uint8) {
	if rw.grant != nil {
		p, l, names := rw.handler.policy, rw.lists(), j.names()
		for i := range varyField {
			if right&(1<<i) != 0 {
				continue
			}
			if want := j.field(p, l, i); want != "" {
				slot := rw.slot(i)
				slot[0] = want
				h[names[i]] = slot
			}
		}
	}
	if rw.handler.Debug {
		d := decision{judgment: *j}
		if l := rw.lists(); l != nil {
			d.lists = *l
		}
		h[headerDebug] = []string{d.debug(rw.handler.Name)}
	}
	if rw.grant != nil && rw.grant.exposeAll && rw.kind != kindPreflight {
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

func (rw *response) writeVary(h http.Header) {
	if want := rw.handler.policy.vary(rw.kind); want != "" {
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
	d.cleanse(p, &d.lists, header)
	var vary []string // fresh, like all values of a response
	if d.grant == nil {
		vary = make([]string, 1)
	} else {
		values, names := new(fields), d.names()
		vary = values[varyField:maxFields:maxFields]
		for i := range varyField {
			if want := d.field(p, &d.lists, i); want != "" {
				values[i] = want
				header[names[i]] = values[i : i+1 : i+1]
			}
		}
	}
	header[headerVary] = mergeVary(header[headerVary], p.vary(d.kind), vary)
	if h.Debug {
		header[headerDebug] = []string{d.debug(h.Name)}
	}
	status := p.preflightStatus
	if d.grant == nil {
		status = http.StatusForbidden
	}
	w.WriteHeader(status)
}
