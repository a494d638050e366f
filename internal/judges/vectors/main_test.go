// Package vectors_test runs the cases of testdata/vectors against the real chain of
// Caddy. README.md there describes the format.
package vectors_test

import (
	"testing"

	_ "github.com/caddy-cors/caddy-cors"
	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

func TestMain(m *testing.M) { corstest.Main(m) }
