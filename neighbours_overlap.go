package cors

import (
	"net/http"
	"slices"
	"strings"

	"go.uber.org/zap"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// warnOverlap tells once that this handler was passed by, and what led to the
// two, so that an overlap that nobody meant is found.
func (h *Handler) warnOverlap(first *Handler) {
	h.overlaps.Do(func() {
		h.logger.Warn("two cors handlers can meet one request; the first one reached decides, this one did nothing",
			zap.String("first", first.describe()), zap.Strings("first_matchers", first.describeWay()),
			zap.String("passed_by", h.describe()), zap.Strings("passed_by_matchers", h.describeWay()))
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

// maxWriters bounds the search for another handler's writer. Each handler in
// between adds at most one.
const maxWriters = 64

// governing returns the response that another handler governs, while it does: its
// writer is below this one. Caddy runs its error routes with a writer from before
// the first handler, and they start afresh. A plugin's writer without Unwrap hides
// what is below. Then both handlers write, and the first has the last word.
func governing(w http.ResponseWriter) *response {
	for range maxWriters {
		if rw, ok := w.(*response); ok {
			if rw.returned {
				return nil
			}
			return rw
		}
		wrapper, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return nil
		}
		w = wrapper.Unwrap()
	}
	return nil
}
