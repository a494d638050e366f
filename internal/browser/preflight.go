package browser

import (
	"fmt"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// CauseKind is one of the three things that call for a preflight.
type CauseKind string

// The kinds of causes.
const (
	causeFlag   CauseKind = "flag"
	causeMethod CauseKind = "method"
	causeHeader CauseKind = "header"
)

// Cause is one reason for a preflight.
type Cause struct {
	Kind CauseKind `json:"kind"`
	Name string    `json:"name"` // the flag, the method, or the header name in lower case
	Why  string    `json:"why"`
}

// String is a sentence about the cause.
func (c Cause) String() string {
	return fmt.Sprintf("%s %s %s", c.Kind, c.Name, c.Why)
}

// preflightCauses lists what makes a request, sent across origins in cors mode, ask first; nil if nothing does (step 7,
// #concept-main-fetch).
func preflightCauses(method string, h Headers, flag, byPlatform bool) []Cause {
	var causes []Cause
	if flag {
		causes = append(causes, Cause{Kind: causeFlag, Name: "use-CORS-preflight", Why: "is set, as by upload listeners and streamed bodies"})
	}
	if byPlatform {
		return causes
	}
	if !httpwords.IsSafelistedMethod(method) {
		causes = append(causes, Cause{Kind: causeMethod, Name: method, Why: "is not GET, HEAD or POST"})
	}
	return append(causes, unsafeHeaders(h)...)
}

// preflight runs steps 8 to 19 for the current hop. Only a nil failure lets the request itself go.
func (f *flight) preflight() *Failure {
	note := Preflight{URL: f.url().String(), Causes: f.causes()}
	note.Cached = f.cacheCovers()
	f.v.Preflights = append(f.v.Preflights, note)
	if note.Cached {
		return nil
	}
	resp, err := f.send(f.preflightRequest())
	if err != nil {
		f.v.Err = err
		return fail(PreflightNoAnswer, "the preflight got no answer: %v", err)
	}
	granted, bad := f.judgePreflight(resp)
	if bad != nil {
		f.v.Want = f.wantPreflight()
		return bad
	}
	f.remember(granted, resp.Headers)
	return nil
}

// preflightRequest is step 11 (#cors-preflight-fetch-0). The names are joined without a space, unlike everywhere else.
func (f *flight) preflightRequest() Sent {
	h := Headers{{hAccept, "*/*"}, {httpwords.RequestMethod, f.method}}
	if names := UnsafeRequestHeaderNames(f.headers); len(names) > 0 {
		h = append(h, [2]string{httpwords.RequestHeaders, strings.Join(names, ",")})
	}
	h = append(h, [2]string{httpwords.Origin, f.origin()})
	return Sent{Method: "OPTIONS", URL: withoutFragment(f.url()), Headers: h, Preflight: true}
}
