package repair_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/repair"
)

// TestTwins: of policies that differ in names only, one is asked everything. What
// may answer otherwise is asked everything itself.
func TestTwins(t *testing.T) {
	const line = "\theader Access-Control-Allow-Origin https://app%[1]d.example.com\n\theader Vary Origin\n\treverse_proxy localhost:3000\n"
	for _, tt := range []struct {
		name, each, last string
		twins            bool
	}{
		{"names", "s%[1]d.example.com {\n" + line + "}\n", "", true},
		{"another domain", "s%[1]d.example.com {\n" + line + "}\n", "s.example.org {\n" + line + "}\n", true},
		{"credentials", "s%[1]d.example.com {\n" + line + "}\n", "s%[1]d.example.com {\n\theader Access-Control-Allow-Credentials true\n" + line + "}\n", false},
		{"a matcher by header", "s%[1]d.example.com {\n" + line + "}\n", "s%[1]d.example.com {\n\t@x header X-Probe *\n\theader @x X-A b\n" + line + "}\n", false},
		{"an upstream that errors", "s%[1]d.example.com {\n" + line + "}\n", "s%[1]d.example.com {\n" + line + "\thandle_errors {\n\t\trespond gone\n\t}\n}\n", false},
		{"the site itself", "s%[1]d.example.com {\n" + line + "}\n", "app%[1]d.example.com {\n" + line + "}\n", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			asked := func(last string) int {
				var text strings.Builder
				for i := range 4 {
					fmt.Fprintf(&text, tt.each, i)
				}
				if last == "" {
					last = tt.each
				}
				fmt.Fprintf(&text, last, 9)
				n, err := repair.Asked("Caddyfile", []byte(text.String()))
				if err != nil {
					t.Fatal(err)
				}
				return n
			}
			one, err := repair.Asked("Caddyfile", fmt.Appendf(nil, tt.each, 9))
			if err != nil {
				t.Fatal(err)
			}
			if n := asked(tt.last); (n == one) != tt.twins {
				t.Errorf("%d questions for five sites, %d for one", n, one)
			}
		})
	}
}

// TestTwinsDiffer spoils one of three drafts that would be twins.
func TestTwinsDiffer(t *testing.T) {
	for _, options := range [][]string{{"credentials"}, {"origins https://evil.example"}, {"preflight forward"}} {
		var text strings.Builder
		for i := range 3 {
			fmt.Fprintf(&text, "s%[1]d.example.com {\n\theader Access-Control-Allow-Origin https://app%[1]d.example.com\n\theader Vary Origin\n\treverse_proxy localhost:3000\n}\n", i)
		}
		drafts := 0
		res, err := repair.Tampered("Caddyfile", []byte(text.String()), func(head, body []string) ([]string, []string) {
			if drafts++; drafts == 2 {
				return head, options
			}
			return head, body
		})
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range res.Repairs {
			if (r.Reason != "") != (i == 1) {
				t.Errorf("%v: site %d: %q", options, i, r.Reason)
			}
		}
	}
}
