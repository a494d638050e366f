package cors

import (
	"context"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// warnOverlap tells once that this handler was passed by, and what led to the
// two, so that an overlap that nobody meant is found.
func (h *Handler) warnOverlap(ctx context.Context, first *Handler) {
	h.overlaps.Do(func() {
		h.logger.Warn("two cors handlers can meet one request; the first one reached decides, this one did nothing",
			zap.String("first", first.describe()), zap.Strings("first_matchers", first.matchers(ctx)),
			zap.String("passed_by", h.describe()), zap.Strings("passed_by_matchers", h.matchers(ctx)))
	})
}

// maxDescribed is how many words name a handler that has no name.
const maxDescribed = 5

// describe names a handler for people.
func (h *Handler) describe() string {
	if h.Name != "" {
		return httpwords.Printable(h.Name)
	}
	words := slices.Concat([]string{"cors"}, h.Origins, h.OriginRegexp)
	if len(words) > maxDescribed {
		words = append(words[:maxDescribed], "…")
	}
	return httpwords.Printable(strings.Join(words, " "))
}

// vars is the table of variables of a request.
type vars map[string]any

// governingVar names the response that a cors handler governs.
const governingVar = "cors.governing"

// varsOf returns the table; nil outside Caddy.
func varsOf(ctx context.Context) vars {
	table, _ := ctx.Value(caddyhttp.VarsCtxKey).(map[string]any)
	return table
}

// governing returns the response that another handler governs, while it does:
// Caddy runs its error routes after that, and they start afresh.
func (v vars) governing() *response {
	rw, _ := v[governingVar].(*response)
	if rw == nil || rw.returned {
		return nil
	}
	return rw
}

func (v vars) govern(rw *response) {
	if v != nil {
		v[governingVar] = rw
	}
}
