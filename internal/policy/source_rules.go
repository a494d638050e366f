package policy

import (
	"fmt"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/origin"
)

// SourceRules are the rules for origins that come from a source: those of
// `origins`, which depend on the policy around it.
type SourceRules struct {
	credentials    bool
	insecure       bool // plain http origins may have credentials
	publicSuffixes bool // wildcards may stand over public suffixes
	anonymous      bool // file:// may be listed
}

// LaxRules are those of a policy that allows all that a list may hold.
var LaxRules = SourceRules{insecure: true, publicSuffixes: true, anonymous: true}

// Parse reads one entry of a source. The error says why it must not be used:
// nothing that a source lists ever opens a policy.
func (r SourceRules) Parse(entry string) (origin.Pattern, error) {
	switch entry {
	case httpwords.Wildcard, httpwords.NullOrigin:
		return origin.Pattern{}, fmt.Errorf("%q cannot come from a source: it would open the policy for strangers; write it in the configuration", entry)
	}
	p, err := origin.ParsePattern(entry)
	if err != nil {
		return p, err
	}
	if r.credentials && !r.insecure && isInsecure(p.Scheme, p.IsLoopback()) {
		return p, fmt.Errorf("%s with credentials: anybody on the network path can write a plain http page; use https, or allow insecure_origins", entry)
	}
	if p.IsAnonymous() && !r.anonymous {
		return p, fmt.Errorf("%s is the origin of whatever page an app opens from its disk; allow null_origin, or leave it out", entry)
	}
	suffix, ok := p.PublicSuffix()
	if !ok {
		suffix, ok = p.SuffixBelow()
	}
	if ok && !r.publicSuffixes {
		return p, fmt.Errorf("%s: %s is a public suffix, whose subdomains belong to strangers; name your own subdomain, or allow public_suffixes", entry, suffix)
	}
	return p, nil
}

// Accepts reports whether the rules let a source allow this exact origin. The
// rules for wildcards do not matter here.
func (r SourceRules) Accepts(o origin.Origin) bool { return o.IsListable() && r.permits(o) }

// permits is Accepts for an origin that some list has.
func (r SourceRules) permits(o origin.Origin) bool {
	if o.IsAnonymous() && !r.anonymous {
		return false
	}
	return !r.credentials || r.insecure || !isInsecure(o.Scheme(), o.IsLoopback())
}
