package cors

import (
	"github.com/caddy-cors/caddy-cors/internal/origin"
)

// policy is what a cors block allows: compiled once from options, never
// changed afterwards, and therefore safe for any number of goroutines. It
// knows nothing of Caddy and does no I/O: a request goes in, a decision comes
// out.
type policy struct {
	// static: `*` and nothing that depends on the origin. Then the Origin
	// header is not even read, every response carries the same answer, and a
	// cache may keep one copy for everybody.
	static bool
	// any: `*` is among the origins. Never together with credentials.
	any bool
	// null is the grant of the opaque origin where it was allowed by name,
	// never with credentials; else -1.
	null int

	origins *origin.Set
	// regexps are tried last and in order: their cost is their writer's.
	regexps    []*origin.Regexp
	except     *origin.Set // nil where nothing is taken away
	exceptNull bool

	// grants are the rights that an origin can have. The values of the sets
	// are indexes into it, and the last one is the policy's own.
	grants []grant

	// What sources may add, and to which requests refusals apply.
	sourceRules       originRules
	enforceRequests   bool
	enforceWebSockets bool

	preflightStatus int
	forward         bool // preflights go to the upstream
	keep            bool // the upstream's own answer wins
	timing          bool
}

// decide judges one request. It does not allocate, except for the list of
// header names of a preflight that must be echoed in other words than asked.
func (p *policy) decide(r *request) (d decision) {
	from := r.hasOrigin()
	if !p.static && !from {
		return d
	}
	d.grant, d.allowOrigin, d.reason = p.judgeOrigin(r)
	switch {
	case !from:
		return d
	case r.isPreflight():
		d.kind = kindPreflight
	default:
		d.kind = kindActual
	}
	if d.grant == nil {
		d.verdict = verdictRefused
		if d.kind == kindActual && isSameOrigin(r) {
			d.verdict, d.reason = verdictSameOrigin, reasonNone
		}
		return d
	}
	d.verdict = verdictAllowed
	if d.kind == kindPreflight {
		d.judgePreflight(r)
	}
	return d
}

// judgeOrigin finds the rights of the request's origin and the value of
// Access-Control-Allow-Origin that goes with them.
func (p *policy) judgeOrigin(r *request) (*grant, string, reason) {
	if p.static {
		return &p.grants[0], wildcard, reasonNone
	}
	if len(r.origin) != 1 {
		return nil, "", reasonOriginMalformed
	}
	raw := r.origin[0]
	if raw == nullOrigin {
		return p.judgeNull()
	}
	g, why := p.grantTo(raw, r)
	if g == nil {
		return nil, "", why
	}
	if p.any && !g.credentials {
		return g, wildcard, reasonNone
	}
	return g, raw, reasonNone
}

// grantTo finds the rights of an origin, or why it has none.
func (p *policy) grantTo(raw string, r *request) (*grant, reason) {
	listed := p.origins.Exact(raw)
	if listed.IsFinal() && p.except == nil {
		return &p.grants[0], reasonNone // a listed origin needs no parsing
	}
	o, ok := r.parse()
	if !ok {
		return nil, reasonOriginMalformed
	}
	g := p.lookup(o, listed, r.listed)
	switch {
	case g != nil:
		return g, reasonNone
	case r.listed == listedUnknown:
		return nil, reasonSourceUnavailable
	default:
		return nil, reasonOriginNotAllowed
	}
}

func (p *policy) judgeNull() (*grant, string, reason) {
	own := &p.grants[len(p.grants)-1]
	switch {
	case p.exceptNull:
		return nil, "", reasonOriginNotAllowed
	case p.null >= 0 && !p.any:
		return &p.grants[p.null], nullOrigin, reasonNone
	case p.null >= 0:
		return &p.grants[p.null], wildcard, reasonNone
	case p.any:
		return own, wildcard, reasonNone
	default:
		return nil, "", reasonOriginNotAllowed
	}
}

// canBeListed reports whether a source could allow the request's origin.
func (p *policy) canBeListed(r *request) bool {
	o, ok := r.parse()
	return ok && !p.isExcepted(o)
}

func (p *policy) isExcepted(o origin.Origin) bool {
	if p.except == nil {
		return false
	}
	_, excepted := p.except.Lookup(o)
	return excepted
}

// lookup returns the rights of an origin, or nil. Exact is what the list says of
// it without wildcards, and listed what sources say.
func (p *policy) lookup(o origin.Origin, exact origin.Match, listed listing) *grant {
	if p.isExcepted(o) {
		return nil
	}
	if m := p.origins.Wildcards(o, exact); m.Found {
		return &p.grants[m.Value]
	}
	own := &p.grants[len(p.grants)-1]
	if p.any {
		return own
	}
	if own.credentials && !p.sourceRules.insecure && isInsecure(o.Scheme(), o.IsLoopback()) {
		return nil // which origins expressions and sources allow is not known in advance
	}
	if listed == listedYes {
		return own
	}
	for _, re := range p.regexps {
		if re.Match(o) {
			return own
		}
	}
	return nil
}

// isInsecure tells an origin whose pages anybody on the network path can
// write: plain http, except on the machine itself.
func isInsecure(scheme string, loopback bool) bool {
	return scheme == schemeHTTP && !loopback
}

// judgePreflight fills in the lists that the browser will compare with what
// the page asked for (Fetch, CORS-preflight fetch, step 7). They say what is
// granted, not whether it suffices: so the console names what is missing.
func (d *decision) judgePreflight(r *request) {
	var (
		methodOK      bool
		headersReason reason
	)
	d.allowMethods, methodOK = d.grant.answerMethod(r.requestMethod)
	d.allowHeaders, headersReason = d.grant.answerHeaders(r.requestHeaders)
	switch {
	case !methodOK:
		d.verdict, d.reason = verdictRefused, reasonMethodNotAllowed
	case headersReason != reasonNone:
		d.verdict, d.reason = verdictRefused, headersReason
	}
}

// isSameOrigin recognizes the site's own pages, whose POSTs carry an Origin
// too (Fetch, append a request Origin header). The scheme is not compared:
// TLS may end in front of Caddy. It only ever spares a refusal, never grants.
func isSameOrigin(r *request) bool {
	if site := r.header[headerSecFetchSite]; len(site) == 1 && site[0] == "same-origin" {
		return true
	}
	o, ok := r.parse()
	return ok && sameHost(o, r.host)
}
