package cors

import (
	"context"
	"errors"
	"slices"

	"github.com/caddyserver/caddy/v2"
)

// oracleSource is a source of origins that a configuration can spell out:
// `{"source": "test_oracle", "yes": [...], "silent": [...]}`.
type oracleSource struct {
	Source string   `json:"source"`
	Yes    []string `json:"yes,omitempty"`
	Silent []string `json:"silent,omitempty"` // it cannot say about these
}

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

var _ OriginSource = (*testSource)(nil)
