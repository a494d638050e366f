package browser

import (
	"errors"
	"net/url"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// flight is a fetch under way: the request as it changes from hop to hop.
type flight struct {
	page         Page
	method       string
	headers      Headers
	mode         Mode
	credentials  CredentialsMode
	redirectMode RedirectMode
	policy       ReferrerPolicy
	flag         bool
	byPlatform   bool
	urls         []*url.URL // never empty once begun; the last is the current one
	tainting     Tainting
	guarded      bool // some hop was of the kind that preflights, which puts its cache entries at stake

	roundTrip RoundTrip
	cache     PreflightCache
	v         Verdict
}

func (f *flight) url() *url.URL   { return f.urls[len(f.urls)-1] }
func (f *flight) causes() []Cause { return preflightCauses(f.method, f.headers, f.flag, f.byPlatform) }

// begin is steps 1 to 3, and what the Request constructor throws at (#dom-request).
func begin(page Page, r Request) (*flight, *Failure) {
	f := &flight{
		page: page, method: NormalizeMethod(orDefault(r.Method, "GET")), tainting: TaintingBasic,
		mode:         orDefault(r.Mode, ModeCORS),
		credentials:  orDefault(r.Credentials, CredentialsSameOrigin),
		redirectMode: orDefault(r.Redirect, RedirectFollow),
		policy:       orDefault(r.Policy, PolicyStrictOriginOnCross),
		flag:         r.UseCORSPreflight, byPlatform: r.ByPlatform,
	}
	f.v.URL = r.URL
	if !IsMethod(f.method) {
		return f, fail(MethodInvalid, "%q is no method, so the page's own call throws", f.method)
	}
	if IsForbiddenMethod(f.method) {
		return f, fail(MethodForbidden, "browsers refuse the method %s", f.method)
	}
	if f.mode == ModeNoCORS && !httpwords.IsSafelistedMethod(f.method) {
		return f, fail(NoCORSMethod, "mode no-cors takes GET, HEAD and POST, not %s", f.method)
	}
	var bad *Failure
	if f.headers, f.v.Dropped, bad = pageHeaders(r.Headers, f.mode); bad != nil {
		return f, bad
	}
	return f, f.open(r.URL)
}

// open parses the first URL. A WebSocket handshake is an http(s) request that does not follow redirects
// (https://websockets.spec.whatwg.org/#concept-websocket-establish).
func (f *flight) open(raw string) *Failure {
	u, err := parseURL(raw, nil)
	if err != nil {
		return fail(URLInvalid, "%v", err)
	}
	if includesCredentials(u) && f.mode != ModeNavigate && f.mode != ModeWebSocket {
		return fail(URLCredentials, "the URL has a user name or password in it, so the page's own call throws")
	}
	if f.mode == ModeWebSocket {
		f.redirectMode = RedirectError
		f.headers = append(f.headers, handshake()...)
		if secure, ok := map[string]string{"ws": "http", "wss": "https"}[u.Scheme]; ok {
			u.Scheme = secure
		}
	}
	f.urls = []*url.URL{u}
	return nil
}

// route is step 4: it sets the tainting (#concept-main-fetch). Once lost, basic does not come back: a redirect to the
// page's own origin by way of another still needs the CORS headers.
func (f *flight) route() *Failure {
	home := f.page.Origin.SameOrigin(originOf(f.url())) && f.tainting == TaintingBasic
	free := home || f.mode == ModeNavigate || f.mode == ModeWebSocket
	switch {
	case !free && f.mode == ModeSameOrigin:
		return fail(SameOriginMode, "mode same-origin, and %s is not of the origin %s", f.url(), f.page.Origin)
	case !free && f.mode == ModeNoCORS && f.redirectMode != RedirectFollow:
		return fail(NoCORSRedirectMode, "mode no-cors across origins only follows redirects, and the page asked for %s", f.redirectMode)
	case !isHTTP(f.url()):
		return fail(SchemeNotHTTP, "%s is neither http nor https", f.url())
	case free:
		f.tainting = TaintingBasic
	case f.mode == ModeNoCORS:
		f.tainting = TaintingOpaque
	default:
		f.tainting = TaintingCORS
	}
	return nil
}

// request is the request itself as it goes over the wire.
func (f *flight) request() Sent {
	h := append(Headers{}, f.headers...)
	if !h.Has(hAccept) {
		h = append(h, [2]string{hAccept, "*/*"})
	}
	if origin, ok := f.originHeader(); ok {
		h = append(h, [2]string{httpwords.Origin, origin})
	}
	credentials := f.credentials == CredentialsInclude ||
		f.credentials == CredentialsSameOrigin && f.tainting == TaintingBasic
	return Sent{Method: f.method, URL: withoutFragment(f.url()), Headers: h, Credentials: credentials}
}

func (f *flight) send(s Sent) (Response, error) {
	if f.roundTrip == nil {
		return Response{}, errors.New("no transport")
	}
	resp, err := f.roundTrip(s)
	f.v.Exchanges = append(f.v.Exchanges, Exchange{
		Sent: s, Response: resp, SetsCookies: s.Credentials && resp.Headers.Has(hSetCookie),
	})
	return resp, err
}

func orDefault[T ~string](value, def T) T {
	if value == "" {
		return def
	}
	return value
}
