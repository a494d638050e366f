package cors

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// The oracle is a second implementation of what a policy makes of a request. It
// reads the handler's JSON and says what the answer must be. It is written to be
// obviously right, not fast: lists are walked, strings are split, nothing is
// compiled or kept. It uses nothing of the package or of internal/origin, so
// that no mistake can be in both.

// oracleConfig is the handler's JSON.
type oracleConfig struct {
	Origins      []string       `json:"origins,omitempty"`
	OriginRegexp []string       `json:"origin_regexp,omitempty"`
	OriginsFrom  []oracleSource `json:"origins_from,omitempty"`
	Except       []string       `json:"except,omitempty"`
	For          []oracleFor    `json:"for,omitempty"`
	oracleRights
	PreflightStatus  int      `json:"preflight_status,omitempty"`
	Preflight        string   `json:"preflight,omitempty"`
	Upstream         string   `json:"upstream,omitempty"`
	Timing           bool     `json:"timing,omitempty"`
	Enforce          []string `json:"enforce,omitempty"`
	ReportOnly       bool     `json:"report_only,omitempty"`
	Debug            bool     `json:"debug,omitempty"`
	Name             string   `json:"name,omitempty"`
	DangerouslyAllow []string `json:"dangerously_allow,omitempty"`
}

// oracleRights are what pages of an origin may do; nil means not said.
type oracleRights struct {
	Credentials *bool    `json:"credentials,omitempty"`
	Methods     []string `json:"methods,omitzero"`
	Headers     []string `json:"headers,omitzero"`
	Expose      []string `json:"expose,omitzero"`
	MaxAge      string   `json:"max_age,omitempty"`
}

type oracleFor struct {
	Origins []string `json:"origins"`
	oracleRights
}

// oracleRequest is all of a request that CORS looks at.
type oracleRequest struct {
	method         string
	host           string
	fetchSite      []string
	origin         []string
	requestMethod  []string
	requestHeaders []string

	webSocket  bool // it asks for an upgrade to WebSocket
	errorRoute bool // it is in a route of handle_errors
}

// oracleAnswer is what must come of a request.
type oracleAnswer struct {
	kind, verdict, reason string // in the words of the metrics

	untouched bool // report_only: not a header differs
	passed    bool // the next handler sees the request
	status    int  // of an answer or a refusal, where it is not passed

	fields        map[string]string // what the policy sends, by lower-case name
	exposeCarried bool              // the names of the response are exposed
	vary          []string
}

// answer follows section 5 of the contract, "What happens to a request".
func (c *oracleConfig) answer(r *oracleRequest) oracleAnswer {
	a := oracleAnswer{kind: r.kind(), verdict: "none", fields: map[string]string{}, untouched: c.ReportOnly}
	rights, origin, reason := c.judge(r)
	a.vary = c.vary(a.kind)
	switch {
	case a.kind == "none":
	case rights != nil:
		a.verdict = "allowed"
	case a.kind == "actual" && r.isSameOrigin():
		a.verdict = "same_origin"
	default:
		a.verdict, a.reason = "refused", reason
	}
	if rights != nil {
		a.fields["access-control-allow-origin"] = origin
		if rights.credentials {
			a.fields["access-control-allow-credentials"] = "true"
		}
		if a.kind == "preflight" {
			a.preflight(r, rights)
		} else {
			a.actual(c, rights, origin)
		}
	}
	c.route(r, rights != nil, &a)
	return a
}

// route says who answers.
func (c *oracleConfig) route(r *oracleRequest, originAllowed bool, a *oracleAnswer) {
	enforced := slices.Contains(words(c.Enforce), "requests") || slices.Contains(words(c.Enforce), "websockets") && r.webSocket
	switch {
	case c.ReportOnly || r.errorRoute:
		a.passed = true
	case a.kind == "preflight" && c.Preflight == "forward":
		a.passed = true
	case a.kind == "preflight" && !originAllowed:
		a.status = 403
	case a.kind == "preflight" && c.PreflightStatus != 0:
		a.status = c.PreflightStatus
	case a.kind == "preflight":
		a.status = 204
	case a.verdict == "refused" && enforced:
		a.status = 403
	default:
		a.passed = true
	}
}

// preflight fills in what is granted and whether it suffices.
func (a *oracleAnswer) preflight(r *oracleRequest, rights *oracleGrant) {
	methods, methodGranted := rights.answerMethod(r.requestMethod)
	headers, headersReason := rights.answerHeaders(r.requestHeaders)
	a.field("access-control-allow-methods", methods)
	a.field("access-control-allow-headers", headers)
	a.field("access-control-max-age", rights.maxAge)
	switch {
	case !methodGranted:
		a.verdict, a.reason = "refused", "method_not_allowed"
	case headersReason != "":
		a.verdict, a.reason = "refused", headersReason
	}
}

func (a *oracleAnswer) actual(c *oracleConfig, rights *oracleGrant, origin string) {
	if c.Timing {
		a.fields["timing-allow-origin"] = origin
	}
	if !slices.Contains(rights.expose, "*") {
		a.field("access-control-expose-headers", strings.Join(distinct(rights.expose, sameName), ","))
	} else if rights.credentials {
		a.exposeCarried = true
	} else {
		a.fields["access-control-expose-headers"] = "*"
	}
}

func (a *oracleAnswer) field(name, value string) {
	if value != "" {
		a.fields[name] = value
	}
}

// vary: the answer depends on Origin unless it is the same for everybody.
func (c *oracleConfig) vary(kind string) []string {
	var tokens []string
	if !c.isStatic() {
		tokens = append(tokens, "origin")
	}
	if kind == "preflight" {
		tokens = append(tokens, "access-control-request-method", "access-control-request-headers")
	}
	return tokens
}

func (c *oracleConfig) allowsAny() bool { return slices.Contains(words(c.Origins), "*") }

func (c *oracleConfig) isStatic() bool {
	return c.allowsAny() && len(words(c.Except)) == 0 && len(c.For) == 0
}

func (c *oracleConfig) accepts(danger string) bool {
	return slices.Contains(words(c.DangerouslyAllow), danger)
}

// grant resolves rights to what they mean.
func (c *oracleConfig) grant(r oracleRights) *oracleGrant {
	g := &oracleGrant{credentials: r.Credentials != nil && *r.Credentials, maxAge: "7200"}
	g.methods = listOr(r.Methods, "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
	g.headers = listOr(r.Headers, "*", "Authorization")
	g.expose = words(r.Expose)
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
	if w := words(list); !slices.Equal(w, []string{"none"}) {
		return w
	}
	return nil
}

// words splits the values of a list on white space and commas.
func words(list []string) (all []string) {
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

// distinct leaves out what is the same as something before it.
func distinct(list []string, same func(a, b string) bool) (out []string) {
	for _, s := range list {
		if !slices.ContainsFunc(out, func(other string) bool { return same(s, other) }) {
			out = append(out, s)
		}
	}
	return out
}
