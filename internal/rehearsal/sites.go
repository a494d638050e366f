package rehearsal

import (
	"encoding/json"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/caddyserver/caddy/v2"
)

// Sites lists the addresses that the configuration itself serves, as the
// beginnings of URLs: https://api.example.com, http://localhost:8080. A
// wildcard is filled in. Caddy's own redirects to https are none of them.
func (r *Rehearsal) Sites() (all []string) {
	var doc struct {
		Apps struct {
			HTTP struct {
				Servers map[string]servedHosts `json:"servers"`
			} `json:"http"`
		} `json:"apps"`
	}
	if json.Unmarshal(r.JSON, &doc) != nil {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(doc.Apps.HTTP.Servers)) {
		srv := doc.Apps.HTTP.Servers[name]
		for _, listen := range srv.Listen {
			a, err := caddy.ParseNetworkAddress(listen)
			if err != nil || a.IsUnixNetwork() {
				continue
			}
			for _, host := range srv.hosts() {
				all = appendNew(all, r.address(name, host, a.StartPort))
			}
		}
	}
	return all
}

// servedHosts is a server as far as its hosts go.
type servedHosts struct {
	Listen []string `json:"listen"`
	Routes []struct {
		Match []struct {
			Host []string `json:"host"`
		} `json:"match"`
	} `json:"routes"`
}

func (s *servedHosts) hosts() (all []string) {
	for _, route := range s.Routes {
		if len(route.Match) == 0 {
			all = appendNew(all, "localhost")
		}
		for _, set := range route.Match {
			if len(set.Host) == 0 {
				all = appendNew(all, "localhost")
			}
			for _, host := range set.Host {
				if !strings.Contains(host, "{") {
					all = appendNew(all, strings.ReplaceAll(host, "*", "any"))
				}
			}
		}
	}
	return all
}

func (r *Rehearsal) address(server, host string, port uint) string {
	scheme, usual := "http", r.httpPort()
	if r.speaksTLS(r.app.Servers[server], port) {
		scheme, usual = "https", r.httpsPort()
	}
	if net.ParseIP(host) != nil && strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if int(port) != usual {
		host += ":" + strconv.FormatUint(uint64(port), 10)
	}
	return scheme + "://" + host
}
