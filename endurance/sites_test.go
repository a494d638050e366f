package endurance

import (
	"fmt"
	"strings"
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
	{host: "exact.test", lines: errorRoute, policies: []*policy{
		{name: "exact", origins: []string{app, "https://b.example.com:8443"}, rights: rights{
			methods: []string{"PUT", "DELETE"}, headers: []string{"X-A", "X-B", "Content-Type"}, expose: []string{"X-Id", "X-Total"}, maxAge: "10m",
		}},
		{name: "exact", origins: []string{app, "https://new.example.com"}, rights: rights{methods: []string{"none"}, headers: []string{"none"}, maxAge: "off"}},
		{name: "exact", origins: []string{"https://new.example.com"}, status: 200},
	}},
	{host: "defaults.test", policies: []*policy{
		{origins: []string{app}},
		{origins: []string{"https://b.example.com:8443"}, timing: true},
	}},
	{host: "wild.test", lines: "encode\n", policies: []*policy{
		{name: "wild", origins: []string{"https://*.example.com", "http://localhost:*"}, except: []string{"https://bad.example.com"}},
		{name: "wild", origins: []string{"https://**.example.com", "capacitor://localhost"}, rights: rights{credentials: new(true), headers: []string{"X-A"}}},
	}},
	{host: "regexp.test", lines: "log {\n\toutput discard\n}\n", policies: []*policy{
		{name: "regexp", regexp: `^https://[a-z]+-pr[0-9]+\.example\.net$`, rights: rights{methods: []string{"*"}, headers: []string{"*"}}},
		{name: "regexp", regexp: `^https://(app|[a-z]+)\.example\.(com|net)$`, rights: rights{credentials: new(true), methods: []string{"*"}, headers: []string{"*"}}},
		nil,
	}},
	{host: "for.test", lines: errorRoute + "log {\n\toutput discard\n}\n", policies: []*policy{
		{name: "for", origins: []string{"*"}, except: []string{"https://evil.example", "https://*.evil.example"}, fors: []forOrigins{
			{[]string{app}, rights{credentials: new(true), expose: []string{"*"}, maxAge: "1m"}},
			{[]string{"https://*.example.com"}, rights{methods: []string{"PURGE"}}},
		}, rights: rights{expose: []string{"X-Id"}, maxAge: "1h"}},
		{name: "for", origins: []string{"https://b.example.com:8443"}, fors: []forOrigins{
			{[]string{"http://localhost:*"}, rights{credentials: new(false)}},
		}, rights: rights{credentials: new(true)}},
	}},
	{host: "static.test", lines: "encode\n" + errorRoute, policies: []*policy{
		{name: "static", origins: []string{"*"}, rights: rights{expose: []string{"*"}, methods: []string{"*"}}},
		{name: "static", origins: []string{app}, timing: true},
		{name: "static", origins: []string{"*"}, timing: true, rights: rights{headers: []string{"*"}}},
	}},
	{host: "credentials.test", policies: []*policy{
		{name: "credentials", origins: []string{app, "https://*.example.net"}, rights: rights{
			credentials: new(true), methods: []string{"*"}, headers: []string{"*"}, expose: []string{"*"},
		}},
		{name: "credentials", origins: []string{app}, rights: rights{
			credentials: new(true), methods: []string{"PUT", "PURGE"}, headers: []string{"*", "Authorization"}, expose: []string{"X-Id"}, maxAge: "0s",
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
		{name: "report", origins: []string{app}, reportOnly: true, rights: rights{credentials: new(true)}},
		{name: "report", origins: []string{app}, rights: rights{credentials: new(true)}},
	}},
	{host: "debug.test", lines: errorRoute, policies: []*policy{
		{name: "debug", origins: []string{app}, debug: true, rights: rights{methods: []string{"PUT"}, headers: []string{"X-A"}}},
		{name: "debug", origins: []string{"https://*.example.com"}, debug: true, rights: rights{credentials: new(true), headers: []string{"*"}}},
	}},
	{host: "keep.test", policies: []*policy{
		{name: "keep", origins: []string{app}, keep: true, rights: rights{expose: []string{"X-Id"}}},
		{name: "keep", origins: []string{app}, rights: rights{expose: []string{"X-Total"}}},
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
		{name: "coming", listed: fromStillFile, rights: rights{credentials: new(true)}},
		{name: "coming", origins: []string{app}},
	}},
	listSite,
	askSite,
}

// listSite and askSite have the same source in all generations, with the same
// options, so that what it knows lives on over reloads.
var (
	listSite = &site{host: "list.test", policies: []*policy{
		{name: "list", listed: fromFile, except: []string{"https://bad.lists.example"}},
		{name: "list", listed: fromFile, debug: true, rights: rights{maxAge: "5m"}},
		{name: "list", listed: fromFile, origins: []string{app}},
	}}
	askSite = &site{host: "ask.test", policies: []*policy{
		{name: "ask", listed: fromEndpoint, debug: true},
		{name: "ask", listed: fromEndpoint, origins: []string{app}, rights: rights{credentials: new(true)}},
	}}
)

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
