package cors

import (
	"net/http"

	"github.com/caddy-cors/caddy-cors/internal/origin"
)

// request is all of an HTTP request that CORS looks at.
type request struct {
	method string
	host   string
	origin []string
	header http.Header // for what few decisions depend on

	// Of an OPTIONS only.
	requestMethod  []string
	requestHeaders []string

	// listed is what the sources said, where they were asked.
	listed listing

	read       bool // the Origin was, and this is what it is:
	serialized bool
	parsed     origin.Origin
}

// parse returns the origin, where the request names exactly one. It is read
// once, however many ask.
func (r *request) parse() (o origin.Origin, ok bool) {
	if !r.read {
		r.read = true
		if len(r.origin) == 1 {
			r.parsed, r.serialized = origin.Parse(r.origin[0])
		}
	}
	return r.parsed, r.serialized
}

// listing is what sources know of an origin.
type listing uint8

const (
	notAsked listing = iota
	listedYes
	listedNo
	listedUnknown // a source could not say
)

func readRequest(r *http.Request) request {
	req := request{method: r.Method, host: r.Host, origin: r.Header[headerOrigin], header: r.Header}
	if req.method == http.MethodOptions && len(req.origin) > 0 {
		req.requestMethod = r.Header[headerRequestMethod]
		req.requestHeaders = r.Header[headerRequestHeaders]
	}
	return req
}

// hasOrigin reports whether the request says where it comes from. An empty
// line says nothing; two lines say too much, which the policy refuses.
func (r *request) hasOrigin() bool {
	return len(r.origin) > 1 || len(r.origin) == 1 && r.origin[0] != ""
}

// isPreflight follows Fetch, section CORS-preflight request. An OPTIONS
// without the two headers is somebody's real request (WebDAV, TUS) and must
// reach its handler.
func (r *request) isPreflight() bool {
	return r.method == http.MethodOptions && r.hasOrigin() &&
		(len(r.requestMethod) > 1 || len(r.requestMethod) == 1 && r.requestMethod[0] != "")
}

// kind says what sort of request a decision is about.
type kind uint8

const (
	kindNone      kind = iota // no Origin: CORS has nothing to say
	kindActual                // any request with an Origin that is no preflight
	kindPreflight             // Fetch: the CORS-preflight request
)

// String is the word of the metrics and logs.
func (k kind) String() string {
	return [...]string{"none", "actual", "preflight"}[k]
}

// verdict is what the policy makes of a request.
type verdict uint8

const (
	verdictNone verdict = iota
	verdictAllowed
	verdictRefused
	verdictSameOrigin // not on the list, but the site itself: no refusal
)

// String is the word that people and machines are told.
func (v verdict) String() string {
	return [...]string{"none", "allowed", "refused", "same_origin"}[v]
}

// reason says why a verdict is not a plain yes.
type reason uint8

const (
	reasonNone reason = iota
	reasonOriginNotAllowed
	reasonOriginMalformed
	reasonMethodNotAllowed
	reasonHeaderNotAllowed
	reasonHeadersMalformed
	reasonSourceUnavailable
)

// numReasons is how many there are, with none.
const numReasons = int(reasonSourceUnavailable) + 1

// String is the word for it. The words are a promise: logs, metrics and the
// command line speak them.
func (r reason) String() string {
	return [...]string{
		"", "origin_not_allowed", "origin_malformed", "method_not_allowed", "header_not_allowed",
		"headers_malformed", "source_unavailable",
	}[r]
}

// decision is all that the policy has to say about one request. It is a value;
// the response, and everything that tells about it, only reads it.
type decision struct {
	judgment
	lists
}

// judgment is what there is to say about any request.
type judgment struct {
	kind    kind
	verdict verdict
	reason  reason

	// grant holds the rights of the request's origin; nil where it has none.
	grant *grant

	// allowOrigin is the header; empty means that it must not be there.
	allowOrigin string
}

// lists are the headers that only the answer to a preflight has.
type lists struct{ allowMethods, allowHeaders string }

// numOutcomes is how many numbers outcome has: for each of the three kinds of
// request the reasons, and same_origin, which has none.
const (
	outcomesOfKind = numReasons + 1
	numOutcomes    = 3 * outcomesOfKind
)

// outcome numbers what is told apart.
func (d *decision) outcome() int {
	n := int(d.reason)
	if d.verdict == verdictSameOrigin {
		n = numReasons
	}
	return int(d.kind)*outcomesOfKind + n
}

// reasonOf and verdictOf are what an outcome stands for.
func reasonOf(outcome int) reason {
	if n := outcome % outcomesOfKind; n < numReasons {
		return reason(n) //nolint:gosec // it is below numReasons
	}
	return reasonNone
}

func verdictOf(outcome int) verdict {
	switch n := outcome % outcomesOfKind; {
	case outcome < outcomesOfKind: // of kindNone
		return verdictNone
	case n == numReasons:
		return verdictSameOrigin
	case n == int(reasonNone):
		return verdictAllowed
	default:
		return verdictRefused
	}
}
