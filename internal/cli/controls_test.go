package cli_test

import (
	"strings"
	"testing"
)

// TestControls: what a configuration holds cannot write on a terminal as it likes.
func TestControls(t *testing.T) {
	const text = "a.example {\n\theader Access-Control-Allow-Origin \"https://b.example\x1b]0;title\a\u009b\u202e\"\n\trespond hi\n}\n"
	for _, asJSON := range []bool{false, true} {
		said, _, err := lintText(t, "Caddyfile", text, asJSON)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(said, "b.example") {
			t.Errorf("nothing is said of the value:\n%s", said)
		}
		if strings.ContainsAny(said, "\x1b\a\u009b\u202e") {
			t.Errorf("control characters in %q", said)
		}
	}
}
