package browser

import "fmt"

// Outcome is what the page experiences.
type Outcome string

// The outcomes. Readable, Opaque and Opens are the good ones.
const (
	NotSent         Outcome = "not-sent"       // the browser refused before it sent anything
	PreflightFailed Outcome = "preflight-fail" // the request itself was not sent
	PreflightPassed Outcome = "preflight-pass" // where somebody asked for no more; Fetch goes on
	Blocked         Outcome = "blocked"        // sent and answered, but the page learns nothing
	Readable        Outcome = "readable"       // the page reads status, body and the exposed headers
	Opaque          Outcome = "opaque"         // no-cors or a manual redirect: used, but not read
	NetworkError    Outcome = "network-error"  // no answer
	Opens           Outcome = "opens"          // the WebSocket is there
	Refused         Outcome = "refused"        // the WebSocket is not
)

// Reason names, for machines, why an outcome is not Readable. The names are stable.
type Reason string

// The reasons, in the order of the steps.
const (
	MethodInvalid       Reason = "method_invalid"
	MethodForbidden     Reason = "method_forbidden"
	HeaderInvalid       Reason = "header_invalid"
	URLInvalid          Reason = "url_invalid"
	URLCredentials      Reason = "url_credentials"
	SchemeNotHTTP       Reason = "scheme_not_http"
	SameOriginMode      Reason = "same_origin_mode"
	NoCORS              Reason = "no_cors"
	NoCORSMethod        Reason = "no_cors_method"
	NoCORSRedirectMode  Reason = "no_cors_redirect_mode"
	WebSocketRefused    Reason = "websocket_refused"
	PreflightNoAnswer   Reason = "preflight_no_answer"
	PreflightStatus     Reason = "preflight_status"
	PreflightRedirect   Reason = "preflight_redirect"
	ACAMMalformed       Reason = "acam_malformed"
	ACAHMalformed       Reason = "acah_malformed"
	MethodNotAllowed    Reason = "method_not_allowed"
	AuthNotListed       Reason = "authorization_not_listed"
	HeaderNotAllowed    Reason = "header_not_allowed"
	ACAOMissing         Reason = "acao_missing"
	ACAOMultiple        Reason = "acao_multiple"
	ACAOStarCredentials Reason = "acao_star_with_credentials" //nolint:gosec // the name of a reason, no secret
	ACAOMismatch        Reason = "acao_mismatch"
	ACACNotTrue         Reason = "acac_not_true"
	NoAnswer            Reason = "no_answer"
	InterimOnly         Reason = "interim_only"
	RedirectModeError   Reason = "redirect_mode_error"
	RedirectModeManual  Reason = "redirect_mode_manual"
	RedirectLocation    Reason = "redirect_location_invalid"
	RedirectScheme      Reason = "redirect_scheme"
	RedirectTooMany     Reason = "redirect_too_many"
	RedirectCredentials Reason = "redirect_credentials" //nolint:gosec // the name of a reason, no secret
)

// places says, for every reason, which step failed and where the Fetch Standard has it.
var places = map[Reason]struct {
	step   int
	anchor string
}{
	MethodInvalid:       {1, "#concept-method"},
	MethodForbidden:     {1, "#forbidden-method"},
	HeaderInvalid:       {3, "#concept-headers-append"},
	URLInvalid:          {4, "#dom-request"},
	URLCredentials:      {4, "#dom-request"},
	SchemeNotHTTP:       {4, "#concept-main-fetch"},
	SameOriginMode:      {4, "#concept-main-fetch"},
	NoCORS:              {4, "#concept-filtered-response-opaque"},
	NoCORSMethod:        {4, "#dom-request"},
	NoCORSRedirectMode:  {4, "#concept-main-fetch"},
	WebSocketRefused:    {4, "#concept-main-fetch"},
	PreflightNoAnswer:   {11, "#cors-preflight-fetch-0"},
	PreflightStatus:     {13, "#ok-status"},
	PreflightRedirect:   {13, "#ok-status"},
	ACAMMalformed:       {14, "#extract-header-list-values"},
	ACAHMalformed:       {14, "#extract-header-list-values"},
	MethodNotAllowed:    {15, "#cors-preflight-fetch-0"},
	AuthNotListed:       {16, "#cors-non-wildcard-request-header-name"},
	HeaderNotAllowed:    {17, "#cors-preflight-fetch-0"},
	ACAOMissing:         {21, "#concept-cors-check"},
	ACAOMultiple:        {23, "#concept-cors-check"},
	ACAOStarCredentials: {23, "#concept-cors-check"},
	ACAOMismatch:        {23, "#concept-cors-check"},
	ACACNotTrue:         {25, "#concept-cors-check"},
	NoAnswer:            {27, "#concept-http-fetch"},
	InterimOnly:         {28, "#concept-http-network-fetch"},
	RedirectModeError:   {32, "#concept-http-fetch"},
	RedirectModeManual:  {32, "#concept-filtered-response-opaque-redirect"},
	RedirectLocation:    {33, "#concept-http-redirect-fetch"},
	RedirectScheme:      {33, "#concept-http-redirect-fetch"},
	RedirectTooMany:     {33, "#concept-http-redirect-fetch"},
	RedirectCredentials: {34, "#concept-http-redirect-fetch"},
}

// Failure is the step that decided against the page. The zero value means that none did.
type Failure struct {
	Step   int    `json:"step,omitempty"`   // 1 to 37, as the comments of this package count them
	Reason Reason `json:"reason,omitempty"` // for machines
	Detail string `json:"detail,omitempty"` // a sentence for people that quotes the values
	Anchor string `json:"anchor,omitempty"` // in https://fetch.spec.whatwg.org/
}

func fail(reason Reason, format string, args ...any) *Failure {
	place := places[reason]
	return &Failure{Step: place.step, Reason: reason, Detail: fmt.Sprintf(format, args...), Anchor: place.anchor}
}

// Verdict is the end of a fetch.
type Verdict struct {
	Outcome Outcome `json:"outcome"`
	Failure
	URL      string   `json:"url"`      // the last one, after redirects
	Tainting Tainting `json:"tainting"` // of the last hop
	// Status and Exposed are what the page sees: zero and nil unless Readable (or Opens: then 101 and nil). Exposed is lower-case and sorted.
	Status  int      `json:"status,omitempty"`
	Exposed []string `json:"exposed,omitempty"`
	// Dropped are the headers of the page that the browser took out without a word (step 3).
	Dropped []string `json:"dropped,omitempty"`
	// Preflights has an entry for each hop that called for one.
	Preflights []Preflight `json:"preflights,omitempty"`
	Exchanges  []Exchange  `json:"exchanges,omitempty"`
	// Want is what the last answer should have been, as far as CORS goes. Nil if nothing was wrong with it or no
	// answer to that request would help.
	Want *Response `json:"want,omitempty"`
	// Err is the transport's, with NetworkError.
	Err error `json:"-"`
}

// Preflight says why a hop needed a preflight, and whether the cache spared it.
type Preflight struct {
	URL    string  `json:"url"`
	Causes []Cause `json:"causes"`
	Cached bool    `json:"cached,omitempty"`
}
