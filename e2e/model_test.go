package e2e

import (
	"slices"
	"strconv"
	"strings"
)

// model says what must come of a random case, from what the operator wrote and
// the page did, without a look at any header of CORS. It is a third opinion
// beside the simulator's and the browsers'. Empty: it has none.
func (r *random) model(status int) string {
	if r.keep {
		return "" // the upstream may decide
	}
	s := r.step
	page, method := s.Page, s.Method
	for _, m := range []string{"DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"} {
		if strings.EqualFold(m, method) {
			method = m
		}
	}
	auth := ""
	if r.sets("Authorization") {
		auth = "+auth"
	}
	got := strconv.Itoa(status)
	if s.host == "app" && pages[page].origin == "app" {
		at := ""
		if method == "GET" || method == "HEAD" {
			at = "@none"
		}
		return method + at + auth + ": " + got
	}
	at := ""
	if o := pages[page].origin; o != "app" {
		at = "@" + o
	}
	verdict := got
	if !r.allows(page) || s.Credentials == "include" && !r.credentials {
		verdict = "error"
	}
	if !r.asks(method) {
		return method + at + auth + ": " + verdict
	}
	if verdict == "error" || !r.covers(method) {
		return "preflight" + at + ": error"
	}
	return "preflight" + at + " " + method + at + auth + ": " + got
}

func (r *random) sets(name string) bool {
	return slices.ContainsFunc(r.custom, func(l line) bool { return l.name == name })
}

func (r *random) allows(page string) bool {
	origin := pages[page].origin
	if r.except == "<"+origin+">" {
		return false
	}
	return slices.ContainsFunc(r.origins, func(c choice) bool {
		return slices.Contains(strings.Fields(c.pages), page)
	})
}

// asks reports whether the page needs a preflight.
func (r *random) asks(method string) bool {
	simple := method == "GET" || method == "HEAD" || method == "POST"
	return !simple || r.step.Upload || slices.ContainsFunc(r.custom, func(l line) bool { return l.unsafe })
}

// covers reports whether the lists cover what the preflight asks for.
func (r *random) covers(method string) bool {
	methods := r.methods
	if methods == nil {
		methods = []string{"PUT", "PATCH", "DELETE"}
	}
	simple := method == "GET" || method == "HEAD" || method == "POST"
	// By the letter a listener to the upload gets any method past a list that
	// is absent (#cors-preflight-fetch-0, step 7), as that of `methods none` is.
	simple = simple || r.step.Upload && len(methods) == 0
	if !simple && !slices.Contains(methods, method) && !slices.Contains(methods, "*") {
		return false
	}
	headers := r.headers
	if headers == nil {
		headers = []string{"*", "Authorization"}
	}
	for _, l := range r.custom {
		star := slices.Contains(headers, "*") && l.name != "Authorization"
		if l.unsafe && !star && !slices.ContainsFunc(headers, func(h string) bool { return strings.EqualFold(h, l.name) }) {
			return false
		}
	}
	return true
}
