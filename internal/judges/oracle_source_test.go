package judges_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/caddyserver/caddy/v2"

	"github.com/caddy-cors/caddy-cors/internal/oracle"
	"github.com/caddy-cors/caddy-cors/origins"
)

var errSilent = errors.New("the source is silent")

func init() { caddy.RegisterModule(new(testSource)) }

// testSource is the module of an oracleSource.
type testSource struct {
	Yes    []string `json:"yes,omitempty"`
	Silent []string `json:"silent,omitempty"`
}

func (*testSource) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.cors.origins.test_oracle", New: func() caddy.Module { return new(testSource) }}
}

func (s *testSource) AllowsOrigin(_ context.Context, o string) (bool, error) {
	switch {
	case slices.Contains(s.Yes, o):
		return true, nil
	case slices.Contains(s.Silent, o):
		return false, errSilent
	}
	return false, nil
}

var _ origins.Source = (*testSource)(nil)

// endpoint is asked by the sources of that name. Answers are kept under the whole
// URL, so each case has a path of its own.
type endpoint struct {
	url   string
	cases atomic.Int64
	mood  atomic.Value
	asked atomic.Int64
}

func newEndpoint(tb testing.TB) *endpoint {
	tb.Helper()
	e := new(endpoint)
	e.mood.Store("")
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.asked.Add(1)
		q, mood := r.URL.Query(), e.mood.Load().(string)
		if !oracle.Endpoint(mood, q.Get("host"), q.Get("origin")) {
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	tb.Cleanup(srv.Close)
	e.url = srv.URL
	return e
}

// dice are for a new case.
func (e *endpoint) dice(bytes []byte) *oracle.Dice {
	d := oracle.NewDice(bytes)
	d.Endpoint = fmt.Sprintf("%s/%d", e.url, e.cases.Add(1))
	return d
}
