// Package policy decides about CORS requests. Options become a compiled policy;
// a policy turns a request into a decision; a decision gives the header fields
// of the response. It knows nothing of Caddy and does no I/O.
package policy

import (
	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/origin"
)

// Policy is what a cors block allows: compiled once from Options, never changed
// afterwards, and therefore safe for any number of goroutines.
type Policy struct {
	// static: `*` and nothing that depends on the origin. Then every response
	// carries the same answer, and a cache may keep one copy for everybody.
	static bool
	// any: `*` is among the origins. Never together with credentials.
	any bool
	// null has the index of the permissions of the opaque origin where it was
	// allowed by name, never with credentials; else -1.
	null int

	origins *origin.Set
	// regexps are tried last and in order: their cost is their writer's.
	regexps    []*origin.Regexp
	except     *origin.Set // nil where nothing is taken away
	exceptNull bool

	// permissions are those that an origin can have. The values of the sets
	// are indexes into it, and the last one is the policy's own.
	permissions []Permissions

	// sources: some origins come from elsewhere, by these rules.
	sources     bool
	sourceRules SourceRules

	// Which requests a refusal keeps from the handlers behind.
	enforceRequests   bool
	enforceWebSockets bool

	preflightStatus int
	forward         bool // preflights go to the upstream
	keep            bool // the upstream's own answer wins

	sole origin.Pattern // see SoleOrigin

	timing bool
	// timingOrigins is the value of Timing-Allow-Origin on every response, where
	// it does not depend on the origin; else "".
	timingOrigins string
}

// IsStatic reports whether every response carries the same answer.
func (p *Policy) IsStatic() bool { return p.static }

// Forwards reports whether preflights go to the next handler.
func (p *Policy) Forwards() bool { return p.forward }

// Keeps reports whether the answer of an upstream that speaks CORS stays as it is.
func (p *Policy) Keeps() bool { return p.keep }

// Times reports whether responses carry Timing-Allow-Origin.
func (p *Policy) Times() bool { return p.timing }

// SoleOrigin returns the only origin that the policy allows, if there is no other
// and no exception: one exact entry.
func (p *Policy) SoleOrigin() (origin.Pattern, bool) { return p.sole, p.sole.Scheme != "" }

// Enforces reports whether refusals keep any requests from the handlers behind.
func (p *Policy) Enforces() bool { return p.enforceRequests || p.enforceWebSockets }

// EnforcesWebSockets reports whether handshakes are among them, so that requests
// must say whether they are one.
func (p *Policy) EnforcesWebSockets() bool { return p.enforceWebSockets }

// PreflightStatus is the status of the answer to a preflight from an allowed
// origin.
func (p *Policy) PreflightStatus() int { return p.preflightStatus }

// SourceRules are the rules for origins that come from sources.
func (p *Policy) SourceRules() SourceRules { return p.sourceRules }

// Decide judges one request. It reports whether only the sources can tell; then
// the decision is to be completed with Conclude. It does not allocate, except
// for the list of header names that a preflight asked for, where it is echoed
// without some of them, or tidied.
//
// The order is: a malformed origin, the policy's own list, the site itself, the
// sources.
func (p *Policy) Decide(r *Request) (d Decision, ask bool) {
	if !r.hasOrigin() {
		if p.static {
			d.Permissions, d.AllowOrigin = p.own(), httpwords.Wildcard
		}
		return d, false
	}
	d.Kind = KindActual
	if r.isPreflight() {
		d.Kind = KindPreflight
	}
	if p.static && !p.bindsHandshake(&d, r) {
		d.Permissions, d.AllowOrigin = p.own(), httpwords.Wildcard
	} else if ask = p.judgeOrigin(&d, r); ask {
		return d, true
	}
	p.setVerdict(&d, r)
	return d, false
}

// Conclude completes a decision with what the sources say.
func (p *Policy) Conclude(d *Decision, r *Request, said Answer) {
	d.Reason = ReasonOriginNotAllowed
	switch said {
	case AnswerYes:
		d.Permissions, d.AllowOrigin, d.Reason = p.own(), r.Origin[0], ReasonNone
	case AnswerUnknown:
		d.Reason = ReasonSourceUnavailable
	case AnswerNo:
	}
	p.setVerdict(d, r)
}

// setVerdict gives the verdict, where there is none yet.
func (p *Policy) setVerdict(d *Decision, r *Request) {
	switch {
	case d.Verdict != VerdictNone: // the site itself
	case d.Permissions == nil:
		d.Verdict = VerdictRefused
	default:
		d.Verdict = VerdictAllowed
		if d.Kind == KindPreflight {
			d.judgePreflight(r)
		}
	}
}

// own returns the permissions of the policy itself.
func (p *Policy) own() *Permissions { return &p.permissions[len(p.permissions)-1] }

// bindsHandshake reports whether `enforce websockets` binds the request. A
// handshake carries cookies, and browsers do not check the answer, so a `*` that
// is meant for reading allows none.
func (p *Policy) bindsHandshake(d *Decision, r *Request) bool {
	return r.WebSocket && p.enforceWebSockets && d.Kind == KindActual
}

// judgeOrigin finds the permissions of the request's origin and the value of
// Access-Control-Allow-Origin that goes with them, or the reason for having none.
// It reports whether the sources must be asked.
func (p *Policy) judgeOrigin(d *Decision, r *Request) (ask bool) {
	if len(r.Origin) != 1 {
		d.Reason = ReasonOriginMalformed
		return false
	}
	raw := r.Origin[0]
	if raw == httpwords.NullOrigin {
		p.judgeNull(d, r)
		return false
	}
	listed := p.origins.Exact(raw)
	if listed.IsFinal() && p.except == nil {
		// A listed origin needs no parsing. A match is final where its value is 0, the
		// index of the first permissions.
		p.allow(d, &p.permissions[0], raw)
		return false
	}
	o, ok := origin.Parse(raw)
	if !ok {
		d.Reason = ReasonOriginMalformed
		return false
	}
	if p.except != nil {
		if _, excepted := p.except.Lookup(o); excepted {
			p.judgeSite(d, r, o)
			return false
		}
	}
	if g := p.lookup(o, listed, p.bindsHandshake(d, r)); g != nil {
		p.allow(d, g, raw)
		return false
	}
	p.judgeSite(d, r, o)
	if d.Verdict != VerdictNone || d.Reason == ReasonHostNotVerified || !p.sources || !p.mayAdd(o) {
		return false
	}
	r.parsed = o
	return true
}

func (p *Policy) allow(d *Decision, g *Permissions, raw string) {
	d.Permissions, d.AllowOrigin = g, raw
	if p.any && !g.Credentials {
		d.AllowOrigin = httpwords.Wildcard
	}
}

// judgeNull judges the opaque origin.
func (p *Policy) judgeNull(d *Decision, r *Request) {
	switch {
	case p.exceptNull:
	case p.null >= 0:
		p.allow(d, &p.permissions[p.null], httpwords.NullOrigin)
	case p.any && !p.bindsHandshake(d, r):
		p.allow(d, p.own(), httpwords.NullOrigin)
	}
	if d.Permissions == nil {
		p.judgeSite(d, r, origin.Origin{})
	}
}

// lookup returns the permissions of an origin, or nil. Exact is what the list
// says of it without wildcards.
func (p *Policy) lookup(o origin.Origin, exact origin.Match, handshake bool) *Permissions {
	if m := p.origins.Wildcards(o, exact); m.Found {
		return &p.permissions[m.Value]
	}
	if p.any && !handshake {
		return p.own()
	}
	if len(p.regexps) == 0 || !p.mayAdd(o) {
		return nil
	}
	for _, re := range p.regexps {
		if re.Match(o) {
			return p.own()
		}
	}
	return nil
}

// mayAdd reports whether an expression or a source may allow an origin at all. Which
// origins they allow is not known in advance, so the rules about credentials are
// applied here.
func (p *Policy) mayAdd(o origin.Origin) bool {
	return p.sourceRules.permits(o)
}

// isInsecure reports whether anybody on the network path can write the pages of
// an origin: plain http, except on the machine itself.
func isInsecure(scheme string, loopback bool) bool {
	return scheme == "http" && !loopback
}
