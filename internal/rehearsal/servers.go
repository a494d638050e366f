package rehearsal

import (
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// serverFor finds the server that a URL leads to.
func (r *Rehearsal) serverFor(u *url.URL) (name string, srv *caddyhttp.Server, err error) {
	port, err := r.portOf(u)
	if err != nil {
		return "", nil, err
	}
	var fits []string
	for _, name := range slices.Sorted(maps.Keys(r.app.Servers)) {
		if listensOn(r.app.Servers[name], port) {
			fits = append(fits, name)
		}
	}
	if len(fits) == 0 {
		return "", nil, fmt.Errorf("no server of this configuration listens on port %d, so nobody answers %s", port, u)
	}
	name = fits[0]
	for _, f := range fits { // several addresses of the machine
		if hasHost(r.app.Servers[f], u.Hostname()) {
			name = f
			break
		}
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
	port := u.Port()
	if port == "" {
		port = strconv.Itoa(r.httpPort())
		if u.Scheme == "https" {
			port = strconv.Itoa(r.httpsPort())
		}
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return 0, fmt.Errorf("port %q of the URL is not a number", port)
	}
	return uint(n), nil
}

func (r *Rehearsal) httpPort() int {
	if r.app.HTTPPort != 0 {
		return r.app.HTTPPort
	}
	return caddyhttp.DefaultHTTPPort
}

func (r *Rehearsal) httpsPort() int {
	if r.app.HTTPSPort != 0 {
		return r.app.HTTPSPort
	}
	return caddyhttp.DefaultHTTPSPort
}

// speaksTLS follows what Caddy does when it starts the server.
func (r *Rehearsal) speaksTLS(srv *caddyhttp.Server, port uint) bool {
	return len(srv.TLSConnPolicies) > 0 && int(port) != r.httpPort()
}

func listensOn(srv *caddyhttp.Server, port uint) bool {
	return slices.ContainsFunc(srv.Listen, func(listen string) bool {
		a, err := caddy.ParseNetworkAddress(listen)
		return err == nil && !a.IsUnixNetwork() && a.StartPort <= port && port <= a.EndPort
	})
}

func hasHost(srv *caddyhttp.Server, host string) bool {
	for _, route := range srv.Routes {
		for _, set := range route.MatcherSets {
			for _, m := range set {
				if hosts, ok := m.(*caddyhttp.MatchHost); ok && slices.ContainsFunc(*hosts, func(h string) bool { return HostFits(h, host) }) {
					return true
				}
			}
		}
	}
	return false
}

// HostFits reports whether a host matcher lets a host in: a * is one label.
func HostFits(pattern, host string) bool {
	pattern, host = strings.ToLower(pattern), strings.ToLower(host)
	if !strings.Contains(pattern, "*") {
		return pattern == host
	}
	ok, err := path.Match(strings.ReplaceAll(pattern, ".", "/"), strings.ReplaceAll(host, ".", "/"))
	return ok && err == nil
}

// clientAuth is a TLS connection policy that wants a certificate of the client.
type clientAuth struct {
	server  string
	names   []string // of the handshake; none: all
	demands bool
}

// clientAuths reads who must show a certificate, in Caddy's order: the first
// policy that fits decides.
func clientAuths(app map[string]any) (all []clientAuth) {
	for name, srv := range mapsIn(app["servers"]) {
		for _, policy := range List(srv, "tls_connection_policies") {
			if match := Map(policy, "match"); len(match) > 0 && match["sni"] == nil {
				continue // other matchers: nobody knows
			}
			all = append(all, clientAuth{name, Words(policy, "match", "sni"), demandsCertificate(Map(policy, "client_authentication"))})
		}
	}
	return all
}

// demandsCertificate follows the default of Caddy: without a mode, a
// certificate is required.
func demandsCertificate(auth map[string]any) bool {
	return len(auth) > 0 && auth["mode"] != "request" && auth["mode"] != "verify_if_given"
}

// wantsCertificate reports whether the TLS handshake fails without a
// certificate of the client.
func (r *Rehearsal) wantsCertificate(server, host string) bool {
	for _, c := range r.clientAuth {
		if c.server != server {
			continue
		}
		if len(c.names) == 0 || slices.ContainsFunc(c.names, func(n string) bool { return HostFits(n, host) }) {
			return c.demands
		}
	}
	return false
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
	return hasHost(srv, u.Hostname()) || slices.ContainsFunc(srv.Routes, func(route caddyhttp.Route) bool {
		if isProbe(route) {
			return false
		}
		return len(route.MatcherSets) == 0 || slices.ContainsFunc(route.MatcherSets, func(set caddyhttp.MatcherSet) bool {
			return !slices.ContainsFunc(set, func(m any) bool {
				_, isHost := m.(*caddyhttp.MatchHost)
				return isHost
			})
		})
	})
}

func isProbe(route caddyhttp.Route) bool {
	if len(route.Handlers) != 1 {
		return false
	}
	m, ok := route.Handlers[0].(*marker)
	return ok && m.Probe
}
