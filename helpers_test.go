package cors

import (
	"testing"
	"time"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

// eventually waits until a condition holds, for as long as a busy machine may
// need.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(corstest.Patience); !holds(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for: %s", what)
		}
	}
}
