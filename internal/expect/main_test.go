package expect_test

import (
	"flag"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) { corstest.Main(m) }
