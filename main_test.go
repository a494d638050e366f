package cors

import (
	"testing"

	"github.com/caddyserver/caddy/v2"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

// listed are the modules that `caddy list-modules` prints: those that are there
// before anything ran.
var listed []string

func TestMain(m *testing.M) {
	listed = caddy.Modules()
	corstest.Main(m)
}
