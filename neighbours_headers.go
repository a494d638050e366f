package cors

import (
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp/headers"
	"go.uber.org/zap"

	"github.com/caddy-cors/caddy-cors/internal/neighbours"
)

// checkHeaderLines warns of what `header` directives in front of the handler do to
// its headers. A deferred one runs when the response is written, outside of
// this handler, and so has the last word.
func (h *Handler) checkHeaderLines(handlers []caddyhttp.MiddlewareHandler) {
	for _, neighbour := range handlers {
		hd, ok := neighbour.(*headers.Handler)
		if !ok || hd.Response == nil || hd.Response.HeaderOps == nil {
			continue
		}
		for _, l := range neighbours.Lines(hd.Response) {
			if effect := l.Effect(h.policy.IsStatic()); effect != "" {
				h.logger.Warn(neighbours.AlsoWritten+"; "+effect,
					zap.String("header", l.Name), zap.String("policy", h.describe()))
			}
		}
	}
}
