package cors

import (
	"fmt"
	"net/url"
	"strconv"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// explainer finds the servers of a provisioned configuration.
type explainer struct{ app *caddyhttp.App }

// serverFor finds the server that listens on the URL's port.
func (x *explainer) serverFor(u *url.URL) (*caddyhttp.Server, error) {
	port, defaultPort := u.Port(), map[string]int{"http": x.app.HTTPPort, "https": x.app.HTTPSPort}[u.Scheme]
	if defaultPort == 0 {
		defaultPort = map[string]int{"http": caddyhttp.DefaultHTTPPort, "https": caddyhttp.DefaultHTTPSPort}[u.Scheme]
	}
	if port == "" {
		port = strconv.Itoa(defaultPort)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("port %q of the URL is not a number", port)
	}
	for _, srv := range x.app.Servers {
		for _, listen := range srv.Listen {
			a, err := caddy.ParseNetworkAddress(listen)
			if err == nil && a.StartPort <= uint(n) && uint(n) <= a.EndPort {
				return srv, nil
			}
		}
	}
	if u.Scheme == "http" {
		return nil, fmt.Errorf("no server of this configuration listens on port %s for %s; where Caddy redirects http to https, "+
			"browsers do not follow a preflight: ask for the https URL", port, u.Host)
	}
	return nil, fmt.Errorf("no server of this configuration listens on port %s for %s", port, u.Host)
}
