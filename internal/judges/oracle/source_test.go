package oracle_test

import (
	"context"
	"errors"
	"slices"

	"github.com/caddyserver/caddy/v2"

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
