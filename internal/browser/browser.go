// Package browser is the browser's side of CORS: a page and a request go in, a server's answers come in through a
// function, and a verdict comes out, with the step of the Fetch Standard (https://fetch.spec.whatwg.org/, review draft
// of June 2026) that decided it.
//
// It opens no connection. What answers may be a simulation, a live server or a cache.
//
// The steps are numbered 1 to 37 in the order in which a browser takes them:
//
//	1-4    method, headers and URL of the page; is it CORS at all
//	5-8    is a preflight needed, and does the cache spare it
//	9-10   the Origin header
//	11-20  the preflight and its cache
//	21-26  the CORS check
//	27-31  the answer, and what the page sees of it
//	32-37  redirects
//
// Left out, as no server that sets CORS headers can influence it: service workers, mixed content, CSP, HSTS, ports
// that browsers refuse, the Sec-Fetch-* headers, and same-site as a notion.
package browser

// Browser carries what outlives one fetch.
type Browser struct {
	RoundTrip RoundTrip
	Cache     PreflightCache // nil: every preflight is sent
}

// Fetch plays one fetch in a fresh browser.
func Fetch(page Page, r Request, rt RoundTrip) Verdict {
	return (&Browser{RoundTrip: rt}).Fetch(page, r)
}

// Fetch plays one fetch of the page, redirects included.
func (b *Browser) Fetch(page Page, r Request) Verdict {
	f, bad := begin(page, r)
	if bad != nil {
		return f.end(NotSent, bad)
	}
	f.roundTrip, f.cache = b.RoundTrip, b.Cache
	for {
		if v, done := f.hop(); done {
			return v
		}
	}
}

// hop is steps 4 to 37 for the current URL; not done means that the answer leads to another one.
func (f *flight) hop() (v Verdict, done bool) {
	if bad := f.route(); bad != nil {
		if len(f.urls) > 1 {
			return f.end(Blocked, bad), true
		}
		return f.end(NotSent, bad), true
	}
	if f.tainting == TaintingCORS && len(f.causes()) > 0 {
		f.guarded = true
		if bad := f.preflight(); bad != nil {
			return f.end(outcomeOf(bad, PreflightFailed), bad), true
		}
	}
	return f.exchange()
}

// exchange sends the request itself and judges the answer.
func (f *flight) exchange() (v Verdict, done bool) {
	resp, err := f.send(f.request())
	if err != nil {
		f.v.Err = err
		return f.end(NetworkError, fail(NoAnswer, "the request got no answer: %v", err)), true
	}
	if bad := f.receive(resp); bad != nil {
		return f.end(outcomeOf(bad, Blocked), bad), true
	}
	if !isRedirect(resp.Status) {
		return f.finish(resp), true
	}
	again, bad := f.redirect(resp)
	switch {
	case bad != nil:
		return f.end(outcomeOf(bad, Blocked), bad), true
	case !again:
		return f.finish(resp), true
	}
	return Verdict{}, false
}

// outcomeOf is def, unless the reason is one that no server decided.
func outcomeOf(bad *Failure, def Outcome) Outcome {
	switch bad.Reason {
	case RedirectModeManual:
		return Opaque
	case PreflightNoAnswer, InterimOnly:
		return NetworkError
	default:
		return def
	}
}

// finish filters an answer that nothing stands against (#concept-main-fetch, step 14).
func (f *flight) finish(resp Response) Verdict {
	switch {
	case f.tainting == TaintingOpaque:
		return f.end(Opaque, fail(NoCORS, "mode no-cors: the answer is used, but the page reads nothing of it"))
	case f.mode == ModeWebSocket:
		return f.finishHandshake(resp)
	case f.tainting == TaintingBasic:
		f.v.Exposed = basicNames(resp.Headers)
	default:
		f.v.Exposed = exposedNames(resp.Headers, f.credentials)
	}
	f.v.Status = resp.Status
	return f.end(Readable, nil)
}

// end closes the verdict. After a network error nothing that a preflight said of this origin and URL is believed any
// more (step 20).
func (f *flight) end(outcome Outcome, bad *Failure) Verdict {
	if f.mode == ModeWebSocket && f.v.Err == nil && (outcome == Blocked || outcome == NetworkError) {
		outcome = Refused
	}
	f.v.Outcome, f.v.Tainting = outcome, f.tainting
	if bad != nil {
		f.v.Failure = *bad
	}
	if len(f.urls) > 0 {
		f.v.URL = f.url().String()
	}
	if f.cache != nil && f.guarded && (outcome == PreflightFailed || outcome == Blocked || outcome == NetworkError) {
		f.cache.Clear(f.cacheKey())
	}
	return f.v
}
