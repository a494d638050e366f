package rehearsal

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/caddyserver/certmagic"
)

// serverFor finds the server that a URL leads to.
func (r *Rehearsal) serverFor(u *url.URL) (name string, srv *caddyhttp.Server, err error) {
	port, err := r.portOf(u)
	if err != nil {
		return "", nil, err
	}
	for _, n := range slices.Sorted(maps.Keys(r.app.Servers)) {
		if !listensOn(r.app.Servers[n], port) {
			continue
		}
		if named, _ := hasHost(r.app.Servers[n], u.Hostname()); named || name == "" { // several addresses of the machine
			name = n
			if named {
				break
			}
		}
	}
	if name == "" {
		return "", nil, fmt.Errorf("no server of this configuration listens on port %d, so nobody answers %s", port, u)
	}
	srv = r.app.Servers[name]
	switch secure := r.speaksTLS(srv, port); {
	case secure && u.Scheme == "http":
		return "", nil, fmt.Errorf("port %d speaks TLS, so nobody answers %s: ask for the https URL", port, u)
	case !secure && u.Scheme == "https":
		return "", nil, fmt.Errorf("port %d speaks no TLS, so the handshake for %s fails: ask for the http URL", port, u)
	}
	return name, srv, nil
}

func (r *Rehearsal) portOf(u *url.URL) (uint, error) {
	port := cmp.Or(u.Port(), strconv.Itoa(r.usualPort(u.Scheme == "https")))
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return 0, fmt.Errorf("port %q of the URL is not a number", port)
	}
	return uint(n), nil
}

// usualPort is the one that a URL leaves out.
func (r *Rehearsal) usualPort(secure bool) int {
	if secure {
		return cmp.Or(r.app.HTTPSPort, caddyhttp.DefaultHTTPSPort)
	}
	return cmp.Or(r.app.HTTPPort, caddyhttp.DefaultHTTPPort)
}

// speaksTLS follows what Caddy does when it starts the server.
func (r *Rehearsal) speaksTLS(srv *caddyhttp.Server, port uint) bool {
	return len(srv.TLSConnPolicies) > 0 && int(port) != r.usualPort(false)
}

func listensOn(srv *caddyhttp.Server, port uint) bool {
	return slices.ContainsFunc(srv.Listen, func(listen string) bool {
		a, err := caddy.ParseNetworkAddress(listen)
		return err == nil && !a.IsUnixNetwork() && a.StartPort <= port && port <= a.EndPort
	})
}

// hasHost reports whether a server has a route for a host by its name, and whether it has
// one for every host.
func hasHost(srv *caddyhttp.Server, host string) (named, every bool) {
	ctx := context.WithValue(context.Background(), caddy.ReplacerCtxKey, caddy.NewReplacer())
	req := (&http.Request{Host: host}).WithContext(ctx)
	for _, route := range srv.Routes {
		every = every || len(route.MatcherSets) == 0 && !isProbe(route)
		for _, set := range route.MatcherSets {
			free := true
			for _, m := range set {
				if hosts, ok := m.(*caddyhttp.MatchHost); ok {
					fits, _ := hosts.MatchWithError(req)
					named, free = named || fits, false
				}
			}
			every = every || free
		}
	}
	return named, every
}

func isProbe(route caddyhttp.Route) bool {
	if len(route.Handlers) != 1 {
		return false
	}
	m, ok := route.Handlers[0].(*marker)
	return ok && m.Probe
}

// Serves reports whether the configuration has a site for the URL: a server on
// its port, with a route for its host or for all.
func (r *Rehearsal) Serves(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	_, srv, err := r.serverFor(u)
	if err != nil {
		return false
	}
	named, every := hasHost(srv, u.Hostname())
	return named || every
}

// wantsCertificate reports whether the TLS handshake fails without a certificate of the
// client. The first policy that fits the name decides, and without a mode a certificate is
// required, as in Caddy.
func (r *Rehearsal) wantsCertificate(server, host string) bool {
	for _, policy := range r.tls[server] {
		match, names := Map(policy, "match"), Words(policy, "match", "sni")
		if len(match) > 0 && match["sni"] == nil {
			continue // other matchers: nobody knows
		}
		if len(names) == 0 || slices.ContainsFunc(names, func(n string) bool { return certmagic.MatchWildcard(host, n) }) {
			auth := Map(policy, "client_authentication")
			return len(auth) > 0 && auth["mode"] != "request" && auth["mode"] != "verify_if_given"
		}
	}
	return false
}
