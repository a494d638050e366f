package cors

import (
	"context"
	"fmt"

	"github.com/caddy-cors/caddy-cors/internal/origin"
)

// OriginSource is a guest module of the namespace http.cors.origins: it adds
// origins that change while Caddy runs. `origins_from <name>` in a Caddyfile
// loads the module http.cors.origins.<name>.
//
// A source only ever adds origins, with the policy's own rights; exceptions and
// the rules about credentials apply to them as to all others. It is asked only
// about serialized origins that the policy does not allow by itself, never
// about null.
type OriginSource interface {
	// AllowsOrigin reports whether pages of a serialized origin
	// ("https://app.example.com") may use the site. Many goroutines call it
	// at once, on the path of a request: it should answer from memory, and
	// must not take long where it cannot; ctx is the request's. An error means
	// that the source does not know (it is down, or was never read); the
	// origin is then refused, with the reason source_unavailable.
	AllowsOrigin(ctx context.Context, origin string) (bool, error)
}

// ruledSource is a source of this package. It is told the rules of the policy
// that it adds to, and starts only then.
type ruledSource interface {
	OriginSource
	start(rules originRules) error
}

// originRules are the rules for origins that come from a source: those of
// `origins`, which depend on the policy around it.
type originRules struct {
	credentials    bool
	insecure       bool // plain http origins may have credentials
	publicSuffixes bool // wildcards may stand over public suffixes
}

// parse reads one entry of a source. The error says why it must not be used:
// nothing that a source lists ever opens a policy.
func (r originRules) parse(entry string) (origin.Pattern, error) {
	switch entry {
	case wildcard, nullOrigin:
		return origin.Pattern{}, fmt.Errorf("%q cannot come from a source: it would open the policy for strangers; write it in the configuration", entry)
	}
	p, err := origin.ParsePattern(entry)
	if err != nil {
		return p, err
	}
	if r.credentials && !r.insecure && isInsecure(p.Scheme, p.IsLoopback()) {
		return p, fmt.Errorf("%s with credentials: anybody on the network path can write a plain http page; use https, or allow insecure_origins", entry)
	}
	if suffix, ok := p.PublicSuffix(); ok && !r.publicSuffixes {
		return p, fmt.Errorf("%s: %s is a public suffix, whose subdomains belong to strangers; name your own subdomain, or allow public_suffixes", entry, suffix)
	}
	return p, nil
}
