package cors

import (
	"context"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"
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
		return h.Name
	}
	words := slices.Concat([]string{"cors"}, h.Origins, h.OriginRegexp)
	if len(words) > maxDescribed {
		words = append(words[:maxDescribed], "…")
	}
	return strings.Join(words, " ")
}

// governingVar marks a request while a cors handler governs it. Only then:
// Caddy runs its error routes after that, and they start afresh.
const governingVar = "cors.governing"

func governing(ctx context.Context) *response {
	rw, _ := caddyhttp.GetVar(ctx, governingVar).(*response)
	return rw
}

func govern(ctx context.Context, rw *response) {
	if rw == nil {
		caddyhttp.SetVar(ctx, governingVar, nil) // deletes it
		return
	}
	caddyhttp.SetVar(ctx, governingVar, rw)
}
