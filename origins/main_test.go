package origins

import (
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

func TestMain(m *testing.M) { corstest.Main(m) }
