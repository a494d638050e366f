package cors

import (
	"bufio"
	"io"
	"math"
	"net"
	"net/http"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/policy"
)

// response writes a decision on the response of the handlers behind it. It
// sees every way in which a header can be sent, because whoever writes first
// sends what the map holds at that moment.
//
// The values of the headers are part of it, so one allocation is mostly all, and never
// are they shared between requests, because later handlers may edit them in
// place. It is small, and not taken from a pool: a handler's goroutine that
// writes too late must not meet another request here.
type response struct {
	caddyhttp.ResponseWriterWrapper

	handler  *Handler
	judgment policy.Judgment

	wroteHeader bool
	returned    bool   // the next handler has returned
	kept        bool   // `upstream keep`, and the upstream decided
	wanted      uint8  // which fields the decision gives a value: see policy.Wanted
	entries     uint16 // how many the map had when the header was written

	values [2]string // of Access-Control-Allow-Origin and Vary
	others *others   // nil where these two are all
}

// others is what a response with other header fields has besides.
type others struct {
	values    [actualOthers]string // of an actual request
	preflight *forwarded           // nil for other requests
}

// forwarded is what only the response to a forwarded preflight has.
type forwarded struct {
	lists  policy.PreflightLists
	values [policy.MaxFields - 1 - actualOthers]string // of the last fields
}

// actualOthers is how many fields behind the first an actual request has.
const actualOthers = policy.ActualFields - 1

// newResponse makes the response of a request that is passed on.
func newResponse(w http.ResponseWriter, h *Handler, d *policy.Decision) *response {
	var rw *response
	wanted := h.policy.Wanted(d)
	if wanted > 1 { // more than the first
		both := new(struct {
			response
			others
		})
		rw = &both.response
		rw.others = &both.others
	} else {
		rw = new(response)
	}
	if d.Kind == policy.KindPreflight && rw.others != nil {
		rw.others.preflight = &forwarded{lists: d.PreflightLists}
	}
	rw.ResponseWriter, rw.handler, rw.judgment, rw.wanted = w, h, d.Judgment, wanted
	return rw
}

// decision returns what the response was made with.
func (rw *response) decision() policy.Decision {
	d := policy.Decision{Judgment: rw.judgment}
	if rw.others != nil && rw.others.preflight != nil {
		d.PreflightLists = rw.others.preflight.lists
	}
	return d
}

// slot is the room for the value of a field of the decision.
func (rw *response) slot(field int) []string {
	switch {
	case field == 0:
		return rw.values[0:1:1]
	case field <= actualOthers:
		return rw.others.values[field-1 : field : field]
	default:
		field -= actualOthers
		return rw.others.preflight.values[field-1 : field : field]
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
	if rw.handler.policy.Keeps() {
		rw.writeTiming(h)
		return
	}
	d := rw.decision()
	rw.write(h, &d, 0)
}

// beforeHeader makes the headers right at the last moment before they leave.
func (rw *response) beforeHeader(status int) {
	if rw.wroteHeader {
		return
	}
	final := status >= 200 || status == http.StatusSwitchingProtocols
	// The headers of a 1xx count for nothing, so in a kept response the
	// upstream has not spoken yet.
	if final || !rw.handler.policy.Keeps() {
		h := rw.Header()
		rw.makeRight(h)
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
		rw.makeRight(h)
	// Whoever adds a trailer after the body does not delete a header that was sent.
	case !rw.kept && countEntries(h) != rw.entries:
		for name := range h {
			if rw.handler.policy.OwnsTrailer(name) {
				delete(h, name)
			}
		}
	}
}

func countEntries(h http.Header) uint16 { return uint16(min(len(h), math.MaxUint16)) }

// makeRight writes the decision on the map, whatever stands there already.
// Mostly that is what before wrote, and nothing is to be done.
func (rw *response) makeRight(h http.Header) {
	p := rw.handler.policy
	if p.Keeps() && policy.HasAllowOrigin(h) {
		rw.kept = true
		p.CleanseTiming(h)
		rw.writeTiming(h)
		rw.writeVary(h)
		return
	}
	d := rw.decision()
	right := p.Cleanse(&d, h)
	if rw.wanted&^right != 0 || rw.handler.Debug || exposesAll(&d) {
		rw.write(h, &d, right)
	}
	if right&policy.VaryRight == 0 {
		rw.writeVary(h)
	}
}

// write sets the fields of the decision that are not right already.
func (rw *response) write(h http.Header, d *policy.Decision, right uint8) {
	p := rw.handler.policy
	fields := d.Kind.Fields()
	for i := range fields {
		if rw.wanted&^right&(1<<i) != 0 {
			slot := rw.slot(i)
			slot[0] = fields[i].Value(p, d)
			h[fields[i].Name] = slot
		}
	}
	if rw.handler.Debug {
		h[headerDebug] = []string{debugValue(d, rw.handler.Name)}
	}
	if exposesAll(d) {
		// Last, as it lists what stands there.
		h[httpwords.ExposeHeaders] = []string{d.Permissions.NamesToExpose(h)}
	}
}

// exposesAll reports whether a response names all of its header fields.
func exposesAll(d *policy.Decision) bool {
	return d.Permissions != nil && d.Permissions.ExposeAll && d.Kind != policy.KindPreflight
}

// writeTiming sets Timing-Allow-Origin, which is the policy's in every mode, and
// has no place among the fields of a preflight.
func (rw *response) writeTiming(h http.Header) {
	if rw.judgment.Kind == policy.KindPreflight {
		return
	}
	d := rw.decision()
	if value := rw.handler.policy.TimingAllowOrigin(&d); value != "" {
		h[httpwords.TimingAllowOrigin] = []string{value}
	}
}

func (rw *response) writeVary(h http.Header) {
	if want := rw.handler.policy.Vary(rw.judgment.Kind); want != "" {
		h[httpwords.Vary] = policy.MergeVary(h[httpwords.Vary], want, rw.values[1:2:2])
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

// answerPreflight writes the whole response to a preflight (Fetch, section HTTP
// responses): no handler behind sees it, so neither authentication nor
// redirects can spoil it.
func (h *Handler) answerPreflight(w http.ResponseWriter, d *policy.Decision) {
	p, header := h.policy, w.Header()
	p.Cleanse(d, header)
	theirs, ours := header[httpwords.Vary], p.Vary(d.Kind)
	status := http.StatusForbidden
	// The values are fresh, like all values of a response.
	if d.Permissions == nil {
		header[httpwords.Vary] = policy.MergeVary(theirs, ours, make([]string, 1))
	} else {
		status = p.PreflightStatus()
		values := new([policy.MaxFields + 1]string)
		fields := d.Kind.Fields()
		for i := range fields {
			if want := fields[i].Value(p, d); want != "" {
				values[i] = want
				header[fields[i].Name] = values[i : i+1 : i+1]
			}
		}
		header[httpwords.Vary] = policy.MergeVary(theirs, ours, values[policy.MaxFields:])
	}
	if h.Debug {
		header[headerDebug] = []string{debugValue(d, h.Name)}
	}
	w.WriteHeader(status)
}
