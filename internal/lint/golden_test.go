package lint_test

import (
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/corstest/golden"
	"github.com/caddy-cors/caddy-cors/internal/lint"
)

func TestMain(m *testing.M) { golden.Main(m) }

// TestGolden: what `caddy cors lint` says, of every kind of finding.
func TestGolden(t *testing.T) {
	printed := golden.Run(t, "testdata/*.txt", 90)
	for _, r := range lint.Rules {
		if !strings.Contains(printed, "["+r.ID+"]\n") {
			t.Errorf("no golden file has a finding of the kind %s", r.ID)
		}
	}
}
