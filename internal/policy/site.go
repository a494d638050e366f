package policy

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/origin"
)

// judgeSite judges a request whose origin the policy does not list. An actual one
// may come from the site's own page, whose POSTs carry an Origin too (Fetch, append
// a request Origin header). The origin is the zero one where it is null.
func (p *Policy) judgeSite(d *Decision, r *Request, o origin.Origin) {
	d.Reason = ReasonOriginNotAllowed
	if d.Kind != KindActual || !isSite(r, o) {
		return
	}
	if (p.enforceRequests || p.bindsHandshake(d, r)) && !isHostVerified(r, o) {
		d.Reason = ReasonHostNotVerified
		return
	}
	d.Verdict, d.Reason = VerdictSameOrigin, ReasonNone
}

// isSite reports whether a request comes from the site's own pages. The
// browser's word counts most (https://www.w3.org/TR/fetch-metadata/); without it
// the origin must be that of the request. Where TLS does not end in this server,
// it may end in front of it, so both schemes are possible.
func isSite(r *Request, o origin.Origin) bool {
	if site := r.Header[httpwords.SecFetchSite]; len(site) > 0 {
		return len(site) == 1 && (site[0] == "same-origin" || site[0] == "none")
	}
	switch o.Scheme() {
	case "https":
	case "http":
		if r.TLS {
			return false
		}
	default:
		return false
	}
	return isHostOf(o, r.Host)
}

// isHostOf reports whether a Host header names the host and port of an origin.
// The default port may be written out.
func isHostOf(o origin.Origin, host string) bool {
	name, port := o.Host(), o.Port()
	switch {
	case port != "":
		host, ok := strings.CutSuffix(host, ":"+port)
		return ok && httpwords.EqualNames(host, name)
	case o.Scheme() == "http":
		host = strings.TrimSuffix(host, ":80")
	default:
		host = strings.TrimSuffix(host, ":443")
	}
	return httpwords.EqualNames(host, name)
}

// isHostVerified reports whether the Host header is known to be a name of the
// site. A page can point a name of its own at this server (DNS rebinding), and
// its browser then calls that the same origin.
func isHostVerified(r *Request, o origin.Origin) bool {
	// Somebody showed a certificate for the name: this server, or one in front
	// of it, where the page came over https (mixed content keeps such pages off
	// plain http).
	return r.TLS || o.Scheme() == "https" || r.HostVerified || isOwnName(r.Host)
}

// ownSuffixes are the names that nobody can register (RFC 6761, RFC 6762, RFC
// 8375, and ICANN's reservation of .internal).
var ownSuffixes = []string{".localhost", ".local", ".internal", ".test", ".home.arpa"}

// isOwnName reports whether a Host is an address or a name that no stranger can
// have: a single label, or one below a reserved suffix.
func isOwnName(host string) bool {
	if colon := strings.LastIndexByte(host, ':'); colon >= 0 && !strings.HasSuffix(host, "]") {
		host = host[:colon]
	}
	if inner, ok := strings.CutPrefix(host, "["); ok {
		host = strings.TrimSuffix(inner, "]")
	}
	host = strings.TrimSuffix(host, ".")
	if host == "" {
		return false
	}
	if !strings.Contains(host, ".") {
		return true
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	return slices.ContainsFunc(ownSuffixes, func(suffix string) bool {
		return len(host) > len(suffix) && strings.EqualFold(host[len(host)-len(suffix):], suffix)
	})
}
