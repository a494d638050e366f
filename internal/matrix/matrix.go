// Package matrix has the questions that are worth asking of a configuration:
// which sites it has, which paths tell its routes apart, what its author
// evidently wants of pages, and who must not get in.
//
// It reads the configuration as Caddy adapts it. What the configuration really
// does with a question is seen in a rehearsal.
package matrix

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"golang.org/x/net/idna"

	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// Site is what answers one host of one server.
type Site struct {
	Server string
	Host   string // one that its routes match
	Port   string
	// Hosts are all that its routes match.
	Hosts []string
	// Routes and ErrorRoutes are the numbers of its routes in the server.
	Routes, ErrorRoutes []int
	// Handlers are those behind these routes, and behind the named routes that
	// they invoke.
	Handlers []*rehearsal.Handler
	// Operations are what handlers do to header fields of CORS, in the order of
	// the configuration.
	Operations []*Operation
	// Policies are what the author evidently wants.
	Policies []*Policy
	// Aside are those for errors, and for what handle_response makes of an
	// upstream's answer. Nobody can ask for these alone, so they have strangers only,
	// unless that answer is a usual one.
	Aside []*Policy
	// Paths are one for each route with a path, and one that no route names.
	Paths []string
	// Addresses are some that matchers let pass, where they tell clients apart.
	Addresses []netip.Addr
	// Keys are header fields that matchers compare with a value, as a token or a key
	// of an API is.
	Keys []Key

	entrances []string // by entrancesOf
}

// maxPaths bounds the paths of one site.
const maxPaths = 4096

// Sites finds the sites of a configuration. The origins are those that its author
// names, for policies that do not say for whom they are.
func Sites(stage *rehearsal.Rehearsal, origins ...string) (all []*Site) {
	behind := map[string][]*rehearsal.Handler{} // by the pointer of their route
	for _, h := range stage.Handlers {
		route := routeOf.FindString(h.Path)
		behind[route] = append(behind[route], h)
	}
	servers := stage.Servers()
	for _, name := range slices.Sorted(maps.Keys(servers)) {
		for _, s := range sitesIn(name, servers[name]) {
			s.gather(behind)
			s.Operations = operationsOf(s.Handlers)
			s.Policies, s.Aside = policiesOf(s)
			for _, p := range s.Policies {
				p.name(origins)
			}
			s.Paths = pathsOf(s)
			s.Addresses, s.Keys, s.entrances = addressesOf(s), keysOf(s), entrancesOf(s)
			all = append(all, s)
		}
	}
	return all
}

var routeOf = regexp.MustCompile(`^/apps/http/servers/[^/]+/(routes|errors/routes|named_routes)/[^/]+`)

// escape writes a key for a JSON pointer (RFC 6901, section 3).
var escape = strings.NewReplacer("~", "~0", "/", "~1")

// gather finds the handlers behind the routes of the site.
func (s *Site) gather(behind map[string][]*rehearsal.Handler) {
	server := "/apps/http/servers/" + escape.Replace(s.Server)
	for _, n := range s.Routes {
		s.Handlers = append(s.Handlers, behind[fmt.Sprint(server, "/routes/", n)]...)
	}
	for _, n := range s.ErrorRoutes {
		s.Handlers = append(s.Handlers, behind[fmt.Sprint(server, "/errors/routes/", n)]...)
	}
	done := map[any]bool{}
	for i := 0; i < len(s.Handlers); i++ { // it grows
		if h := s.Handlers[i]; h.Kind == "invoke" && !done[h.Config["name"]] {
			done[h.Config["name"]] = true
			s.Handlers = append(s.Handlers, behind[server+"/named_routes/"+escape.Replace(fmt.Sprint(h.Config["name"]))]...)
		}
	}
}

// sitesIn makes a site of each list of hosts in the routes of a server. Routes
// without hosts belong to all.
func sitesIn(server string, config map[string]any) (all []*Site) {
	port := portOf(config)
	routes, errorRoutes := hostsOf(rehearsal.List(config, "routes")), hostsOf(rehearsal.List(config, "errors", "routes"))
	byHost := map[string]*Site{}
	for _, hosts := range routes {
		if len(hosts) > 0 && byHost[hosts[0]] == nil {
			s := &Site{Server: server, Host: hostFor(hosts[0]), Port: port, Hosts: hosts}
			all = append(all, s)
			for _, h := range hosts {
				byHost[h] = cmp.Or(byHost[h], s)
			}
		}
	}
	if len(all) == 0 { // it answers any host
		all = []*Site{{Server: server, Host: "localhost", Port: port}}
	}
	for i, hosts := range routes {
		for _, s := range sitesWith(hosts, byHost, all) {
			s.Routes = append(s.Routes, i)
		}
	}
	for i, hosts := range errorRoutes {
		for _, s := range sitesWith(hosts, byHost, all) {
			s.ErrorRoutes = append(s.ErrorRoutes, i)
		}
	}
	return all
}

// hostFor is a host that a matcher lets pass, as Caddy compares it.
func hostFor(pattern string) string {
	host := strings.ReplaceAll(pattern, "*", "one")
	if ascii, err := idna.ToASCII(host); err == nil {
		return ascii
	}
	return host
}

// sitesWith are the sites that a route for some hosts belongs to.
func sitesWith(hosts []string, byHost map[string]*Site, all []*Site) (sites []*Site) {
	if len(hosts) == 0 {
		return all
	}
	for _, h := range hosts {
		if s := byHost[h]; s != nil {
			sites = addNew(sites, s)
		}
	}
	return sites
}

// portOf is the port that a server listens on. Empty: it has none.
func portOf(server map[string]any) string {
	for _, l := range rehearsal.Words(server, "listen") {
		if a, err := caddy.ParseNetworkAddress(l); err == nil && !a.IsUnixNetwork() {
			return strconv.FormatUint(uint64(a.StartPort), 10)
		}
	}
	return ""
}

// hostsOf are the hosts of each route.
func hostsOf(routes []any) [][]string {
	all := make([][]string, len(routes))
	for i, r := range routes {
		for _, set := range rehearsal.List(r, "match") {
			all[i] = append(all[i], rehearsal.Words(set, "host")...)
		}
	}
	return all
}

// origins are those that the site's own pages can have. Whether a port speaks TLS is
// seen when it is asked; the likely one comes first.
func (s *Site) origins() (all []string) {
	host := s.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	for _, one := range [][2]string{{"https", "443"}, {"http", "80"}} {
		origin := one[0] + "://" + host
		if s.Port != "" && s.Port != one[1] {
			origin += ":" + s.Port
		}
		all = append(all, origin)
	}
	if s.Port == "80" {
		slices.Reverse(all)
	}
	return all
}

// Owns reports whether an origin is that of the site's own pages. Of a site with
// several names none is.
func (s *Site) Owns(origin string) bool {
	return len(s.Hosts) == 1 && !strings.ContainsAny(s.Hosts[0], "*{") && slices.Contains(s.origins(), origin)
}

// NamesItself reports whether the value of an operation is put together to the site's
// own origin, whatever its names are.
func (s *Site) NamesItself(o *Operation) bool {
	value := strings.Join(o.Values, " ")
	return strings.Contains(value, "{http.request.host") && slices.Contains(s.origins(), s.fill(value))
}

// maxHosts bounds the hosts of one site that a policy is looked for at.
const maxHosts = 4

// AlsoAt are hosts that may come to a policy: the one that its matchers ask for, else
// the site's, and where matchers tell hosts apart, its others.
func (s *Site) AlsoAt(p *Policy) []string {
	if p.Host != "" {
		return []string{p.Host}
	}
	return s.entrances
}

// entrancesOf are the hosts of a site at which its policies are looked for.
func entrancesOf(s *Site) []string {
	all := []string{s.Host}
	if slices.ContainsFunc(s.Handlers, func(h *rehearsal.Handler) bool {
		return strings.Contains(rehearsal.Compact(h.Matchers[min(1, len(h.Matchers)):]), `"host":`)
	}) {
		for _, h := range s.Hosts {
			all = addNew(all, hostFor(h))
		}
	}
	return all[:min(len(all), maxHosts)]
}

// fill puts the site's address in place of the placeholders for it.
func (s *Site) fill(value string) string {
	scheme, hostport, _ := strings.Cut(s.origins()[0], "://")
	return strings.NewReplacer("{http.request.host}", s.Host, "{http.request.hostport}", hostport, "{http.request.scheme}", scheme).Replace(value)
}

// Load gets the site ready to be asked, and finds its URL.
func (s *Site) Load(stage *rehearsal.Rehearsal) (part *rehearsal.Rehearsal, address string, err error) {
	part, err = stage.Part(s.Server, s.Routes, s.ErrorRoutes)
	if err != nil {
		return nil, "", err
	}
	for _, address = range s.origins() {
		if part.Serves(address + "/") {
			return part, address, nil
		}
	}
	return nil, "", fmt.Errorf("nobody answers %s", s.Host)
}
