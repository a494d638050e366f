package originlist

import (
	"testing"
)

// TestCheckKey: keys must be some, and none of Caddy's own.
func TestCheckKey(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"origins", "cors/origins", "cors/a.b/c_d-e"} {
		if err := CheckKey(key); err != nil {
			t.Error(err)
		}
	}
	for _, key := range []string{"", ".", "..", "a/../b", "/a", "a/", "a//b", `a\b`, "a\nb", "certificates/x/y.key", "ACME/users", "pki/authorities/local/root.key", "locks/x", "stek/stek.bin", "ech/configs"} {
		if err := CheckKey(key); err == nil {
			t.Errorf("%q is accepted", key)
		}
	}
}
