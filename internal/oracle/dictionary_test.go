package oracle

import (
	"testing"
)

// TestReadDictionary: the check itself can fail.
func TestReadDictionary(t *testing.T) {
	t.Parallel()
	for s, valid := range map[string]bool{
		`a=b, c="d"`: true, `a="\"\\"`: true, `*a=*`: true, `a=b/c:d`: true,
		``: false, `a`: false, `A=b`: false, `a=b,`: false, `a=b c=d`: false, `a="b`: false, `a="\b"`: false, "a=\"\x7f\"": false, `a=1`: false, `1=a`: false,
	} {
		if got, err := ReadDictionary(s); (err == nil) != valid {
			t.Errorf("%s: got %q, %v", s, got, err)
		}
	}
}
