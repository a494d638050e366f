// Package badconfigs_test loads the configurations of
// testdata/vectors/bad-configs.jsonl, which are wrong.
package badconfigs_test

import (
	"testing"

	_ "github.com/caddy-cors/caddy-cors"
	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

func TestMain(m *testing.M) { corstest.Main(m) }
