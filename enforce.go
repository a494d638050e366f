package cors

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// refuses reports whether a request must not reach the handlers behind. In an
// error route it has not reached them anyway.
func (h *Handler) refuses(d *decision, r *http.Request) bool {
	p := h.policy
	if d.kind != kindActual || d.verdict != verdictRefused || !p.enforceRequests && !p.enforceWebSockets {
		return false
	}
	return (p.enforceRequests || isWebSocket(r)) && !inErrorRoute(r.Context())
}

// errRefused is an error of Caddy's, so that error routes can make a page of
// it.
func errRefused(d *decision) error {
	return caddyhttp.Error(http.StatusForbidden, fmt.Errorf("the policy refuses the origin of this request: %s", d.reason))
}

// isWebSocket recognizes the handshake over HTTP/1.1 (RFC 6455, section 4.1)
// and over HTTP/2 and HTTP/3 (RFC 8441, RFC 9220), as Caddy passes it on.
func isWebSocket(r *http.Request) bool {
	if r.Method == http.MethodConnect {
		return r.ProtoMajor == 2 && r.Header.Get(":protocol") == "websocket" || r.ProtoMajor == 3 && r.Proto == "websocket"
	}
	// The bound on empty elements would let some lists through unread.
	for e := (elements{lines: r.Header["Upgrade"], trusted: true}); e.next(); {
		if strings.EqualFold(e.element, "websocket") {
			return true
		}
	}
	return false
}
