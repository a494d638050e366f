package endurance

import (
	"fmt"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/oracle"
)

// site is a host of Caddy's. Its policy changes with the generation of the
// configuration.
type site struct {
	host     string
	policies []*policy // nil: no cors there
	lines    string    // more of its Caddyfile
}

// policy is the site's in a generation.
func (s *site) policy(generation int) *policy { return s.policies[generation%len(s.policies)] }

// generations is after how many all policies are as they were.
const generations = 6

const errorRoute = "handle_errors {\n\theader X-Styled yes\n\trespond \"sorry\" {http.error.status_code}\n}\n"

// sites are one of each kind.
var sites = []*site{
	exactSite,
	{host: "defaults.test", policies: []*policy{
		{origins: []string{app}},
		{origins: []string{"https://b.example.com:8443"}, timing: true},
	}},
	{host: "wild.test", lines: "encode\n", policies: []*policy{
		{name: "wild", origins: []string{"https://*.example.com", "http://localhost:*"}, except: []string{"https://bad.example.com"}},
		{name: "wild", origins: []string{"https://**.example.com", "capacitor://localhost"}, rights: oracle.Rights{Credentials: new(true), Headers: []string{"X-A"}}},
	}},
	{host: "regexp.test", lines: "log {\n\toutput discard\n}\n", policies: []*policy{
		{name: "regexp", regexp: `^https://[a-z]+-pr[0-9]+\.example\.net$`, rights: oracle.Rights{Methods: []string{"*"}, Headers: []string{"*"}}},
		{name: "regexp", regexp: `^https://(app|[a-z]+)\.example\.(com|net)$`, rights: oracle.Rights{Credentials: new(true), Methods: []string{"*"}, Headers: []string{"*"}}},
		nil,
	}},
	{host: "for.test", lines: errorRoute + "log {\n\toutput discard\n}\n", policies: []*policy{
		{name: "for", origins: []string{"*"}, except: []string{"https://evil.example", "https://*.evil.example"}, fors: []oracle.For{
			{Origins: []string{app}, Rights: oracle.Rights{Credentials: new(true), Expose: []string{"*"}, MaxAge: "1m"}},
			{Origins: []string{"https://*.example.com"}, Rights: oracle.Rights{Methods: []string{"PURGE"}}},
		}, rights: oracle.Rights{Expose: []string{"X-Id"}, MaxAge: "1h"}},
		{name: "for", origins: []string{"https://b.example.com:8443"}, fors: []oracle.For{
			{Origins: []string{"http://localhost:*"}, Rights: oracle.Rights{Credentials: new(false)}},
		}, rights: oracle.Rights{Credentials: new(true)}},
	}},
	staticSite,
	{host: "credentials.test", policies: []*policy{
		{name: "credentials", origins: []string{app, "https://*.example.net"}, rights: oracle.Rights{
			Credentials: new(true), Methods: []string{"*"}, Headers: []string{"*"}, Expose: []string{"*"},
		}},
		{name: "credentials", origins: []string{app}, rights: oracle.Rights{
			Credentials: new(true), Methods: []string{"PUT", "PURGE"}, Headers: []string{"*", "Authorization"}, Expose: []string{"X-Id"}, MaxAge: "0s",
		}},
	}},
	{host: "requests.test", lines: errorRoute, policies: []*policy{
		{name: "requests", origins: []string{app}, enforce: "requests"},
		{name: "requests", origins: []string{"https://b.example.com:8443"}, enforce: "requests", debug: true},
	}},
	{host: "websockets.test", policies: []*policy{
		{name: "websockets", origins: []string{app}, enforce: "websockets"},
		{name: "websockets", origins: []string{"https://b.example.com:8443"}, enforce: "websockets"},
	}},
	{host: "report.test", policies: []*policy{
		{name: "report", origins: []string{app}, reportOnly: true, rights: oracle.Rights{Credentials: new(true)}},
		{name: "report", origins: []string{app}, rights: oracle.Rights{Credentials: new(true)}},
	}},
	{host: "debug.test", lines: errorRoute, policies: []*policy{
		{name: "debug", origins: []string{app}, debug: true, rights: oracle.Rights{Methods: []string{"PUT"}, Headers: []string{"X-A"}}},
		{name: "debug", origins: []string{"https://*.example.com"}, debug: true, rights: oracle.Rights{Credentials: new(true), Headers: []string{"*"}}},
	}},
	{host: "keep.test", policies: []*policy{
		{name: "keep", origins: []string{app}, keep: true, rights: oracle.Rights{Expose: []string{"X-Id"}}},
		{name: "keep", origins: []string{app}, rights: oracle.Rights{Expose: []string{"X-Total"}}},
	}},
	{host: "forward.test", policies: []*policy{
		{name: "forward", origins: []string{app}, forward: true},
		{name: "forward", origins: []string{"https://*.example.com"}, forward: true, keep: true},
	}},
	{host: "null.test", policies: []*policy{
		{name: "null", origins: []string{"null", app}},
		{name: "null", origins: []string{"https://b.example.com:8443"}},
	}},
	// A source that comes and goes: what it watches must be let go.
	{host: "coming.test", policies: []*policy{
		{name: "coming", listed: fromStillFile, rights: oracle.Rights{Credentials: new(true)}},
		{name: "coming", origins: []string{app}},
	}},
	listSite,
	askSite,
	tenantSites[0],
	tenantSites[1],
}

// tenantSites share a source, which is asked for each of them: what it says of
// one must never serve the other.
var tenantSites = []*site{
	{host: "a.tenants.test", policies: []*policy{{name: "a", listed: fromTenants, rights: oracle.Rights{Credentials: new(true)}}}},
	{host: "b.tenants.test", policies: []*policy{{name: "b", listed: fromTenants, rights: oracle.Rights{Credentials: new(true)}}}},
}

// listSite and askSite have the same source in all generations, with the same
// options, so that what it knows lives on over reloads.
var (
	listSite = &site{host: "list.test", policies: []*policy{
		{name: "list", listed: fromFile, except: []string{"https://bad.lists.example"}},
		{name: "list", listed: fromFile, debug: true, rights: oracle.Rights{MaxAge: "5m"}},
		{name: "list", listed: fromFile, origins: []string{app}},
	}}
	askSite = &site{host: "ask.test", policies: []*policy{
		{name: "ask", listed: fromEndpoint, debug: true},
		{name: "ask", listed: fromEndpoint, origins: []string{app}, rights: oracle.Rights{Credentials: new(true)}},
	}}
)

// exactSite grants two headers in its first generation.
var exactSite = &site{host: "exact.test", lines: errorRoute, policies: []*policy{
	{name: "exact", origins: []string{app, "https://b.example.com:8443"}, rights: oracle.Rights{
		Methods: []string{"PUT", "DELETE"}, Headers: []string{"X-A", "X-B", "Content-Type"}, Expose: []string{"X-Id", "X-Total"}, MaxAge: "10m",
	}},
	{name: "exact", origins: []string{app, "https://new.example.com"}, rights: oracle.Rights{Methods: []string{"none"}, Headers: []string{"none"}, MaxAge: off}},
	{name: "exact", origins: []string{"https://new.example.com"}, status: 200},
}}

// staticSite allows app in every generation.
var staticSite = &site{host: "static.test", lines: "encode\n" + errorRoute, policies: []*policy{
	{name: "static", origins: []string{"*"}, rights: oracle.Rights{Expose: []string{"*"}, Methods: []string{"*"}}},
	{name: "static", origins: []string{app}, timing: true},
	{name: "static", origins: []string{"*"}, timing: true, rights: oracle.Rights{Headers: []string{"*"}}},
}}

// caddyfile is the whole configuration of a generation.
func (w *world) caddyfile(generation int) string {
	var b strings.Builder
	fmt.Fprintf(&b, globalOptions, w.storage, generation)
	fmt.Fprintf(&b, backends, w.files, w.steady.addr, w.mortal.addr, w.deadAddr)
	for _, s := range sites {
		fmt.Fprintf(&b, "http://%s:%d, https://%s:%d {\n", s.host, w.plainPort, s.host, w.securePort)
		b.WriteString(s.policy(generation).caddyfile(w))
		fmt.Fprintf(&b, s.lines+front+"}\n", generation)
	}
	return b.String()
}

// globalOptions: the limit of header sizes is raised, so that hostile ones get
// to the handler.
const globalOptions = `{
	admin off
	persist_config off
	skip_install_trust
	local_certs
	auto_https disable_redirects
	default_bind 127.0.0.1
	storage file_system %[1]q
	log {
		output discard
	}
	servers {
		protocols h1 h2 h2c
		max_header_size 64KB
		listener_wrappers {
			endurance_gate %[2]d
			tls
		}
	}
}
`

// front is in front of every policy.
const front = `endurance_arrival %d
header /spoil >Access-Control-Allow-Origin https spoilt
header /spoil >Vary Origin Spoilt
invoke backends
`

// backends are behind every policy. Connections to upstreams that are idle when
// a configuration ends live on as long as keepalive says, which is 2 minutes
// unless it says less.
const backends = `&(backends) {
	header /hello X-Total 7
	respond /hello hello
	respond /spoil hello
	handle /files/* {
		root %[1]q
		file_server
	}
	handle /steady/* {
		reverse_proxy %[2]s {
			transport http {
				keepalive 1s
			}
		}
	}
	handle /mortal/* {
		reverse_proxy %[3]s {
			transport http {
				keepalive 1s
			}
		}
	}
	handle /small {
		request_body {
			max_size 16
		}
		reverse_proxy %[2]s {
			transport http {
				keepalive 1s
			}
		}
	}
	handle /dead {
		reverse_proxy %[4]s
	}
	handle /secret {
		basic_auth {
			bob $2a$04$7GoG/W2s6Vc9dWY6wYCQnuKxGmvfqqKA.A.ceOuzBSfRTzrDmhHXq
		}
		respond secret
	}
	handle /fail {
		error "not today" 503
	}
	redir /moved /hello
	endurance_socket /socket
}
`
