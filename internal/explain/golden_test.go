package explain_test

import (
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/corstest/golden"
)

func TestMain(m *testing.M) { golden.Main(m) }

// TestGolden: what `caddy cors explain` says.
func TestGolden(t *testing.T) { golden.Run(t, "testdata/*.txt", 16) }
