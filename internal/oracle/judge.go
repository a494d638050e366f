package oracle

import (
	"slices"
)

// judge finds the rights of the request's origin, nil for none, and the value
// of Access-Control-Allow-Origin, or the reason why there is none.
func (c *Config) judge(r *Request) (*grant, string, string) {
	switch {
	case c.IsStatic():
		return c.grant(c.Rights), "*", ""
	case r.Kind() == "none":
		return nil, "", ""
	case len(r.Origin) != 1:
		return nil, "", "origin_malformed"
	}
	raw := r.Origin[0]
	if _, ok := ReadOrigin(raw); !ok && raw != "null" {
		return nil, "", "origin_malformed"
	}
	rights, reason := c.rightsOf(raw)
	switch {
	case rights == nil:
		return nil, "", reason
	case c.allowsAny() && !rights.credentials:
		return rights, "*", ""
	default:
		return rights, raw, ""
	}
}

// rightsOf looks a serialized origin, or null, up in all lists.
func (c *Config) rightsOf(raw string) (*grant, string) {
	if AnyMatches(c.Except, raw) {
		return nil, "origin_not_allowed"
	}
	for _, f := range c.For {
		if AnyMatches(f.Origins, raw) {
			return c.grant(f.inherit(c.Rights)), ""
		}
	}
	own := c.grant(c.Rights)
	if AnyMatches(c.Origins, raw) || c.allowsAny() {
		return own, ""
	}
	if raw == "null" { // neither an expression nor a source allows it
		return nil, "origin_not_allowed"
	}
	// What is not listed by name must be secure where there are credentials.
	if own.credentials && isInsecureHTTP(raw) && !c.accepts("insecure_origins") {
		return nil, c.reasonUnlisted(raw)
	}
	for _, expr := range c.OriginRegexp {
		if matchesWhole(expr, raw) {
			return own, ""
		}
	}
	for _, s := range c.OriginsFrom {
		if slices.Contains(s.Yes, raw) {
			return own, ""
		}
	}
	return nil, c.reasonUnlisted(raw)
}

// reasonUnlisted: a source that says yes outweighs one that is silent.
func (c *Config) reasonUnlisted(raw string) string {
	reason := "origin_not_allowed"
	for _, s := range c.OriginsFrom {
		if slices.Contains(s.Yes, raw) {
			return "origin_not_allowed"
		}
		if slices.Contains(s.Silent, raw) {
			reason = "source_unavailable"
		}
	}
	return reason
}

// inherit takes from the policy what a `for` does not say.
func (r Rights) inherit(from Rights) Rights {
	if r.Credentials == nil {
		r.Credentials = from.Credentials
	}
	if r.Methods == nil {
		r.Methods = from.Methods
	}
	if r.Headers == nil {
		r.Headers = from.Headers
	}
	if r.Expose == nil {
		r.Expose = from.Expose
	}
	if r.MaxAge == "" {
		r.MaxAge = from.MaxAge
	}
	return r
}

// Kind: sections "Words" and 5.
func (r *Request) Kind() string {
	switch {
	case !saysSomething(r.Origin):
		return "none"
	case r.Method == "OPTIONS" && saysSomething(r.RequestMethod):
		return "preflight"
	default:
		return "actual"
	}
}

// saysSomething: an empty line is like none. Several lines are something, and
// wrong, whatever they hold.
func saysSomething(lines []string) bool {
	return len(lines) > 1 || len(lines) == 1 && lines[0] != ""
}

// isSameOrigin: the browser says so, or Origin's host and port are Host's. The
// scheme is not compared, as TLS may end in front of the server.
func (r *Request) isSameOrigin() bool {
	if len(r.FetchSite) == 1 && r.FetchSite[0] == "same-origin" {
		return true
	}
	if len(r.Origin) != 1 {
		return false
	}
	o, ok := ReadOrigin(r.Origin[0])
	if !ok {
		return false
	}
	host := Lower(r.Host)
	if o.Port != "" {
		return host == o.Host+":"+o.Port
	}
	return host == o.Host || host == o.Host+":80" && o.Scheme == "http" || host == o.Host+":443" && o.Scheme == "https"
}
