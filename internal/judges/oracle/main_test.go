// Package oracle_test compares the handler with the oracle, a second reading of
// the contract (internal/oracle), on random and on fuzzed configurations,
// requests and upstreams.
package oracle_test

import (
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

func TestMain(m *testing.M) { corstest.Main(m) }
