package corstest

import "github.com/caddyserver/caddy/v2/modules/caddyhttp"

// Handlers finds the handlers of one type in provisioned routes.
func Handlers[H caddyhttp.MiddlewareHandler](routes caddyhttp.RouteList) (found []H) {
	for _, route := range routes {
		for _, h := range route.Handlers {
			switch h := h.(type) {
			case H:
				found = append(found, h)
			case *caddyhttp.Subroute:
				found = append(found, Handlers[H](h.Routes)...)
			}
		}
	}
	return found
}
