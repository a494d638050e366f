// Package oracle is a second implementation of what a policy makes of a request.
// It reads the handler's JSON and says what the answer must be. It is written to
// be obviously right, not fast: lists are walked, strings are split, nothing is
// compiled or kept. It uses nothing of the other packages of this module, so
// that no mistake can be in both. It also makes up configurations and requests,
// for the handler and the oracle to be compared on.
package oracle

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Config is the handler's JSON.
type Config struct {
	Origins      []string `json:"origins,omitempty"`
	OriginRegexp []string `json:"origin_regexp,omitempty"`
	OriginsFrom  []Source `json:"origins_from,omitempty"`
	Except       []string `json:"except,omitempty"`
	For          []For    `json:"for,omitempty"`
	Rights
	PreflightStatus  int      `json:"preflight_status,omitempty"`
	Preflight        string   `json:"preflight,omitempty"`
	Upstream         string   `json:"upstream,omitempty"`
	Timing           bool     `json:"timing,omitempty"`
	Enforce          []string `json:"enforce,omitempty"`
	ReportOnly       bool     `json:"report_only,omitempty"`
	Debug            bool     `json:"debug,omitempty"`
	Name             string   `json:"name,omitempty"`
	DangerouslyAllow []string `json:"dangerously_allow,omitempty"`

	memory memory // of what endpoints said
}

// Rights are what pages of an origin may do; nil means not said.
type Rights struct {
	Credentials *bool    `json:"credentials,omitempty"`
	Methods     []string `json:"methods,omitzero"`
	Headers     []string `json:"headers,omitzero"`
	Expose      []string `json:"expose,omitzero"`
	MaxAge      string   `json:"max_age,omitempty"`
}

// For is an entry of `for`; what it does not say is inherited.
type For struct {
	Origins []string `json:"origins"`
	Rights
}

// Source is a source of origins that a configuration can spell out:
// `{"source": "test_oracle", "yes": [...], "silent": [...]}`. That with the name
// ask asks Endpoint: see ask.go.
type Source struct {
	Source string   `json:"source"`
	Yes    []string `json:"yes,omitempty"`
	Silent []string `json:"silent,omitempty"` // it cannot say about these

	URL     string `json:"url,omitempty"`
	Timeout string `json:"timeout,omitempty"` // so long that it never ends on a busy machine
	PerHost bool   `json:"per_host,omitempty"`
}

// Request is all of a request that CORS looks at.
type Request struct {
	Method         string
	Host           string
	FetchSite      []string
	Origin         []string
	RequestMethod  []string
	RequestHeaders []string

	Mood         string // of the endpoints, while it is judged
	TLS          bool   // it ended here
	HostVerified bool   // every way to the handler has a matcher with its Host
	WebSocket    bool   // it asks for an upgrade to WebSocket
	ErrorRoute   bool   // it is in a route of handle_errors
}

// Answer is what must come of a request.
type Answer struct {
	Kind, Verdict, Reason string // in the words of the metrics

	Untouched bool // report_only: not a header differs
	Passed    bool // the next handler sees the request
	Status    int  // of an answer or a refusal, where it is not passed

	Fields        map[string]string // what the policy sends, by lower-case name
	ExposeCarried bool              // the names of the response are exposed, Date,
	Exposed       []string          // and these
	Vary          []string
}

// Answer follows section 5 of the contract, "What happens to a request".
func (c *Config) Answer(r *Request) Answer {
	a := Answer{Kind: r.Kind(), Verdict: "none", Fields: map[string]string{}, Untouched: c.ReportOnly}
	rights, origin, reason := c.judge(r)
	a.Vary = c.vary(a.Kind)
	switch {
	case a.Kind == "none":
	case rights != nil:
		a.Verdict = "allowed"
	case reason == "":
		a.Verdict = "same_origin"
	default:
		a.Verdict, a.Reason = "refused", reason
	}
	if c.Timing && a.Kind != "preflight" {
		a.field("timing-allow-origin", c.timing(origin))
	}
	if rights != nil {
		a.Fields["access-control-allow-origin"] = origin
		if rights.credentials {
			a.Fields["access-control-allow-credentials"] = "true"
		}
		if a.Kind == "preflight" {
			a.preflight(r, rights)
		} else {
			a.actual(rights)
		}
	}
	c.route(r, rights != nil, &a)
	if a.Untouched {
		a.Fields, a.Vary, a.ExposeCarried, a.Exposed = nil, nil, false, nil
	}
	return a
}

// route says who answers.
func (c *Config) route(r *Request, originAllowed bool, a *Answer) {
	switch {
	case c.ReportOnly || r.ErrorRoute:
		a.Passed = true
	case a.Kind == "preflight" && c.Preflight == "forward":
		a.Passed = true
	case a.Kind == "preflight" && !originAllowed:
		a.Status = 403
	case a.Kind == "preflight" && c.PreflightStatus != 0:
		a.Status = c.PreflightStatus
	case a.Kind == "preflight":
		a.Status = 204
	case a.Verdict == "refused" && c.enforces(r):
		a.Status = 403
	default:
		a.Passed = true
	}
}

// preflight fills in what is granted and whether it suffices.
func (a *Answer) preflight(r *Request, rights *grant) {
	methods, methodGranted := rights.answerMethod(r.RequestMethod)
	headers, headersReason := rights.answerHeaders(r.RequestHeaders)
	a.field("access-control-allow-methods", methods)
	a.field("access-control-allow-headers", headers)
	a.field("access-control-max-age", rights.maxAge)
	switch {
	case !methodGranted:
		a.Verdict, a.Reason = "refused", "method_not_allowed"
	case headersReason != "":
		a.Verdict, a.Reason = "refused", headersReason
	}
}

// actual fills in what pages may read. Old engines know no `*`, so names beside
// one are sent beside it.
func (a *Answer) actual(rights *grant) {
	names := Distinct(rights.expose, SameName)
	if slices.Contains(names, "*") {
		names = slices.DeleteFunc(names, func(name string) bool { return name == "*" })
		if rights.credentials {
			a.ExposeCarried, a.Exposed = true, names
			return
		}
		names = append([]string{"*"}, names...)
	}
	a.field("access-control-expose-headers", strings.Join(names, ","))
}

// maxTimingList is how many exact origins Timing-Allow-Origin lists.
const maxTimingList = 32

// timing is the value of Timing-Allow-Origin. Images and navigations send no
// Origin, so where the origins are known it is the same on every response
// (section 6); else it is that of Access-Control-Allow-Origin.
func (c *Config) timing(allowOrigin string) string {
	listed := c.listedBefore(len(c.For))
	listed = append(listed, Words(c.Origins)...)
	isExact := func(word string) bool {
		p, ok := ReadPattern(word)
		return ok && !p.isWide()
	}
	listed = Distinct(listed, func(a, b string) bool { return a == b })
	switch {
	case len(Words(c.Except)) > 0:
	case c.allowsAny():
		return "*"
	case len(c.OriginsFrom) > 0 || len(c.OriginRegexp) > 0:
	case len(listed) <= maxTimingList && !slices.ContainsFunc(listed, func(word string) bool { return !isExact(word) }):
		return strings.Join(listed, ",")
	}
	return allowOrigin
}

// enforces reports whether a refusal keeps the request from the handlers behind.
func (c *Config) enforces(r *Request) bool {
	modes := Words(c.Enforce)
	return slices.Contains(modes, "requests") || c.bindsHandshake(r)
}

// bindsHandshake: what is allowed by `*` alone is not meant for a handshake, which
// always carries cookies.
func (c *Config) bindsHandshake(r *Request) bool {
	return r.WebSocket && r.Kind() == "actual" && slices.Contains(Words(c.Enforce), "websockets")
}

func (a *Answer) field(name, value string) {
	if value != "" {
		a.Fields[name] = value
	}
}

// vary: the answer depends on Origin unless it is the same for everybody.
func (c *Config) vary(kind string) []string {
	var tokens []string
	if !c.IsStatic() {
		tokens = append(tokens, "origin")
	}
	if kind == "preflight" {
		tokens = append(tokens, "access-control-request-method", "access-control-request-headers")
	}
	return tokens
}

func (c *Config) allowsAny() bool { return slices.Contains(Words(c.Origins), "*") }

// IsStatic reports whether the answer is the same for everybody. What an upstream
// makes of Origin, nobody knows.
func (c *Config) IsStatic() bool {
	return c.allowsAny() && len(Words(c.Except)) == 0 && len(c.For) == 0 && c.Upstream != "keep"
}

func (c *Config) accepts(danger string) bool {
	return slices.Contains(Words(c.DangerouslyAllow), danger)
}

// grant resolves rights to what they mean.
func (c *Config) grant(r Rights) *grant {
	g := &grant{credentials: r.Credentials != nil && *r.Credentials, maxAge: "7200"}
	g.methods = listOr(r.Methods, "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
	g.headers = listOr(r.Headers, "*", "Authorization")
	g.expose = Words(r.Expose)
	if r.MaxAge != "" {
		d, err := time.ParseDuration(r.MaxAge)
		if err != nil {
			panic(err) // the grammar writes durations only
		}
		g.maxAge = ""
		if d >= 0 {
			g.maxAge = strconv.FormatFloat(d.Seconds(), 'f', 0, 64)
		}
	}
	return g
}

// listOr reads a list that has a default, and in which `none` is nothing.
func listOr(list []string, defaults ...string) []string {
	if list == nil {
		return defaults
	}
	if w := Words(list); len(w) != 1 || !SameName(w[0], "none") {
		return w
	}
	return nil
}

// Words splits the values of a list on white space and commas.
func Words(list []string) (all []string) {
	for _, value := range list {
		for _, separator := range []string{",", "\t", "\n", "\r"} {
			value = strings.ReplaceAll(value, separator, " ")
		}
		for word := range strings.SplitSeq(value, " ") {
			if word != "" {
				all = append(all, word)
			}
		}
	}
	return all
}

// Distinct leaves out what is the same as something before it.
func Distinct(list []string, same func(a, b string) bool) (out []string) {
	for _, s := range list {
		if !slices.ContainsFunc(out, func(other string) bool { return same(s, other) }) {
			out = append(out, s)
		}
	}
	return out
}
