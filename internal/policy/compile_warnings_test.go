package policy

import (
	"fmt"
	"strings"
	"testing"
)

// longList is an expression for the domains of a hundred customers.
var longList = func() string {
	var b strings.Builder
	for i := range 100 {
		fmt.Fprintf(&b, `|.*\.customer%d\.com`, i)
	}
	return "https://(" + b.String()[1:] + ")"
}()

// TestWarnsOfLeaks: what lets strangers in, or keeps everybody out, does not
// load in silence.
func TestWarnsOfLeaks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lines string
		want  string // in a warning; "" where there must be none
	}{
		{`origin_regexp https://.*example\.com`, "https://xexample.com"},
		{`origin_regexp https://(.+\.)?example\.com`, ""},
		{`origin_regexp https://([0-9]+|a\.example)`, "the part `[0-9]+` can match no origin"},
		{`origin_regexp https://[a-z]+-shop\.nip\.io`, "nip.io is a public suffix"},
		{"origins https://*.nip.io", "nip.io is a public suffix"},
		{"origin_regexp " + longList + "\ncredentials", ""},
		{"origin_regexp chrome-extension://[a-p]{32}\ndangerously_allow any_origin_regexp", ""},
		{"origins https://a.example\nexcept https://a.example", "every origin that is allowed"},
		{"origins https://*.a.example\nexcept https://**.a.example", "every origin that is allowed"},
		{"origins https://*.a.example\nexcept https://x.a.example", ""},
		{"origins http://b.example https://a.example", "http://b.example stands beside https origins"},
		{"origins http://b.example http://localhost:3000", ""},
		{"origins http://localhost:3000 https://a.example", ""},
		{"origins https://*.a.example https://x.a.example", "https://x.a.example is already covered by https://*.a.example"},
		{"origins *\nenforce requests", "`enforce requests` does nothing"},
		{"origins *\nexcept https://a.example\nenforce requests", ""},
		{"origins *\nenforce websockets", ""},
		{"origins https://a.example\nexpose Access-Control-Allow-Origin", "Access-Control-Allow-Origin is for the browser"},
	} {
		p, found := Compile(optionsOf(t, c.lines))
		if p == nil {
			t.Errorf("%q does not load: %v", c.lines, found.Err())
			continue
		}
		var all []string
		for _, w := range found.Warnings() {
			all = append(all, w.Text)
		}
		if said := strings.Join(all, "\n"); c.want == "" && said != "" || !strings.Contains(said, c.want) {
			t.Errorf("%q: got %q, want %q", c.lines, said, c.want)
		}
	}
}

// TestMistakes are those that hold an option against what it can do.
func TestMistakes(t *testing.T) {
	t.Parallel()
	for lines, want := range map[string]string{
		"origins https://a.example\nheaders Access-Control-Allow-Origin":   "is a header of the answer",
		"origins https://a.example\nheaders access-control-max-age":        "is a header of the answer",
		"origins https://a.example\nexpose None":                           `"None" is not needed`,
		"origins https://a.example\nexpose Access-Control-Max-Age":         "stands only in answers to preflights",
		"origins https://a.example\nexpose access-control-allow-methods":   "stands only in answers to preflights",
		"origins https://a.example\nenforce websocket":                     `unknown word "websocket" after enforce; did you mean websockets? The words are requests, websockets`,
		"origins https://a.example\nheaders X-" + strings.Repeat("x", 200): "shorten it",
		"origins *\ncredentials":                                           "`*`",
		"origin_regexp https://.*example\\.com\ncredentials":               "https://xexample.com",
		"enforce websockets":                                              "",
		`origin_regexp https://[0-9]+`:                                    "can match no origin that a browser sends",
		"origin_regexp chrome-extension://[a-z]{32}":                      "any_origin_regexp",
		"origin_regexp chrome-extension://[a-z]{32}\ncredentials":         "name each app or extension by itself",
		"origin_regexp moz-extension://[0-9a-f-]{36}\ncredentials":        "host permissions",
		"origins https://*.nip.io\ncredentials":                           "public_suffixes",
		strings.Repeat("origin_regexp "+longList+"\n", 8):                 "is too large to be searched for strangers; list its origins, or patterns",
		strings.Repeat("origin_regexp "+longList+"\n", 8) + "credentials": "so it cannot have credentials; list its origins, or patterns",
		"origins https://a.example\ndangerously_allow public_suffix":      "did you mean public_suffixes?",
	} {
		p, found := Compile(optionsOf(t, lines))
		if err := found.Err(); p != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", lines, err, want)
		}
	}
	if _, found := Compile(optionsOf(t, "enforce requests")); found.Err() != nil {
		t.Errorf("`enforce requests` needs no origins: %v", found.Err())
	}
}
