package browser

import (
	"fmt"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// corsCheck judges whether an answer may be shared with the origin that the request carried (steps 21 to 26,
// #concept-cors-check). Nil means that it may. Everything is compared byte by byte: there are no lists of origins,
// no patterns, no other spellings of the same origin.
func corsCheck(origin string, credentials CredentialsMode, h Headers) *Failure {
	allowed, ok := h.Get(httpwords.AllowOrigin)
	if !ok {
		return fail(ACAOMissing, "the answer has no %s", httpwords.AllowOrigin)
	}
	if credentials != CredentialsInclude && allowed == "*" {
		return nil
	}
	if allowed != origin {
		return originMismatch(origin, allowed, len(h.Values(httpwords.AllowOrigin)))
	}
	if credentials != CredentialsInclude {
		return nil
	}
	switch value, ok := h.Get(httpwords.AllowCredentials); {
	case !ok:
		return fail(ACACNotTrue, "the page includes credentials, and the answer has no %s", httpwords.AllowCredentials)
	case value != "true":
		return fail(ACACNotTrue, "the page includes credentials, and %s is %q instead of the exact word true", httpwords.AllowCredentials, value)
	}
	return nil
}

// originMismatch tells the ways to fail step 23 apart. The standard does not, but their cures differ.
func originMismatch(origin, allowed string, lines int) *Failure {
	switch {
	case lines > 1:
		return fail(ACAOMultiple, "the answer has %d lines of %s, which join to %q; send one", lines, httpwords.AllowOrigin, allowed)
	case strings.Contains(allowed, ","):
		return fail(ACAOMultiple, "%s is %q; it takes one origin, not a list", httpwords.AllowOrigin, allowed)
	case allowed == "*":
		return fail(ACAOStarCredentials, "%s is *, which allows no page that includes credentials, as this one (%s) does", httpwords.AllowOrigin, origin)
	}
	return fail(ACAOMismatch, "%s is %q, but the request came from %q%s", httpwords.AllowOrigin, allowed, origin, mismatchHint(origin, allowed))
}

func mismatchHint(origin, allowed string) string {
	parsed, err := ParseOrigin(strings.TrimSuffix(allowed, "/"))
	switch {
	case strings.Contains(allowed, "*"):
		return "; browsers know no patterns in it"
	case err == nil && parsed.String() == origin:
		return "; it must be spelled the same to the byte: lower case, no slash, no default port"
	case origin == "null" && err == nil:
		return "; a sandboxed page has the origin null, and so has a request that another origin redirected"
	}
	return ""
}

// wantShared is the headers that would have passed the CORS check; nil if none should. An origin of null is any
// sandboxed page in the world, so only the star is offered for it, which credentials rule out.
func (f *flight) wantShared() Headers {
	origin := f.origin()
	switch {
	case f.credentials == CredentialsInclude && origin == "null":
		return nil
	case f.credentials == CredentialsInclude:
		return Headers{{httpwords.AllowOrigin, origin}, {httpwords.AllowCredentials, "true"}}
	case origin == "null":
		return Headers{{httpwords.AllowOrigin, "*"}}
	}
	return Headers{{httpwords.AllowOrigin, origin}}
}

// exposedNames lists, lower-case and sorted, the headers of a shared answer that the page may read (step 30,
// #concept-filtered-response-cors). An Access-Control-Expose-Headers that does not parse exposes nothing more.
func exposedNames(h Headers, credentials CredentialsMode) []string {
	return slices.DeleteFunc(h.Names(), func(name string) bool { return !Exposes(h, credentials, name) })
}

// Exposes reports whether a page may read a header of a shared answer: the question of step 30 about one name, whether
// or not the answer has it.
func Exposes(h Headers, credentials CredentialsMode, name string) bool {
	listed, _ := ExtractHeaderListValues(h, httpwords.ExposeHeaders) // nil on failure, as if absent
	all := credentials != CredentialsInclude && slices.Contains(listed, "*")
	return !httpwords.IsForbiddenResponseHeader(lower(name)) &&
		(all || httpwords.IsSafelistedResponseHeader(lower(name)) || containsFold(listed, name))
}

// basicNames is what a page reads of its own origin (#concept-filtered-response-basic).
func basicNames(h Headers) []string {
	return slices.DeleteFunc(h.Names(), func(name string) bool { return httpwords.IsForbiddenResponseHeader(name) })
}

// receive is steps 27 and 28 (#concept-http-fetch): what every answer meets, whatever its status, before redirects are
// looked at.
func (f *flight) receive(resp Response) *Failure {
	if resp.Status < 200 && f.mode != ModeWebSocket {
		return fail(InterimOnly, "status %d is no final answer", resp.Status)
	}
	if f.tainting != TaintingCORS {
		return nil
	}
	bad := corsCheck(f.origin(), f.credentials, resp.Headers)
	if bad == nil {
		return nil
	}
	if h := f.wantShared(); h != nil {
		f.v.Want = &Response{Status: resp.Status, Headers: h}
	}
	if !f.page.Origin.Opaque() && redirectTainted(f.page.Origin, f.hopOrigins()) {
		bad.Detail += fmt.Sprintf("; the redirects took %s out of Origin, so give the page the last URL", f.page.Origin)
	}
	return bad
}
