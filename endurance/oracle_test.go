package endurance

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// The oracle says what a response's headers must be. It is a second, plain
// reading of the Fetch Standard and of the manual, and uses no code of the
// handler: it takes its time, and knows which of the origins that the test
// sends are malformed instead of parsing them.

// The headers that it judges.
const (
	allowOrigin      = "Access-Control-Allow-Origin"
	allowCredentials = "Access-Control-Allow-Credentials"
	allowMethods     = "Access-Control-Allow-Methods"
	allowHeaders     = "Access-Control-Allow-Headers"
	exposeHeaders    = "Access-Control-Expose-Headers"
	maxAge           = "Access-Control-Max-Age"
	timingAllow      = "Timing-Allow-Origin"
)

// answer is what a response must look like.
type answer struct {
	untouched bool // no policy governs it

	kind     string // none, actual, preflight
	decision string // none, allowed, refused, same_origin
	reason   string

	headers   map[string]string // of CORS; all others are wrong
	exposeAll bool              // Expose-Headers names what is there
	vary      []string
	status    int // 0: the backend's
}

// listing is what a source says of an origin.
type listing int

const (
	listedNo listing = iota
	listedYes
	listedUnknown
)

// expect is the answer of a policy to a request, given what its source says.
func (p *policy) expect(r *request, listed listing) *answer {
	if p == nil || p.reportOnly {
		return &answer{untouched: true, kind: r.kind(), decision: "none"}
	}
	a := &answer{kind: r.kind(), decision: "none", headers: make(map[string]string)}
	a.vary = p.varies(a.kind)
	if a.kind == "none" && !p.static() {
		return a
	}
	allowed, value, reason := p.judge(r, listed)
	if allowed == nil {
		a.refuse(p, r, reason)
		return a
	}
	if a.kind != "none" {
		a.decision = "allowed"
	}
	a.headers[allowOrigin] = value
	if allowed.withCredentials() {
		a.headers[allowCredentials] = "true"
	}
	if p.timing && a.kind != "preflight" {
		a.headers[timingAllow] = value
	}
	if a.kind == "preflight" {
		a.preflight(p, allowed, r)
		return a
	}
	a.expose(allowed)
	return a
}

// refuse: nothing is granted; what that means depends on the request.
func (a *answer) refuse(p *policy, r *request, reason string) {
	a.decision, a.reason = "refused", reason
	webSocket := strings.EqualFold(r.header.Get("Upgrade"), "websocket")
	switch {
	case a.kind == "preflight":
		if !p.forward {
			a.status = http.StatusForbidden
		}
	case r.sameOrigin():
		a.decision, a.reason = "same_origin", ""
	case p.enforce == "requests", p.enforce == "websockets" && webSocket:
		a.status = http.StatusForbidden
	}
}

// static: the answer is the same for everybody.
func (p *policy) static() bool {
	return slices.Contains(p.origins, "*") && len(p.except) == 0 && len(p.fors) == 0
}

func (p *policy) varies(kind string) []string {
	var vary []string
	if !p.static() {
		vary = append(vary, "origin")
	}
	if kind == "preflight" {
		vary = append(vary, "access-control-request-method", "access-control-request-headers")
	}
	return vary
}

// judge finds the rights of the request's origin, and the value of
// Access-Control-Allow-Origin.
func (p *policy) judge(r *request, listed listing) (allowed *rights, value, reason string) {
	if p.static() {
		return &p.rights, "*", ""
	}
	if r.malformed() {
		return nil, "", "origin_malformed"
	}
	origin := r.header.Get("Origin")
	if slices.ContainsFunc(p.except, func(pattern string) bool { return covers(pattern, origin) }) {
		return nil, "", "origin_not_allowed"
	}
	anybody := slices.Contains(p.origins, "*")
	value = origin
	allowed = p.rightsOf(origin, listed)
	switch {
	case allowed != nil && anybody && !allowed.withCredentials():
		return allowed, "*", ""
	case allowed != nil:
		return allowed, value, ""
	case listed == listedUnknown && origin != "null":
		return nil, "", "source_unavailable"
	}
	return nil, "", "origin_not_allowed"
}

func (p *policy) rightsOf(origin string, listed listing) *rights {
	for _, f := range p.fors {
		if slices.ContainsFunc(f.origins, func(pattern string) bool { return covers(pattern, origin) }) {
			r := f.rights.inherit(p.rights)
			return &r
		}
	}
	switch {
	case slices.ContainsFunc(p.origins, func(pattern string) bool { return covers(pattern, origin) }),
		p.regexp != "" && regexp.MustCompile(p.regexp).MatchString(origin),
		listed == listedYes && origin != "null":
		return &p.rights
	}
	return nil
}

// covers reports whether a pattern of the manual stands for a well-formed
// origin.
func covers(pattern, origin string) bool {
	if pattern == "*" || pattern == origin {
		return true
	}
	scheme, host, _ := strings.Cut(origin, "://")
	patternScheme, patternHost, ok := strings.Cut(pattern, "://")
	if !ok || scheme != patternScheme {
		return false
	}
	if wanted, anyPort := strings.CutSuffix(patternHost, ":*"); anyPort {
		name, _, _ := strings.Cut(host, ":")
		return name == wanted
	}
	if parent, ok := strings.CutPrefix(patternHost, "**."); ok {
		return strings.HasSuffix(host, "."+parent)
	}
	if parent, ok := strings.CutPrefix(patternHost, "*."); ok {
		label, rest, _ := strings.Cut(host, ".")
		return label != "" && rest == parent
	}
	return false
}

// preflight fills in what is granted.
func (a *answer) preflight(p *policy, allowed *rights, r *request) {
	if !p.forward {
		a.status = http.StatusNoContent
		if p.status != 0 {
			a.status = p.status
		}
	}
	a.set(maxAge, allowed.seconds())
	methods, methodOK := allowed.grantMethods(r)
	a.set(allowMethods, methods)
	headers, reason := allowed.grantHeaders(r)
	a.set(allowHeaders, headers)
	if !methodOK {
		reason = "method_not_allowed"
	}
	if reason != "" {
		a.decision, a.reason = "refused", reason
	}
}

func (a *answer) set(name, value string) {
	if value != "" {
		a.headers[name] = value
	}
}

func (a *answer) expose(allowed *rights) {
	if slices.Contains(allowed.expose, "*") && allowed.withCredentials() {
		a.exposeAll = true
		return
	}
	a.set(exposeHeaders, strings.Join(allowed.expose, ","))
}
