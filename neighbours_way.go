package cors

import (
	"slices"
	"strconv"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"
	"golang.org/x/net/publicsuffix"

	"github.com/caddy-cors/caddy-cors/internal/origin"
)

// findWay finds out, while the configuration is loaded, whether only requests
// with a Host of the site's come here, which `enforce` must know (a page can
// point a name of its own at this server). Where it is not known, it is assumed
// not to be so, and a warning names the cure.
func (h *Handler) findWay(ctx caddy.Context) {
	way := wayTo(ctx)
	h.hostVerified = slices.ContainsFunc(way, namesHost)
	if h.policy.Enforces() && !h.hostVerified && !h.ReportOnly {
		h.logger.Warn("`enforce` cannot tell the site's own pages from those of a name that a stranger points at this server, "+
			"so over plain http the site's own requests are refused (host_not_verified) unless their Host is an address or a reserved name; "+
			"write the site's hosts in its address, or its own origin in origins",
			zap.String("policy", h.describe()))
	}
	if sole, ok := h.policy.SoleOrigin(); ok && !h.policy.Enforces() && isSiteOf(ctx, way, sole) {
		h.logger.Warn("the only origin is the site's own, whose pages need no CORS; list the origin of the page that calls it",
			zap.String("origin", sole.String()), zap.String("policy", h.describe()))
	}
}

// isSiteOf reports whether an origin is the only address of the site that the
// routes belong to.
func isSiteOf(ctx caddy.Context, way []*caddyhttp.Route, o origin.Pattern) bool {
	srv, ok := ctx.Value(caddyhttp.ServerCtxKey).(*caddyhttp.Server)
	if !ok || len(srv.Listen) != 1 {
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
	for _, route := range way {
		for _, set := range route.MatcherSets {
			for _, matcher := range set {
				if hosts, ok := matcher.(*caddyhttp.MatchHost); ok {
					return len(route.MatcherSets) == 1 && len(*hosts) == 1 && strings.EqualFold((*hosts)[0], o.Host)
				}
			}
		}
	}
	return false
}

// wayTo returns the routes that lead to the handler that is being provisioned,
// outermost first, as far as they can be seen: of a named route, which others
// invoke, they cannot.
func wayTo(ctx caddy.Context) (way []*caddyhttp.Route) {
	srv := serverOf(ctx)
	if srv == nil {
		return nil
	}
	lists := [][]caddyhttp.RouteList{withErrors(srv.Routes, srv.Errors)}
	for _, module := range ctx.Modules() {
		if sub, ok := module.(*caddyhttp.Subroute); ok {
			lists = append(lists, withErrors(sub.Routes, sub.Errors))
		}
	}
	for _, list := range lists {
		if route := inProgress(list); route != nil {
			way = append(way, route)
		}
	}
	return way
}

func withErrors(routes caddyhttp.RouteList, errors *caddyhttp.HTTPErrorConfig) []caddyhttp.RouteList {
	if errors == nil {
		return []caddyhttp.RouteList{routes}
	}
	return []caddyhttp.RouteList{routes, errors.Routes}
}

// inProgress returns the route whose handlers are being provisioned: the first
// that still has them in JSON, as Caddy (Route.ProvisionHandlers) clears that of
// each route when it is done with it.
func inProgress(lists []caddyhttp.RouteList) *caddyhttp.Route {
	for _, routes := range lists {
		for i := range routes {
			if len(routes[i].HandlersRaw) > 0 {
				return &routes[i]
			}
		}
	}
	return nil
}

// namesHost reports whether every set of a route's matchers has a `host` with
// names of the site's.
func namesHost(route *caddyhttp.Route) bool {
	return len(route.MatcherSets) > 0 && !slices.ContainsFunc(route.MatcherSets, func(set caddyhttp.MatcherSet) bool {
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
