package repair_test

import (
	"testing"

	_ "github.com/caddy-cors/caddy-cors" // the directive
	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

func TestMain(m *testing.M) { corstest.Main(m) }
