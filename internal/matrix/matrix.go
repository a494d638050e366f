// Package matrix has the questions that are worth asking of a configuration:
// which sites it has, which paths tell its routes apart, what its author
// evidently wants of pages, and who must not get in.
//
// It reads the configuration as Caddy adapts it. What the configuration really
// does with a question is seen in a rehearsal.
package matrix

import (
	"fmt"
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
	// upstream's answer. Nobody can ask for these alone, so they have strangers only.
	Aside []*Policy
	// Paths are one for each route with a path, and one that no route names.
	Paths []string
	// Addresses are some that matchers let pass, where they tell clients apart.
	Addresses []netip.Addr
	// Keys are header fields that matchers compare with a value, as a token or a key
	// of an API is.
	Keys []Key
}

// maxPaths bounds the paths of one site.
const maxPaths = 4096

// Sites finds the sites of a configuration. The origins are those that its author
// names, for policies that do not say for whom they are.
func Sites(stage *rehearsal.Rehearsal, origins ...string) []*Site {
	tables := tablesOf(stage)
	var all []*Site
	named := map[string][]*rehearsal.Handler{}
	for _, h := range stage.Handlers {
		server, section, number := whereIs(h.Path)
		if section == "named_routes" {
			named[server+" "+number] = append(named[server+" "+number], h)
			continue
		}
		t := tables[server]
		if t == nil {
			continue
		}
		n, err := strconv.Atoi(number)
		if err != nil {
			continue
		}
		for _, s := range t.sitesOf(section, n) {
			s.Handlers = append(s.Handlers, h)
		}
	}
	for _, t := range tables {
		for _, s := range t.sites {
			s.addNamed(named)
			s.Operations = operationsOf(s.Handlers)
			s.Policies, s.Aside = policiesOf(s)
			for _, p := range s.Policies {
				p.name(origins)
			}
			s.Paths = pathsOf(s)
			s.Addresses, s.Keys = addressesOf(s), keysOf(s)
			all = append(all, s)
		}
	}
	slices.SortStableFunc(all, func(a, b *Site) int { return strings.Compare(a.Server, b.Server)*4 + a.first() - b.first() })
	return all
}

func (s *Site) first() int {
	if len(s.Routes) == 0 {
		return 0
	}
	return s.Routes[0]
}

// addNamed adds the handlers of the named routes that the site invokes.
func (s *Site) addNamed(named map[string][]*rehearsal.Handler) {
	done := map[string]bool{}
	for i := 0; i < len(s.Handlers); i++ { // it grows
		if h := s.Handlers[i]; h.Kind == "invoke" {
			key := s.Server + " " + fmt.Sprint(h.Config["name"])
			if !done[key] {
				done[key] = true
				s.Handlers = append(s.Handlers, named[key]...)
			}
		}
	}
}

// whereIs reads /apps/http/servers/<server>/<section>/<number>/….
func whereIs(pointer string) (server, section, number string) {
	parts := strings.Split(pointer, "/")
	if len(parts) < 7 {
		return "", "", ""
	}
	if parts[5] == "errors" && len(parts) > 7 {
		return unescape(parts[4]), "errors", parts[7]
	}
	return unescape(parts[4]), parts[5], unescape(parts[6])
}

func unescape(part string) string {
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
}

// table is the routes of one server, by host.
type table struct {
	server, port string
	sites        []*Site
	byHost       map[string]*Site
	hosts        map[string][][]string // by section: of each route; nil: any
	routesOf     map[string]map[int][]*Site
}

func tablesOf(stage *rehearsal.Rehearsal) map[string]*table {
	tables := map[string]*table{}
	for name, srv := range stage.Servers() {
		t := &table{server: name, byHost: map[string]*Site{}, routesOf: map[string]map[int][]*Site{}}
		for _, l := range rehearsal.List(srv, "listen") {
			if a, err := caddy.ParseNetworkAddress(fmt.Sprint(l)); err == nil && !a.IsUnixNetwork() && t.port == "" {
				t.port = strconv.FormatUint(uint64(a.StartPort), 10)
			}
		}
		t.hosts = map[string][][]string{"routes": hostsOf(rehearsal.List(srv, "routes")), "errors": hostsOf(rehearsal.List(srv, "errors", "routes"))}
		t.split()
		tables[name] = t
	}
	return tables
}

// split makes a site of each list of hosts. Routes without hosts belong to all.
func (t *table) split() {
	for _, hosts := range t.hosts["routes"] {
		if len(hosts) > 0 {
			t.site(hosts)
		}
	}
	if len(t.sites) == 0 {
		t.site([]string{"localhost"})
		t.sites[0].Hosts = nil // it answers any
	}
	for section, routes := range t.hosts {
		t.routesOf[section] = map[int][]*Site{}
		for i, hosts := range routes {
			t.routesOf[section][i] = t.with(hosts)
			for _, s := range t.routesOf[section][i] {
				if section == "routes" {
					s.Routes = append(s.Routes, i)
				} else {
					s.ErrorRoutes = append(s.ErrorRoutes, i)
				}
			}
		}
	}
}

// with are the sites that a route for some hosts belongs to.
func (t *table) with(hosts []string) (sites []*Site) {
	if len(hosts) == 0 {
		return t.sites
	}
	for _, h := range hosts {
		if s := t.byHost[h]; s != nil && !slices.Contains(sites, s) {
			sites = append(sites, s)
		}
	}
	return sites
}

func (t *table) site(hosts []string) {
	if t.byHost[hosts[0]] != nil {
		return
	}
	host := strings.ReplaceAll(hosts[0], "*", "one")
	if ascii, err := idna.ToASCII(host); err == nil {
		host = ascii // as Caddy matches it
	}
	s := &Site{Server: t.server, Host: host, Port: t.port, Hosts: hosts}
	t.sites = append(t.sites, s)
	for _, h := range hosts {
		if t.byHost[h] == nil {
			t.byHost[h] = s
		}
	}
}

func (t *table) sitesOf(section string, n int) []*Site { return t.routesOf[section][n] }

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

// Owns reports whether an origin is that of the site's own pages. Of a site with
// several names none is.
func (s *Site) Owns(origin string) bool {
	if len(s.Hosts) != 1 || strings.ContainsAny(s.Hosts[0], "*{") {
		return false
	}
	switch s.Port {
	case "", "443":
		return origin == "https://"+s.Host
	case "80":
		return origin == "http://"+s.Host
	}
	_, address, _ := strings.Cut(origin, "://")
	return address == s.Host+":"+s.Port
}

// itself is an origin that is put together of the request's own address.
var itself = regexp.MustCompile(`^(https?|\{http\.request\.scheme\})://\{http\.request\.(host|hostport)\}$`)

// NamesItself reports whether the value of an operation is the site's own origin,
// whatever its names are.
func (s *Site) NamesItself(o *Operation) bool {
	m := itself.FindStringSubmatch(strings.Join(o.Values, " "))
	if m == nil {
		return false
	}
	switch s.Port {
	case "", "443":
		return m[1] != "http"
	case "80":
		return m[1] != "https"
	}
	return m[2] == "hostport"
}

// fill puts the site's address in place of the placeholders for it.
func (s *Site) fill(value string) string {
	scheme, hostport := "https", s.Host
	switch s.Port {
	case "", "443":
	case "80":
		scheme = "http"
	default:
		hostport += ":" + s.Port
	}
	return strings.NewReplacer("{http.request.host}", s.Host, "{http.request.hostport}", hostport, "{http.request.scheme}", scheme).Replace(value)
}

// Load gets the site ready to be asked, and finds its URL.
func (s *Site) Load(stage *rehearsal.Rehearsal) (part *rehearsal.Rehearsal, address string, err error) {
	part, err = stage.Part(s.Server, s.Routes, s.ErrorRoutes)
	if err != nil {
		return nil, "", err
	}
	host := s.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	for _, scheme := range []string{"https", "http"} {
		address = scheme + "://" + host
		if usual := map[string]string{"https": "443", "http": "80"}[scheme]; s.Port != "" && s.Port != usual {
			address += ":" + s.Port
		}
		if part.Serves(address + "/") {
			return part, address, nil
		}
	}
	return nil, "", fmt.Errorf("nobody answers %s", s.Host)
}
