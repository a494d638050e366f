package browser_test

import (
	"slices"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/browser/browsertest"
)

func TestMethods(t *testing.T) {
	for _, c := range []struct {
		in, normal            string
		is, forbidden, listed bool // as written: a token; forbidden; safelisted after normalizing
	}{
		{"GET", "GET", true, false, true},
		{"get", "GET", true, false, true},
		{"hEaD", "HEAD", true, false, true},
		{"post", "POST", true, false, true},
		{"put", "PUT", true, false, false},
		{"delete", "DELETE", true, false, false},
		{"options", "OPTIONS", true, false, false},
		{"patch", "patch", true, false, false},
		{"Patch", "Patch", true, false, false},
		{"PATCH", "PATCH", true, false, false},
		{"query", "query", true, false, false},
		{"*", "*", true, false, false},
		{"connect", "connect", true, true, false},
		{"Trace", "Trace", true, true, false},
		{"TRACK", "TRACK", true, true, false},
		{"TRACKS", "TRACKS", true, false, false},
		{"", "", false, false, false},
		{"P UT", "P UT", false, false, false},
		{"PUT,", "PUT,", false, false, false},
		{"PÜT", "PÜT", false, false, false},
	} {
		if got := browser.NormalizeMethod(c.in); got != c.normal {
			t.Errorf("NormalizeMethod(%q) = %q, want %q", c.in, got, c.normal)
		}
		if got := browser.IsMethod(c.in); got != c.is {
			t.Errorf("IsMethod(%q) = %t", c.in, got)
		}
		if got := browser.IsForbiddenMethod(c.in); got != c.forbidden {
			t.Errorf("IsForbiddenMethod(%q) = %t", c.in, got)
		}
		if got := browser.IsSafelistedMethod(browser.NormalizeMethod(c.in)); got != c.listed {
			t.Errorf("IsSafelistedMethod(%q) = %t", c.normal, got)
		}
	}
	if browser.IsSafelistedMethod("get") {
		t.Error("get is safelisted only once it is normalized")
	}
}

func TestForbiddenRequestHeaders(t *testing.T) {
	forbidden := []string{
		"Accept-Charset", "Accept-Encoding", "Access-Control-Request-Headers", "Access-Control-Request-Method",
		"Connection", "Content-Length", "Cookie", "Cookie2", "Date", "DNT", "Expect", "Host", "Keep-Alive", "Origin",
		"Referer", "Set-Cookie", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Via",
		"Proxy-Authorization", "proxy-", "PROXY-x", "Sec-Fetch-Site", "sec-", "SEC-X",
	}
	for _, name := range forbidden {
		if !browser.IsForbiddenRequestHeader(name, "x") {
			t.Errorf("%s is forbidden", name)
		}
	}
	for _, name := range []string{
		"User-Agent", "Authorization", "Accept", "Security", "Proxy", "sec", "Access-Control-Request-Private-Network",
		"X-HTTP-Method", "Date2", "Set-Cookie2",
	} {
		if browser.IsForbiddenRequestHeader(name, "x") {
			t.Errorf("%s is not forbidden", name)
		}
	}
}

func TestMethodOverrides(t *testing.T) {
	for value, forbidden := range map[string]bool{
		"TRACE": true, "trace": true, "PUT, track": true, "PUT,CONNECT,GET": true, " Track\t": true,
		"PUT": false, "": false, "TRACES": false, `"TRACE"`: false, `"a,TRACE,b"`: false, `"a\",TRACE,b"`: false,
		`"a",TRACE`: true, "TRACE PUT": false,
	} {
		for _, name := range []string{"X-HTTP-Method", "x-http-method-override", "X-Method-Override"} {
			if got := browser.IsForbiddenRequestHeader(name, value); got != forbidden {
				t.Errorf("%s: %s is forbidden: %t, want %t", name, value, got, forbidden)
			}
		}
	}
}

func TestPageCallThrows(t *testing.T) {
	for name, c := range map[string]struct {
		request browser.Request
		step    int
		reason  browser.Reason
	}{
		"no token":               {browser.Request{Method: "P UT"}, 1, browser.MethodInvalid},
		"forbidden method":       {browser.Request{Method: "Trace"}, 1, browser.MethodForbidden},
		"header name":            {browser.Request{Headers: header("X Y", "1")}, 3, browser.HeaderInvalid},
		"empty header name":      {browser.Request{Headers: header("", "1")}, 3, browser.HeaderInvalid},
		"line break":             {browser.Request{Headers: header("X-Y", "1\r\nX-Z: 2")}, 3, browser.HeaderInvalid},
		"NUL":                    {browser.Request{Headers: header("X-Y", "1\x002")}, 3, browser.HeaderInvalid},
		"relative URL":           {browser.Request{URL: "/data"}, 4, browser.URLInvalid},
		"no host":                {browser.Request{URL: "https://"}, 4, browser.URLInvalid},
		"credentials in the URL": {browser.Request{URL: "https://u:p@api.example/"}, 4, browser.URLCredentials},
		"no-cors with PUT":       {browser.Request{Mode: browser.ModeNoCORS, Method: "PUT"}, 4, browser.NoCORSMethod},
	} {
		t.Run(name, func(t *testing.T) {
			if c.request.URL == "" {
				c.request.URL = apiURL
			}
			site := &server{}
			v := browser.Fetch(page(t, pageURL), c.request, site.roundTrip)
			wantVerdict(t, v, browser.NotSent, c.step, c.reason)
			if len(site.sent) != 0 {
				t.Errorf("sent %v", site.sent)
			}
			wantVerdict(t, browsertest.JudgePreflight(page(t, pageURL), c.request, answer(204)), browser.NotSent, c.step, c.reason)
			wantVerdict(t, browsertest.JudgeResponse(page(t, pageURL), c.request, answer(200)), browser.NotSent, c.step, c.reason)
		})
	}
}

func TestHeadersOfThePage(t *testing.T) {
	site := &server{}
	request := browser.Request{URL: apiURL, Headers: header(
		"Cookie", "a=b", "X-A", " \t1 \r\n", "Origin", "https://evil.example", "Sec-Fetch-Site", "none", "User-Agent", "me",
	)}
	v := browser.Fetch(page(t, pageURL), request, site.roundTrip)
	wantVerdict(t, v, browser.Readable, 0, "")
	if want := []string{"cookie", "origin", "sec-fetch-site"}; !slices.Equal(v.Dropped, want) {
		t.Errorf("dropped %q, want %q", v.Dropped, want)
	}
	want := header("X-A", "1", "User-Agent", "me", "Accept", "*/*", "Origin", pageURL)
	if got := site.last().Headers; !slices.Equal(got, want) {
		t.Errorf("sent %q, want %q", got, want)
	}
}

func TestNoCORSHeaders(t *testing.T) {
	site := &server{}
	request := browser.Request{URL: apiURL, Method: "POST", Mode: browser.ModeNoCORS, Headers: header(
		"X-A", "1", "Authorization", "x", "Range", "bytes=0-", "Content-Type", "application/json", "Accept", "a/b",
		"content-type", "text/plain", "Accept-Language", "en\x01",
	)}
	browser.Fetch(page(t, pageURL), request, site.roundTrip)
	want := header("Accept", "a/b", "content-type", "text/plain", "Origin", pageURL)
	if got := site.last().Headers; !slices.Equal(got, want) {
		t.Errorf("sent %q, want %q", got, want)
	}

	// Two safe values may join to an unsafe one.
	half := string(slices.Repeat([]byte("a"), 64))
	request.Headers = header("Accept", half, "Accept", half)
	if v := browser.Fetch(page(t, pageURL), request, site.roundTrip); !slices.Equal(v.Dropped, []string{"accept"}) {
		t.Errorf("dropped %q", v.Dropped)
	}
}
