package judges_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

// sharedCache is the least cache that obeys Vary (RFC 9111, section 4.1): all
// requests here are for one URL, and everything stays fresh.
type sharedCache struct {
	stored []stored
}

type stored struct {
	asked  http.Header
	answer *answer
}

// get finds a stored answer whose Vary lets it stand for the request.
func (c *sharedCache) get(asked http.Header) *answer {
	for _, s := range slices.Backward(c.stored) {
		matches := true
		for token := range corstest.VaryTokens(s.answer.header) {
			matches = matches && token != "*" && slices.Equal(s.asked.Values(token), asked.Values(token))
		}
		if matches {
			return s.answer
		}
	}
	return nil
}

func (c *sharedCache) put(asked http.Header, a *answer) {
	if slices.Contains([]int{200, 301, 304, 404}, a.status) && strings.Contains(a.header.Get("Cache-Control"), "max-age") {
		c.stored = append(c.stored, stored{asked, a})
	}
}

// runSequence sends several requests through a cache.
func runSequence(t *testing.T, v *vector) {
	t.Helper()
	var (
		cache sharedCache
		step  *vectorStep
		kinds = make(map[string]bool)
	)
	s := newVectorSite(t, &v.Config, "", func(w http.ResponseWriter, r *http.Request, _ caddyhttp.Handler) error {
		step.Upstream.ServeHTTP(w, r)
		return nil
	})
	for i := range v.Steps {
		step = &v.Steps[i]
		asked := step.Request.header(1)
		a := cache.get(asked)
		if a == nil {
			a = s.call(t.Context(), &step.Request)
			cache.put(asked, a)
		}
		step.judge(t, v.Config, a)
		kinds[strings.Join(a.header["Access-Control-Allow-Origin"], " ")] = true
	}
	// A cache keeps as many copies as there are answers, and no fewer.
	if len(cache.stored) != len(kinds) {
		t.Errorf("%d copies of the answers %q", len(cache.stored), slices.Sorted(maps.Keys(kinds)))
	}
}
