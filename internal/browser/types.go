package browser

// CredentialsMode says whether cookies and the like go along (#concept-request-credentials-mode).
// The zero value is the default of fetch(), same-origin.
type CredentialsMode string

// The credentials modes.
const (
	CredentialsOmit       CredentialsMode = "omit"
	CredentialsSameOrigin CredentialsMode = "same-origin"
	CredentialsInclude    CredentialsMode = "include"
)

// Mode is how the page asks (#concept-request-mode). The zero value is cors, the default of fetch().
type Mode string

// The request modes. Webtransport is left out: it never meets an HTTP response that CORS could judge.
const (
	ModeCORS       Mode = "cors"
	ModeNoCORS     Mode = "no-cors"
	ModeSameOrigin Mode = "same-origin"
	ModeNavigate   Mode = "navigate"
	ModeWebSocket  Mode = "websocket"
)

// RedirectMode says what the page wants done with redirects (#concept-request-redirect-mode). The zero value is follow.
type RedirectMode string

// The redirect modes.
const (
	RedirectFollow RedirectMode = "follow"
	RedirectError  RedirectMode = "error"
	RedirectManual RedirectMode = "manual"
)

// ReferrerPolicy matters here only because it can turn Origin into null outside cors mode
// (#append-a-request-origin-header). The zero value is strict-origin-when-cross-origin, the default of browsers.
type ReferrerPolicy string

// The policies that change what Origin says; every other one leaves it alone.
const (
	PolicyNoReferrer          ReferrerPolicy = "no-referrer"
	PolicyNoWhenDowngrade     ReferrerPolicy = "no-referrer-when-downgrade"
	PolicyStrictOrigin        ReferrerPolicy = "strict-origin"
	PolicyStrictOriginOnCross ReferrerPolicy = "strict-origin-when-cross-origin"
	PolicySameOrigin          ReferrerPolicy = "same-origin"
)

// Tainting is how far the response is filtered for the page (#concept-request-response-tainting).
type Tainting string

// The taintings.
const (
	TaintingBasic  Tainting = "basic"
	TaintingCORS   Tainting = "cors"
	TaintingOpaque Tainting = "opaque"
)

// Page is who asks.
type Page struct {
	Origin Origin
	// Partition stands for the network partition key of the preflight cache: pages of one partition share it.
	Partition string
}

// Request is what the page asks for, before the browser has touched it.
type Request struct {
	Method      string // empty: GET
	URL         string // absolute
	Headers     Headers
	Mode        Mode
	Credentials CredentialsMode
	Redirect    RedirectMode
	Policy      ReferrerPolicy
	// UseCORSPreflight is set by XMLHttpRequest with upload listeners and by a ReadableStream body.
	UseCORSPreflight bool
	// ByPlatform unsets the unsafe-request flag, as EventSource, fonts and <script crossorigin> do: the platform
	// itself chose method and headers, so they never cause a preflight (#unsafe-request-flag).
	ByPlatform bool
}

// Sent is one HTTP request on the wire.
type Sent struct {
	Method    string  `json:"method"`
	URL       string  `json:"url"` // without a fragment
	Headers   Headers `json:"headers"`
	Preflight bool    `json:"preflight,omitempty"`
	// Credentials tells the transport that cookies, HTTP authentication and client certificates may go along.
	Credentials bool `json:"credentials,omitempty"`
}

// Response is what a server answered. Interim (1xx) responses and trailers do not belong in it: browsers take
// nothing from them (#concept-http-network-fetch).
type Response struct {
	Status  int     `json:"status"`
	Headers Headers `json:"headers"`
}

// RoundTrip carries one request to a server and back. It must not follow redirects. An error means that there was
// no answer at all.
type RoundTrip func(Sent) (Response, error)

// Exchange is one request with its answer.
type Exchange struct {
	Sent     Sent     `json:"sent"`
	Response Response `json:"response"`
	// SetsCookies is true if a Set-Cookie of the answer takes effect. It does even when the page may not read the
	// answer, because cookies are stored before the CORS check (#cors-protocol-examples).
	SetsCookies bool `json:"sets_cookies,omitempty"`
}
