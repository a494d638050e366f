package browser_test

import (
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/browser"
)

// TestRedirectIsPercentEncoded: what a Location holds goes over the wire, and to a terminal, as browsers write it.
func TestRedirectIsPercentEncoded(t *testing.T) {
	for location, want := range map[string]string{
		"/t?\x9b31mRED\x9d0;x":         "https://api.example/t?%9B31mRED%9D0;x",
		"/\x9b31m":                     "https://api.example/%9B31m",
		"/\x1b[0m?\x1b]0;\x07a":        "https://api.example/%1B[0m?%1B]0;%07a",
		"/é?é":                         "https://api.example/%C3%A9?%C3%A9",
		"/\u202egnp?\u2066":            "https://api.example/%E2%80%AEgnp?%E2%81%A6",
		"/a b?c d":                     "https://api.example/a%20b?c%20d",
		`/"<>?"<>'`:                    "https://api.example/%22%3C%3E?%22%3C%3E%27",
		"/%41%zz?%41%zz":               "https://api.example/%41%25zz?%41%zz",
		"/x?y#\x9b":                    "https://api.example/x?y",
		"https://b.example/\x9b":       "https://b.example/%9B",
		"//b.example/\x9b?\x9b":        "https://b.example/%9B?%9B",
		"https://b.example?\x9b":       "https://b.example/?%9B",
		"/a://\x9b/":                   "https://api.example/a://%9B/",
		"https://b.example/%E2%82%ACa": "https://b.example/%E2%82%ACa",
	} {
		site := via(302, location)
		browser.Fetch(page(t, pageURL), browser.Request{URL: apiURL}, site.roundTrip)
		if got := site.last().URL; got != want {
			t.Errorf("%q leads to %q, want %q", location, got, want)
		}
	}
}

// TestOriginsOfClients: every origin that some client sends can be asked about.
func TestOriginsOfClients(t *testing.T) {
	for _, s := range []string{"app://.", "file://", "package://", "qrc://", "capacitor://localhost", "chrome-extension://abc", "null"} {
		o, err := browser.ParseOrigin(s)
		if err != nil || o.String() != s {
			t.Errorf("%q reads %q, %v", s, o, err)
			continue
		}
		v := browser.Fetch(browser.Page{Origin: o}, browser.Request{URL: apiURL}, always(answer(200, acao, s)))
		wantVerdict(t, v, browser.Readable, 0, "")
		if sent, _ := v.Exchanges[0].Sent.Headers.Get("Origin"); sent != s {
			t.Errorf("%q sends %q", s, sent)
		}
	}
	for _, s := range []string{"https://", "ws://", "://", "1a://", "a b://", "data://", "file:///x"} {
		if o, err := browser.ParseOrigin(s); err == nil {
			t.Errorf("%q reads %q", s, o)
		}
	}
}
