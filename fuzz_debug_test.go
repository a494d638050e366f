package cors

import (
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/oracle"
)

// FuzzStructuredString: whatever is written as a String is read as what it was.
func FuzzStructuredString(f *testing.F) {
	for _, seed := range []string{"", "a", `"\`, "\x00\x7f\u00e9", `\"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, rest, err := oracle.ReadItem(sfString(s))
		if err != nil || rest != "" || got != oracle.Printable(s) {
			t.Errorf("%q is written %s, which reads %q, rest %q, %v", s, sfString(s), got, rest, err)
		}
	})
}
