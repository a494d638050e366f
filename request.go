package cors

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/policy"
	"github.com/caddy-cors/caddy-cors/origins"
)

// begin does all that comes before the next handler. With done, that must not run.
// Without done and with rw nil, the response is left alone. The variables leave the
// stack before the next handler runs: HTTP/2 and HTTP/3 start each request on a small
// stack, and copy it when it grows.
//
//go:noinline
func (h *Handler) begin(w http.ResponseWriter, r *http.Request) (rw *response, done bool, err error) {
	ctx := r.Context()
	h.neighbours.Do(h.lookAround)
	if first := governing(w); first != nil && !h.ReportOnly {
		h.warnOverlap(first.handler)
		return nil, false, nil
	}
	var req policy.Request
	h.readRequest(&req, r)
	d := h.decide(ctx, &req)
	h.telemetry.tell(h, r, &req, &d)
	if h.ReportOnly {
		return nil, false, nil
	}
	h.telemetry.placeholders(ctx, &d)
	if d.Kind == policy.KindPreflight && !h.policy.Forwards() && !inErrorRoute(ctx) {
		h.answerPreflight(w, &d)
		return nil, true, nil
	}
	rw = newResponse(w, h, &d)
	rw.before()
	// In an error route a refused request has not reached the handlers anyway.
	if h.policy.Refuses(&d, &req) && !inErrorRoute(ctx) {
		rw.after() // with `upstream keep` only Vary and Timing-Allow-Origin stand there yet
		return nil, true, refusalError(&d)
	}
	return rw, false, nil
}

// decide judges a request. Sources are asked only about an origin that neither
// the policy allows by itself nor is the site's own.
func (h *Handler) decide(ctx context.Context, req *policy.Request) policy.Decision {
	d, ask := h.policy.Decide(req)
	if ask {
		h.policy.Conclude(&d, req, h.askSources(ctx, req))
	}
	return d
}

// askSources returns what the sources say together: yes if one says yes; else
// that it is unknown if one could not say; else no.
func (h *Handler) askSources(ctx context.Context, req *policy.Request) policy.Answer {
	answer := policy.AnswerNo
	question := origins.Question{Origin: req.ParsedOrigin(), Host: req.Host}
	for _, source := range h.sources {
		switch yes, err := question.Ask(ctx, source); {
		case err != nil:
			answer = policy.AnswerUnknown
		case yes:
			return policy.AnswerYes
		}
	}
	return answer
}

// inErrorRoute reports whether Caddy is making the page of an error. Answering a
// preflight there would hide the error, a firewall's 403 for one.
func inErrorRoute(ctx context.Context) bool {
	return ctx.Value(caddyhttp.ErrorCtxKey) != nil
}

// readRequest reads the little of a request that the policy decides by.
func (h *Handler) readRequest(req *policy.Request, r *http.Request) {
	req.Origin = r.Header[httpwords.Origin]
	if len(req.Origin) == 0 {
		return
	}
	req.Method, req.Host, req.Header = r.Method, r.Host, r.Header
	req.TLS, req.HostVerified = r.TLS != nil, h.hostVerified
	if req.Method == http.MethodOptions {
		req.RequestMethod = r.Header[httpwords.RequestMethod]
	}
	if h.policy.EnforcesWebSockets() {
		req.WebSocket = isWebSocket(r)
	}
}

// isWebSocket reports whether a request is the handshake of a WebSocket, over
// HTTP/1.1 (RFC 6455, section 4.1) or over HTTP/2 and HTTP/3 (RFC 8441, RFC 9220),
// as Caddy passes it on.
func isWebSocket(r *http.Request) bool {
	if r.Method == http.MethodConnect {
		return r.ProtoMajor == 2 && r.Header.Get(":protocol") == "websocket" || r.ProtoMajor == 3 && r.Proto == "websocket"
	}
	// Trusted: it is read to the end, or many empty elements could hide the word.
	for e := (httpwords.Elements{Lines: r.Header["Upgrade"], Trusted: true}); e.Next(); {
		if strings.EqualFold(e.Element, "websocket") {
			return true
		}
	}
	return false
}

// refusalError is an error of Caddy's, so that error routes can make a page of
// it.
func refusalError(d *policy.Decision) error {
	return caddyhttp.Error(http.StatusForbidden, fmt.Errorf("the policy refuses the origin of this request: %s", d.Reason))
}
