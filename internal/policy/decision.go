package policy

import (
	"net/http"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/origin"
)

// Request is all of an HTTP request that CORS looks at.
type Request struct {
	Method string
	Host   string
	Origin []string    // the lines of the Origin header
	Header http.Header // for what few decisions depend on

	// TLS says that TLS ended in this server.
	TLS bool

	// WebSocket says that the request is the handshake of one. Only a policy
	// that enforces those asks.
	WebSocket bool

	// HostVerified says that the matchers before the policy verify the Host: only
	// requests with one of the site's pass them.
	HostVerified bool

	// RequestMethod are the lines of Access-Control-Request-Method, of an OPTIONS
	// only.
	RequestMethod []string

	parsed origin.Origin // set where the sources must be asked
}

// ParsedOrigin returns the origin where Decide said that the sources must be
// asked about it.
func (r *Request) ParsedOrigin() origin.Origin { return r.parsed }

// hasOrigin reports whether the request says where it comes from. An empty
// line says nothing; two lines say too much, which the policy refuses.
func (r *Request) hasOrigin() bool {
	return len(r.Origin) > 1 || len(r.Origin) == 1 && r.Origin[0] != ""
}

// isPreflight follows Fetch, section CORS-preflight request. An OPTIONS
// without the two headers is somebody's real request (WebDAV, TUS) and must
// reach its handler.
func (r *Request) isPreflight() bool {
	return r.Method == http.MethodOptions && r.hasOrigin() &&
		(len(r.RequestMethod) > 1 || len(r.RequestMethod) == 1 && r.RequestMethod[0] != "")
}

// Answer is what sources say of an origin.
type Answer uint8

// The answers of sources.
const (
	AnswerNo Answer = iota
	AnswerYes
	AnswerUnknown // a source could not say
)

// Kind says what sort of request a decision is about.
type Kind uint8

// The kinds of requests.
const (
	KindNone      Kind = iota // no Origin: CORS has nothing to say
	KindActual                // any request with an Origin that is no preflight
	KindPreflight             // Fetch: the CORS-preflight request
)

// String is the word of the metrics and logs.
func (k Kind) String() string {
	return [...]string{"none", "actual", "preflight"}[k]
}

// Verdict is what the policy makes of a request.
type Verdict uint8

// The verdicts.
const (
	VerdictNone Verdict = iota
	VerdictAllowed
	VerdictRefused
	VerdictSameOrigin // not on the list, but the site itself: no refusal
)

// String is the word that people and machines are told.
func (v Verdict) String() string {
	return [...]string{"none", "allowed", "refused", "same_origin"}[v]
}

// Reason says why a verdict is not a plain yes.
type Reason uint8

// The reasons.
const (
	ReasonNone Reason = iota
	ReasonOriginNotAllowed
	ReasonOriginMalformed
	ReasonMethodNotAllowed
	ReasonHeaderNotAllowed
	ReasonHeadersMalformed
	ReasonSourceUnavailable
	ReasonHostNotVerified
)

// reasonWords are the words for them, in their order. They are a promise: logs,
// metrics and the command line speak them.
var reasonWords = [...]string{
	"", "origin_not_allowed", "origin_malformed", "method_not_allowed", "header_not_allowed",
	"headers_malformed", "source_unavailable", "host_not_verified",
}

// NumReasons is how many there are, with none.
const NumReasons = len(reasonWords)

// String is the word for it.
func (r Reason) String() string { return reasonWords[r] }

// Decision is all that the policy has to say about one request. It is a value;
// the response, and everything that tells about it, only reads it.
type Decision struct {
	Judgment
	PreflightLists
}

// Judgment is what there is to say about any request.
type Judgment struct {
	Kind    Kind
	Verdict Verdict
	Reason  Reason

	// Permissions are those of the request's origin; nil where it has none.
	Permissions *Permissions

	// AllowOrigin is the value of Access-Control-Allow-Origin; empty where that
	// must not be there.
	AllowOrigin string
}

// PreflightLists are the values that only the answer to a preflight has.
type PreflightLists struct{ AllowMethods, AllowHeaders string }

// judgePreflight fills in the lists that the browser will compare with what
// the page asked for (Fetch, CORS-preflight fetch, step 7). They say what is
// granted, not whether it suffices: so the console names what is missing.
func (d *Decision) judgePreflight(r *Request) {
	methods, methodOK := d.Permissions.answerMethod(r.RequestMethod)
	headers, headersReason := d.Permissions.answerHeaders(r.Header[httpwords.RequestHeaders])
	d.AllowMethods, d.AllowHeaders = methods, headers
	switch {
	case !methodOK:
		d.Verdict, d.Reason = VerdictRefused, ReasonMethodNotAllowed
	case headersReason != ReasonNone:
		d.Verdict, d.Reason = VerdictRefused, headersReason
	}
}

// Refuses reports whether a request must not reach the handlers behind.
func (p *Policy) Refuses(d *Decision, r *Request) bool {
	return d.Kind == KindActual && d.Verdict == VerdictRefused &&
		(p.enforceRequests || p.enforceWebSockets && r.WebSocket)
}

// NumOutcomes is how many numbers Outcome has: for each of the three kinds of
// request the reasons, and same_origin, which has none.
const (
	outcomesOfKind = NumReasons + 1
	NumOutcomes    = 3 * outcomesOfKind
)

// Outcome numbers what telemetry tells apart.
func (j *Judgment) Outcome() int {
	n := int(j.Reason)
	if j.Verdict == VerdictSameOrigin {
		n = NumReasons
	}
	return int(j.Kind)*outcomesOfKind + n
}

// ReasonOf returns the reason that an outcome stands for.
func ReasonOf(outcome int) Reason {
	if n := outcome % outcomesOfKind; n < NumReasons {
		return Reason(n) //nolint:gosec // it is below NumReasons
	}
	return ReasonNone
}

// VerdictOf returns the verdict that an outcome stands for.
func VerdictOf(outcome int) Verdict {
	switch n := outcome % outcomesOfKind; {
	case outcome < outcomesOfKind: // of KindNone
		return VerdictNone
	case n == NumReasons:
		return VerdictSameOrigin
	case n == int(ReasonNone):
		return VerdictAllowed
	default:
		return VerdictRefused
	}
}
