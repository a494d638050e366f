// Package browsertest is what tests put around package browser: answers to judge one at a time, the caches of a browser,
// and servers that say yes.
package browsertest

import (
	"errors"
	"slices"

	"github.com/caddy-cors/caddy-cors/internal/browser"
)

// errStop ends a fetch that went as far as the judgement needs.
var errStop = errors.New("the judgement ends here")

// JudgePreflight judges one answer to the preflight of a cross-origin request, whether or not the request needs one.
// The outcome is PreflightPassed or PreflightFailed (NotSent if the page's own call throws). The URL must be of another
// origin than the page.
func JudgePreflight(page browser.Page, r browser.Request, resp browser.Response) browser.Verdict {
	rt := func(s browser.Sent) (browser.Response, error) {
		if s.Preflight {
			return resp, nil
		}
		return browser.Response{}, errStop
	}
	v := browser.Fetch(page, r, rt)
	if errors.Is(v.Err, errStop) && len(v.Preflights) == 0 { // then ask as an upload listener makes a page ask
		r.UseCORSPreflight = true
		v = browser.Fetch(page, r, rt)
	}
	if errors.Is(v.Err, errStop) {
		v.Outcome, v.Failure, v.Err = browser.PreflightPassed, browser.Failure{}, nil
	}
	return v
}

// JudgeResponse judges one answer to the request itself, as if its preflight, if any, had passed. A redirect that the
// browser would follow is Readable: the answer was good, and where it leads is another question.
func JudgeResponse(page browser.Page, r browser.Request, resp browser.Response) browser.Verdict {
	v := judgeFirst(page, r, resp)
	if errors.Is(v.Err, errStop) { // without Location, the redirect itself is the result
		resp.Headers = resp.Headers.Without("Location")
		v = judgeFirst(page, r, resp)
	}
	v.Preflights = nil
	v.Exchanges = slices.DeleteFunc(v.Exchanges, func(e browser.Exchange) bool { return e.Sent.Preflight })
	return v
}

// judgeFirst stops in front of a second hop.
func judgeFirst(page browser.Page, r browser.Request, resp browser.Response) browser.Verdict {
	answered := false
	return browser.Fetch(page, r, func(s browser.Sent) (browser.Response, error) {
		switch {
		case answered:
			return browser.Response{}, errStop
		case s.Preflight:
			return Consent(s), nil
		}
		answered = true
		return resp, nil
	})
}

// Consent is what a server that allows everything answers.
func Consent(s browser.Sent) browser.Response {
	origin, _ := s.Headers.Get("Origin")
	resp := Answer(200, "Access-Control-Allow-Origin", origin, "Access-Control-Allow-Credentials", "true")
	if s.Preflight {
		method, _ := s.Headers.Get("Access-Control-Request-Method")
		names, _ := s.Headers.Get("Access-Control-Request-Headers")
		resp.Headers = append(resp.Headers, Header("Access-Control-Allow-Methods", method, "Access-Control-Allow-Headers", names)...)
	}
	return resp
}

// Answer makes a response of a status and of name, value, name, value.
func Answer(status int, pairs ...string) browser.Response {
	return browser.Response{Status: status, Headers: Header(pairs...)}
}

// Header makes a header list of name, value, name, value.
func Header(pairs ...string) browser.Headers {
	var h browser.Headers
	for pair := range slices.Chunk(pairs, 2) {
		h = append(h, [2]string(pair))
	}
	return h
}
