package cors

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/policy"
)

// readRequest reads the little of a request that the policy decides by.
func (h *Handler) readRequest(r *http.Request) policy.Request {
	req := policy.Request{Method: r.Method, Host: r.Host, Origin: r.Header[httpwords.Origin], Header: r.Header}
	if len(req.Origin) == 0 {
		return req
	}
	req.TLS, req.HostMatched = r.TLS != nil, h.hostMatched
	if req.Method == http.MethodOptions {
		req.RequestMethod = r.Header[httpwords.RequestMethod]
		req.RequestHeaders = r.Header[httpwords.RequestHeaders]
	}
	if h.policy.EnforcesWebSockets() {
		req.WebSocket = isWebSocket(r)
	}
	return req
}

// isWebSocket reports whether a request is the handshake of a WebSocket, over
// HTTP/1.1 (RFC 6455, section 4.1) or over HTTP/2 and HTTP/3 (RFC 8441, RFC 9220),
// as Caddy passes it on.
func isWebSocket(r *http.Request) bool {
	if r.Method == http.MethodConnect {
		return r.ProtoMajor == 2 && r.Header.Get(":protocol") == "websocket" || r.ProtoMajor == 3 && r.Proto == "websocket"
	}
	// The bound on empty elements would let some lists through unread.
	for e := (httpwords.Elements{Lines: r.Header["Upgrade"], Trusted: true}); e.Next(); {
		if strings.EqualFold(e.Element, "websocket") {
			return true
		}
	}
	return false
}

// errRefused is an error of Caddy's, so that error routes can make a page of
// it.
func errRefused(d *policy.Decision) error {
	return caddyhttp.Error(http.StatusForbidden, fmt.Errorf("the policy refuses the origin of this request: %s", d.Reason))
}
