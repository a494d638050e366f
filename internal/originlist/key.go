package originlist

import (
	"fmt"
	"io/fs"
	"strings"
)

// CheckKey refuses keys that leave the storage's own space, or that
// belong to Caddy: a list is no certificate.
func CheckKey(key string) error {
	if !fs.ValidPath(key) || key == "." || strings.ContainsAny(key, "\\\x00\n\r") {
		return fmt.Errorf("key %q is not valid: write names with slashes between them, without . and .., such as cors/origins", key)
	}
	first, _, _ := strings.Cut(key, "/")
	switch strings.ToLower(first) {
	case "acme", "certificates", "ech", "instance.uuid", "last_clean.json", "locks", "ocsp", "pki", "stek":
		return fmt.Errorf("key %q belongs to Caddy itself; choose another, such as cors/origins", key)
	}
	return nil
}
