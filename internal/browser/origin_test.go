package browser_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/browser"
)

func TestParseOrigin(t *testing.T) {
	for in, want := range map[string]string{
		"null":                                 "null",
		"https://example.com":                  "https://example.com",
		"HTTPS://Example.COM:443":              "https://example.com",
		"http://example.com:80":                "http://example.com",
		"http://example.com:443":               "http://example.com:443",
		"https://example.com:":                 "https://example.com",
		"https://example.com:08443":            "https://example.com:8443",
		"http://localhost:0":                   "http://localhost:0",
		"http://localhost:65535":               "http://localhost:65535",
		"http://[::1]:8080":                    "http://[::1]:8080",
		"http://[0:0:0:0:0:0:0:1]":             "http://[::1]",
		"http://[2001:DB8:0:0:1:0:0:1]":        "http://[2001:db8::1:0:0:1]",
		"http://[::ffff:127.0.0.1]":            "http://[::ffff:7f00:1]",
		"https://a_b.example.":                 "https://a_b.example.",
		"https://xn--bcher-kva.example":        "https://xn--bcher-kva.example",
		"chrome-extension://abcdef":            "chrome-extension://abcdef",
		"capacitor://localhost":                "capacitor://localhost",
		"ws://example.com:80":                  "ws://example.com",
		"https://example.com/":                 "error: write https://example.com",
		"https://example.com?":                 "error: an origin ends",
		"https://example.com#x":                "error: an origin ends",
		"https://u@example.com":                "error: an origin ends",
		"https://example.com/path":             "error: an origin ends",
		"https://example.com:65536":            "error: port 65536",
		"https://example.com:x":                "error: invalid port",
		"https://bücher.example":               "https://xn--bcher-kva.example",
		"https://BÜCHER.example:443":           "https://xn--bcher-kva.example",
		"https://\u0300x.example":              "error: no international name",
		"https://a b.example":                  "error: ",
		"https://a%b.example":                  "error: ",
		"https://<a>.example":                  "error: contains '<'",
		"https://[::1%25eth0]":                 "error: not an IPv6",
		"https://[127.0.0.1]":                  "error: invalid IP-literal",
		"https://":                             "error: write scheme://host",
		"example.com":                          "error: write scheme://host",
		"//example.com":                        "error: write scheme://host",
		"*":                                    "error: write scheme://host",
		"":                                     "error: write scheme://host",
		"Null":                                 "error: write scheme://host",
		"file:///tmp/x.html":                   "error: write null",
		"data:text/html,x":                     "error: write null",
		"https://a.example, https://b.example": "error: ",
		"https://a.example https://b.example":  "error: ",
		"https://example.com\\":                "error: ",
		"https://" + strings.Repeat("a.", 500) + "example": "https://" + strings.Repeat("a.", 500) + "example",
	} {
		got, err := browser.ParseOrigin(in)
		wantErr, fails := strings.CutPrefix(want, "error: ")
		switch {
		case fails != (err != nil):
			t.Errorf("%q: %v, %v; want %s", in, got, err, want)
		case fails && (!strings.Contains(err.Error(), wantErr) || !strings.HasPrefix(err.Error(), "parsing origin ")):
			t.Errorf("%q: error %v, want %s", in, err, wantErr)
		case !fails && got.String() != want:
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func TestOriginOf(t *testing.T) {
	for in, want := range map[string]string{
		"https://Example.com:443/a?b#c": "https://example.com",
		"http://u:p@example.com:8080/":  "http://example.com:8080",
		" https:\\\\example.com\\a\n":   "https://example.com",
		"https:example.com":             "https://example.com",
		"https:///example.com/":         "https://example.com",
		"https://example.com/100%":      "https://example.com",
		"https://example.com/%%zz%4?%":  "https://example.com",
		"ftp://example.com:21/":         "ftp://example.com",
		"wss://example.com/":            "wss://example.com",
		"data:text/plain,x":             "null",
		"file:///x":                     "null",
		"blob:https://example.com/x":    "null",
		"capacitor://localhost/x":       "null",
	} {
		got, err := browser.OriginOf(in)
		if err != nil || got.String() != want {
			t.Errorf("%q: %s, %v; want %s", in, got, err, want)
		}
	}
	for _, in := range []string{"", "/x", "//example.com/", "https://", "https://exa mple.com/", "https://example.com:99999/", "https://[::1/"} {
		if got, err := browser.OriginOf(in); err == nil {
			t.Errorf("%q: %s, want an error", in, got)
		}
	}
}

func TestSameOrigin(t *testing.T) {
	var unset browser.Origin
	if !unset.Opaque() || unset.SameOrigin(unset) || unset.String() != "null" {
		t.Error("the zero origin is opaque and the same as none")
	}
	a := mustOrigin(t, "https://example.com")
	for other, same := range map[string]bool{
		"https://example.com:443": true, "http://example.com": false, "https://example.com:8443": false,
		"https://www.example.com": false, "https://example.com.": false, "null": false,
	} {
		if got := a.SameOrigin(mustOrigin(t, other)); got != same {
			t.Errorf("%s and %s: %t", a, other, got)
		}
	}
	if text, err := json.Marshal(a); string(text) != `"https://example.com"` || err != nil {
		t.Errorf("JSON: %s, %v", text, err)
	}
}

func TestSerializeRequestOrigin(t *testing.T) {
	const p, a, b, c = "https://page.example", "https://a.example", "https://b.example", "https://sub.page.example"
	for _, test := range []struct {
		page string
		hops []string
		want string
	}{
		{p, []string{a}, p},
		{p, []string{p}, p},
		{p, []string{a, a, a}, p},
		{p, []string{p, a}, p},
		{p, []string{p, p, a}, p},
		{p, []string{p, a, a}, p},
		{p, []string{a, b}, "null"},
		{p, []string{a, p}, "null"},       // back home by way of another
		{p, []string{p, a, b}, "null"},    // three hops
		{p, []string{p, a, p}, "null"},    //
		{p, []string{a, b, b}, "null"},    // stays
		{p, []string{a, b, p}, "null"},    //
		{p, []string{a, a, b}, "null"},    //
		{p, []string{p, a, a, b}, "null"}, //
		{p, []string{c, p}, "null"},       // same site is not enough
		{p, []string{a, "http://a.example"}, "null"},
		{p, []string{a, "https://a.example:8443"}, "null"},
		{"null", []string{a}, "null"},
		{"null", []string{a, b}, "null"},
	} {
		var hops []browser.Origin
		for _, hop := range test.hops {
			hops = append(hops, mustOrigin(t, hop))
		}
		if got := browser.SerializeRequestOrigin(mustOrigin(t, test.page), hops); got != test.want {
			t.Errorf("%s by %v: %s, want %s", test.page, test.hops, got, test.want)
		}
	}
}

func TestOriginHeader(t *testing.T) {
	const secure, plain = "https://page.example", "http://page.example"
	for name, c := range map[string]struct {
		page    string
		request browser.Request
		want    string // empty: no Origin line
	}{
		"cors GET":               {secure, browser.Request{URL: apiURL}, secure},
		"cors GET, opaque page":  {"null", browser.Request{URL: apiURL}, "null"},
		"same-origin GET":        {secure, browser.Request{URL: secure}, ""},
		"same-origin HEAD":       {secure, browser.Request{URL: secure, Method: "head"}, ""},
		"same-origin POST":       {secure, browser.Request{URL: secure, Method: "POST"}, secure},
		"same-origin PUT":        {secure, browser.Request{URL: secure, Method: "PUT", Policy: browser.PolicyNoReferrer}, secure},
		"no-cors GET":            {secure, browser.Request{URL: apiURL, Mode: browser.ModeNoCORS}, ""},
		"form POST":              {secure, browser.Request{URL: apiURL, Mode: browser.ModeNavigate, Method: "POST"}, secure},
		"form POST, no-referrer": {secure, browser.Request{URL: apiURL, Mode: browser.ModeNavigate, Method: "POST", Policy: browser.PolicyNoReferrer}, "null"},
		"form POST, same-origin": {secure, browser.Request{URL: apiURL, Mode: browser.ModeNavigate, Method: "POST", Policy: browser.PolicySameOrigin}, "null"},
		"form POST home":         {secure, browser.Request{URL: secure, Mode: browser.ModeNavigate, Method: "POST", Policy: browser.PolicySameOrigin}, secure},
		"form POST, downgrade":   {secure, browser.Request{URL: "http://api.example", Mode: browser.ModeNavigate, Method: "POST"}, "null"},
		"form POST, strict":      {secure, browser.Request{URL: "http://api.example", Mode: browser.ModeNoCORS, Method: "POST", Policy: browser.PolicyStrictOrigin}, "null"},
		"form POST, unsafe-url":  {secure, browser.Request{URL: "http://api.example", Mode: browser.ModeNavigate, Method: "POST", Policy: "unsafe-url"}, secure},
		"form POST from http":    {plain, browser.Request{URL: "http://api.example", Mode: browser.ModeNavigate, Method: "POST"}, plain},
		"navigation":             {secure, browser.Request{URL: apiURL, Mode: browser.ModeNavigate}, ""},
		"WebSocket":              {secure, browser.Request{URL: "wss://api.example", Mode: browser.ModeWebSocket}, secure},
		"WebSocket home":         {secure, browser.Request{URL: "wss://page.example", Mode: browser.ModeWebSocket}, secure},
	} {
		t.Run(name, func(t *testing.T) {
			site := &server{}
			browser.Fetch(page(t, c.page), c.request, site.roundTrip)
			got := site.last().Headers.Values("Origin")
			if c.want == "" && got != nil || c.want != "" && (len(got) != 1 || got[0] != c.want) {
				t.Errorf("Origin %q, want %q", got, c.want)
			}
		})
	}
}
