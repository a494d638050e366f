package rehearsal

import (
	"net"
	"strconv"
	"strings"

	"github.com/caddyserver/caddy/v2"
)

// Sites lists the addresses that the configuration itself serves, as the
// beginnings of URLs: https://api.example.com, http://localhost:8080. A
// wildcard is filled in. Caddy's own redirects to https are none of them.
func (r *Rehearsal) Sites() (all []string) {
	var doc any
	if decode(r.JSON, &doc) != nil {
		return nil
	}
	for name, srv := range mapsIn(Dig(doc, "apps", "http", "servers")) {
		for _, listen := range Words(srv, "listen") {
			a, err := caddy.ParseNetworkAddress(listen)
			if err != nil || a.IsUnixNetwork() {
				continue
			}
			for _, host := range hostsOf(srv) {
				all = appendNew(all, r.address(name, host, a.StartPort))
			}
		}
	}
	return all
}

// hostsOf are the hosts that a server has routes for; localhost stands for every host.
func hostsOf(srv map[string]any) (all []string) {
	for _, route := range List(srv, "routes") {
		sets := List(route, "match")
		if len(sets) == 0 {
			sets = []any{nil}
		}
		for _, set := range sets {
			hosts := Words(set, "host")
			if len(hosts) == 0 {
				hosts = []string{"localhost"}
			}
			for _, host := range hosts {
				if !strings.Contains(host, "{") {
					all = appendNew(all, strings.ReplaceAll(host, "*", "any"))
				}
			}
		}
	}
	return all
}

func (r *Rehearsal) address(server, host string, port uint) string {
	secure := r.speaksTLS(r.app.Servers[server], port)
	scheme := "http://"
	if secure {
		scheme = "https://"
	}
	usual := ":" + strconv.Itoa(r.usualPort(secure))
	return scheme + strings.TrimSuffix(net.JoinHostPort(host, strconv.FormatUint(uint64(port), 10)), usual)
}
