package oracle

import (
	"net/netip"
	"slices"
	"strings"
)

// judge finds the rights of the request's origin, and the value of
// Access-Control-Allow-Origin. Without rights there is a reason, or the request is
// the site's own. The order is that of section 5, item 7.
func (c *Config) judge(r *Request) (rights *grant, allowOrigin, reason string) {
	switch {
	case c.IsStatic() && !c.bindsHandshake(r):
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
	rights = c.ownRightsOf(raw, c.bindsHandshake(r))
	if rights == nil && r.Kind() == "actual" && r.isSite() {
		if c.enforces(r) && !r.isHostVerified() {
			return nil, "", "host_not_verified"
		}
		return nil, "", ""
	}
	if rights == nil { // also if `*` would allow it, but not a handshake
		if rights, reason = c.sourceRightsOf(r); rights == nil {
			return nil, "", reason
		}
		return rights, raw, ""
	}
	switch {
	case c.allowsAny() && !rights.credentials:
		return rights, "*", ""
	default:
		return rights, raw, ""
	}
}

// ownRightsOf looks a serialized origin, or null, up in the policy's lists.
func (c *Config) ownRightsOf(raw string, handshake bool) *grant {
	if AnyMatches(c.Except, raw) {
		return nil
	}
	for _, f := range c.For {
		if AnyMatches(f.Origins, raw) {
			return c.grant(f.inherit(c.Rights))
		}
	}
	if AnyMatches(c.Origins, raw) || c.allowsAny() && !handshake {
		return c.grant(c.Rights)
	}
	if !c.mayAdd(raw) || isOpaque(raw) {
		return nil
	}
	for _, expr := range c.expressions() {
		if matchesWhole(expr, raw) {
			return c.grant(c.Rights)
		}
	}
	return nil
}

// mayAdd: what is not listed by name, but by an expression or a source, must be
// secure where there are credentials, and have a name.
func (c *Config) mayAdd(raw string) bool {
	credentials := c.grant(c.Rights).credentials
	switch {
	case raw == "null" || AnyMatches(c.Except, raw):
		return false
	case isOpaque(raw):
		return !credentials && c.accepts("null_origin")
	}
	return !credentials || !isInsecureHTTP(raw) || c.accepts("insecure_origins")
}

// isOpaque: these origins are nobody's in particular, like null.
func isOpaque(raw string) bool {
	o, _ := ReadOrigin(raw)
	return slices.Contains(opaqueSchemes, o.Scheme)
}

// sourceRightsOf asks the sources. One that says yes outweighs one that is silent.
func (c *Config) sourceRightsOf(r *Request) (*grant, string) {
	raw, reason := r.Origin[0], "origin_not_allowed"
	if !c.mayAdd(raw) {
		return nil, reason
	}
	for _, s := range c.OriginsFrom {
		if s.Source == "ask" {
			yes, asked := c.ask(s, r)
			if yes {
				return c.grant(c.Rights), ""
			}
			if !asked {
				reason = "source_unavailable"
			}
			continue
		}
		if slices.Contains(s.Yes, raw) {
			return c.grant(c.Rights), ""
		}
		if slices.Contains(s.Silent, raw) {
			reason = "source_unavailable"
		}
	}
	return nil, reason
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

// Kind is the kind of the request: sections "Words" and 5.
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

// isSite reports whether the site's own pages ask. The browser's word counts most:
// a page of the same host may have another scheme.
func (r *Request) isSite() bool {
	if len(r.FetchSite) > 0 {
		return slices.Equal(r.FetchSite, []string{"same-origin"}) || slices.Equal(r.FetchSite, []string{"none"})
	}
	o, ok := ReadOrigin(r.Origin[0])
	host := Lower(r.Host)
	switch {
	case !ok:
		return false
	case o.Scheme != "https" && (o.Scheme != "http" || r.TLS):
		return false
	case o.Port != "":
		return host == o.Host+":"+o.Port
	}
	return host == o.Host || host == o.Host+":"+defaultPorts[o.Scheme]
}

// isHostVerified reports whether Host cannot be a name that somebody points at this
// server (DNS rebinding).
func (r *Request) isHostVerified() bool {
	o, _ := ReadOrigin(r.Origin[0])
	return r.TLS || o.Scheme == "https" || r.HostVerified || isOwnName(Lower(r.Host))
}

// isOwnName: addresses, and names that nobody can register.
func isOwnName(host string) bool {
	if at := strings.LastIndex(host, ":"); at > strings.LastIndex(host, "]") {
		host = host[:at]
	}
	if inner, bracketed := strings.CutPrefix(host, "["); bracketed {
		host = strings.TrimSuffix(inner, "]")
	}
	host = strings.TrimSuffix(host, ".")
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	return isReserved(host)
}

// isReserved: a single label, and what is below the names that are set aside for
// one's own use.
func isReserved(name string) bool {
	labels := strings.Split(name, ".")
	last := labels[len(labels)-1]
	return name != "" && len(labels) == 1 || slices.Contains([]string{"localhost", "local", "internal", "test"}, last) || strings.HasSuffix(name, ".home.arpa")
}
