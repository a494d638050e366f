package cors

import (
	"slices"
	"strconv"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"
	"golang.org/x/net/publicsuffix"

	"github.com/caddy-cors/caddy-cors/internal/neighbours"
	"github.com/caddy-cors/caddy-cors/internal/origin"
)

// verifyHost finds out whether only requests with a Host of the site's come here,
// which `enforce` must know (a page can point a name of its own at this server).
// Where it is not known, it is assumed not to be so, and a warning names the cure.
func (h *Handler) verifyHost() {
	h.hostVerified = slices.ContainsFunc(h.way, namesHost)
	if h.policy.Enforces() && !h.hostVerified && !h.ReportOnly {
		h.logger.Warn("`enforce` cannot tell the site's own pages from those of a name that a stranger points at this server, "+
			"so over plain http the site's own requests are refused (host_not_verified) unless their Host is an address or a reserved name; "+
			"write the site's hosts in its address, or its own origin in origins",
			zap.String("policy", h.describe()))
	}
}

// warnOfSoleOrigin warns of a policy whose only origin is the site's own.
func (h *Handler) warnOfSoleOrigin(ctx caddy.Context) {
	sole, ok := h.policy.SoleOrigin()
	if !ok || h.policy.Enforces() || !isSiteOf(serverOf(ctx), h.way, sole) {
		return
	}
	h.logger.Warn("the only origin is the site's own, whose pages need no CORS; list the origin of the page that calls it",
		zap.String("origin", sole.String()), zap.String("policy", h.describe()))
}

// isSiteOf reports whether an origin is the only address of the site that the
// routes belong to.
func isSiteOf(srv *caddyhttp.Server, way []neighbours.Step, o origin.Pattern) bool {
	if srv == nil || len(srv.Listen) != 1 {
		return false
	}
	address, err := caddy.ParseNetworkAddress(srv.Listen[0])
	port := o.Port
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[o.Scheme]
	}
	if n, e := strconv.ParseUint(port, 10, 16); err != nil || e != nil || uint(n) != address.StartPort || address.EndPort != address.StartPort {
		return false
	}
	for _, step := range way {
		sets := step.Route().MatcherSets
		for _, set := range sets {
			for _, matcher := range set {
				if hosts, ok := matcher.(*caddyhttp.MatchHost); ok {
					return len(sets) == 1 && len(*hosts) == 1 && strings.EqualFold((*hosts)[0], o.Host)
				}
			}
		}
	}
	return false
}

// namesHost reports whether every set of a route's matchers has a `host` with
// names of the site's.
func namesHost(s neighbours.Step) bool {
	sets := s.Route().MatcherSets
	return len(sets) > 0 && !slices.ContainsFunc(sets, func(set caddyhttp.MatcherSet) bool {
		return !slices.ContainsFunc(set, isOwnHosts)
	})
}

func isOwnHosts(matcher any) bool {
	switch hosts := matcher.(type) {
	case *caddyhttp.MatchHost:
		return isOwnHostList(*hosts)
	case caddyhttp.MatchHost:
		return isOwnHostList(hosts)
	}
	return false
}

// isOwnHostList reports whether a `host` matcher names only hosts of the
// operator's: no placeholder, and no wildcard over a domain below which others
// have names.
func isOwnHostList(hosts []string) bool {
	return len(hosts) > 0 && !slices.ContainsFunc(hosts, func(host string) bool {
		star := strings.LastIndexByte(host, '*')
		if star < 0 {
			return strings.Contains(host, "{")
		}
		domain := strings.Trim(host[star+1:], ".")
		suffix, _ := publicsuffix.PublicSuffix(domain)
		return domain == "" || domain == suffix || strings.Contains(host, "{")
	})
}
