package cors

import (
	"regexp"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

// printedCures are what messages tell people to write.
var printedCures = regexp.MustCompile("; (?:write (`[^`]+`|https?:[^ ]+example[^ ]+),|did you mean ([^ ?]+)\\?)")

// TestPrintedCures pastes what a message says into the line that it is about: it
// loads, and nothing more is said of it.
func TestPrintedCures(t *testing.T) {
	t.Parallel()
	for option, values := range map[string][]string{
		"origin_regexp": {
			`https://app.example.com`, `^https://app.example.com$`, `.*example\.com`,
			`https://.+example\.com(:\d+)?`, `https://.?example\.com`, `https://[\w.]{2,6}example\.com`,
			`(?i)https://[a-z.]+example.co.uk`, `^https?:\/\/(.*)example\.com$`, `https://[a-z.{}"]+example\.com`, "https://[a-z.`]+example\\.com",
		},
		"origins": {
			"https://app.example.com/", "HTTPS://app.example.com", "https://app.example.com:443", "https://*example.com",
			"app.example.com", "https://münchen.example", "https://*-SHOP.example.com",
		},
	} {
		for _, value := range values {
			load := func(word string) (string, error) {
				config := "http:// {\ncors {\n" + option + " " + word + "\ncredentials\n}\n}\n"
				_, err := corstest.Adapt(config)
				if err == nil {
					return "", nil
				}
				return err.Error(), err
			}
			message, err := load(value)
			if err == nil {
				t.Errorf("%s loads", value)
				continue
			}
			found := printedCures.FindStringSubmatch(message)
			if found == nil {
				t.Errorf("%s: no cure in %s", value, message)
				continue
			}
			if message, err := load(found[1] + found[2]); err != nil {
				t.Errorf("%s: the cure %q does not load: %s", value, found[1]+found[2], message)
			}
		}
	}
}
