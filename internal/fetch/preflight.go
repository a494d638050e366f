package fetch

import (
	"fmt"
	"slices"
	"strings"
)

// CauseKind is one of the three things that call for a preflight.
type CauseKind string

// The kinds of causes.
const (
	CauseFlag   CauseKind = "flag"
	CauseMethod CauseKind = "method"
	CauseHeader CauseKind = "header"
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

// NeedsPreflight lists what makes the request, sent across origins in cors mode, ask first; nil if nothing does
// (step 7, #concept-main-fetch).
func NeedsPreflight(r Request) []Cause {
	kept, _, bad := settleHeaders(r.Headers, r.Mode)
	if bad != nil {
		return nil
	}
	return preflightCauses(NormalizeMethod(orDefault(r.Method, "GET")), kept, r.UseCORSPreflight, r.ByPlatform)
}

func preflightCauses(method string, h Headers, flag, byPlatform bool) []Cause {
	var causes []Cause
	if flag {
		causes = append(causes, Cause{Kind: CauseFlag, Name: "use-CORS-preflight", Why: "is set, as by upload listeners and streamed bodies"})
	}
	if byPlatform {
		return causes
	}
	if !IsSafelistedMethod(method) {
		causes = append(causes, Cause{Kind: CauseMethod, Name: method, Why: "is not GET, HEAD or POST"})
	}
	return append(causes, unsafeHeaders(h)...)
}

// preflight runs steps 8 to 19 for the current hop. Only a nil failure lets the request itself go.
func (f *flight) preflight() *Failure {
	note := Preflight{URL: f.url().String(), Causes: f.causes()}
	note.Cached = f.cache != nil && f.cacheCovers()
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
	f.cache.store(f.cacheKey(), granted, MaxAge(resp.Headers, f.cache.limit()))
	return nil
}

// cacheCovers is step 8 (#concept-http-fetch): the safelisted methods need an entry only if the flag is set.
func (f *flight) cacheCovers() bool {
	key := f.cacheKey()
	needsMethod := f.flag || !IsSafelistedMethod(f.method)
	if needsMethod && !f.cache.MatchMethod(key, f.method) {
		return false
	}
	return !slices.ContainsFunc(UnsafeRequestHeaderNames(f.headers), func(name string) bool {
		return !f.cache.MatchHeader(key, name)
	})
}

// preflightRequest is step 11 (#cors-preflight-fetch-0). The names are joined without a space, unlike everywhere else.
func (f *flight) preflightRequest() Sent {
	h := Headers{{hAccept, "*/*"}, {hRequestMethod, f.method}}
	if names := UnsafeRequestHeaderNames(f.headers); len(names) > 0 {
		h = append(h, [2]string{hRequestHeaders, strings.Join(names, ",")})
	}
	h = append(h, [2]string{hOrigin, f.origin()})
	return Sent{Method: "OPTIONS", URL: withoutFragment(f.url()), Headers: h, Preflight: true}
}
