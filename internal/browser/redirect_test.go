package browser_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/browser/browsertest"
)

// via makes a site of one redirect, from apiURL to location.
func via(status int, location string) *server {
	return &server{hops: map[string]browser.Response{apiURL: answer(status, "Location", location)}}
}

func TestRedirectMethods(t *testing.T) {
	body := header("Content-Type", "text/plain", "content-language", "en", "Content-Encoding", "x", "Content-Location", "y", "X-A", "1")
	for _, c := range []struct {
		status   int
		from, to string
		dropped  bool
	}{
		{301, "GET", "GET", false},
		{301, "POST", "GET", true},
		{301, "PUT", "PUT", false},
		{301, "HEAD", "HEAD", false},
		{302, "GET", "GET", false},
		{302, "POST", "GET", true},
		{302, "DELETE", "DELETE", false},
		{303, "GET", "GET", false},
		{303, "HEAD", "HEAD", false},
		{303, "POST", "GET", true},
		{303, "PUT", "GET", true},
		{303, "patch", "GET", true},
		{307, "POST", "POST", false},
		{307, "PUT", "PUT", false},
		{308, "POST", "POST", false},
		{308, "PUT", "PUT", false},
	} {
		site := via(c.status, "/next")
		v := browser.Fetch(page(t, pageURL), browser.Request{URL: apiURL, Method: c.from, Headers: body}, site.roundTrip)
		wantVerdict(t, v, browser.Readable, 0, "")
		last := site.last()
		if last.Method != c.to || last.Headers.Has("Content-Type") == c.dropped || !last.Headers.Has("X-A") {
			t.Errorf("%d on %s: %s %q", c.status, c.from, last.Method, last.Headers)
		}
		for _, name := range []string{"Content-Language", "Content-Encoding", "Content-Location"} {
			if last.Headers.Has(name) == c.dropped {
				t.Errorf("%d on %s: %s dropped: %t", c.status, c.from, name, c.dropped)
			}
		}
		if v.URL != "https://api.example/next" {
			t.Errorf("ended at %s", v.URL)
		}
	}
}

func TestRedirectDropsAuthorization(t *testing.T) {
	for location, kept := range map[string]bool{
		"/next": true, "https://api.example:443/next": true, "https://API.example/next": true,
		"https://other.example/": false, "http://api.example/next": false, "https://api.example:8443/next": false, pageURL: false,
	} {
		site := via(307, location)
		browser.Fetch(page(t, pageURL), browser.Request{URL: apiURL, Headers: header("authorization", "x", "X-A", "1")}, site.roundTrip)
		if last := site.last(); last.Headers.Has("Authorization") != kept || !last.Headers.Has("X-A") {
			t.Errorf("%s: sent %q", location, last.Headers)
		}
		// Without Authorization the second preflight does not ask for it either.
		names, _ := site.sent[2].Headers.Get("Access-Control-Request-Headers")
		if !site.sent[2].Preflight || strings.Contains(names, "authorization") != kept {
			t.Errorf("%s: asked for %q", location, names)
		}
	}
}

func TestRedirectLocations(t *testing.T) {
	cors, basic := apiURL, pageURL+"/start"
	for name, c := range map[string]struct {
		from, location string
		step           int
		reason         browser.Reason
		end            string // URL of the last request
	}{
		"relative":                    {cors, "next?q", 0, "", "https://api.example/next?q"},
		"empty":                       {cors, "?once", 0, "", apiURL + "?once"},
		"scheme-relative":             {cors, "//other.example/x", 0, "", "https://other.example/x"},
		"backslashes":                 {cors, `\\other.example\x`, 0, "", "https://other.example/x"},
		"more slashes":                {cors, "////other.example/x", 0, "", "https://other.example/x"},
		"scheme without slashes":      {cors, "https:next", 0, "", "https://api.example/next"},
		"scheme with one slash":       {cors, "https:/next", 0, "", "https://api.example/next"},
		"other scheme, no slashes":    {cors, "http:other.example", 0, "", "http://other.example/"},
		"spaces around":               {cors, "  /next\t", 0, "", "https://api.example/next"},
		"stray percent sign":          {cors, "/100%", 0, "", "https://api.example/100%25"},
		"dots":                        {cors, "/a/../b", 0, "", "https://api.example/b"},
		"fragment":                    {cors, "/next#there", 0, "", "https://api.example/next"},
		"upper case":                  {cors, "HTTPS://OTHER.example:443", 0, "", "https://other.example/"},
		"no host":                     {cors, "https://", 33, browser.RedirectLocation, ""},
		"port":                        {cors, "https://other.example:65536/", 33, browser.RedirectLocation, ""},
		"space in the host":           {cors, "https://a b/", 33, browser.RedirectLocation, ""},
		"ftp":                         {cors, "ftp://other.example/", 33, browser.RedirectScheme, ""},
		"data":                        {cors, "data:text/plain,x", 33, browser.RedirectScheme, ""},
		"mail":                        {cors, "mailto:x@example.com", 33, browser.RedirectScheme, ""},
		"about":                       {cors, "about:blank", 33, browser.RedirectScheme, ""},
		"WebSocket":                   {cors, "wss://other.example/", 33, browser.RedirectScheme, ""},
		"user":                        {cors, "https://u@api.example/", 34, browser.RedirectCredentials, ""},
		"user and password":           {cors, "https://u:p@api.example/", 34, browser.RedirectCredentials, ""},
		"password":                    {cors, "https://:p@other.example/", 34, browser.RedirectCredentials, ""},
		"lone @":                      {cors, "https://@other.example/", 0, "", "https://other.example/"},
		"user, back home":             {cors, "https://u@page.example/", 34, browser.RedirectCredentials, ""},
		"user, at home":               {basic, "https://u@page.example/", 0, "", "https://u@page.example/"},
		"user, from home":             {basic, "https://u@api.example/", 34, browser.RedirectCredentials, ""},
		"scheme before credentials":   {cors, "ftp://u@other.example/", 33, browser.RedirectScheme, ""},
		"from home to a foreign site": {basic, "https://other.example/", 0, "", "https://other.example/"},
	} {
		t.Run(name, func(t *testing.T) {
			site := &server{hops: map[string]browser.Response{c.from: answer(302, "Location", c.location)}}
			v := browser.Fetch(page(t, pageURL), browser.Request{URL: c.from}, site.roundTrip)
			if c.step != 0 {
				wantVerdict(t, v, browser.Blocked, c.step, c.reason)
				if len(site.sent) != 1 {
					t.Errorf("sent %v", site.sent)
				}
				return
			}
			wantVerdict(t, v, browser.Readable, 0, "")
			if got := site.last().URL; got != c.end {
				t.Errorf("ended at %s, want %s", got, c.end)
			}
		})
	}
}

func TestRedirectWithoutLocation(t *testing.T) {
	v := browser.Fetch(page(t, pageURL), browser.Request{URL: apiURL}, always(answer(302, acao, "*")))
	wantVerdict(t, v, browser.Readable, 0, "")
	if v.Status != 302 {
		t.Errorf("status %d", v.Status)
	}
	v = browser.Fetch(page(t, pageURL), browser.Request{URL: apiURL}, always(answer(302, acao, "*", "Location", "/a", "location", "/b")))
	wantVerdict(t, v, browser.Blocked, 33, browser.RedirectLocation)
	v = browser.Fetch(page(t, pageURL), browser.Request{URL: apiURL}, always(answer(300, acao, "*", "Location", "/a")))
	wantVerdict(t, v, browser.Readable, 0, "")
}

func TestRedirectModes(t *testing.T) {
	for _, resp := range []browser.Response{answer(307, acao, "*"), answer(301, acao, "*", "Location", "/x")} {
		v := browser.Fetch(page(t, pageURL), browser.Request{URL: apiURL, Redirect: browser.RedirectError}, always(resp))
		wantVerdict(t, v, browser.Blocked, 32, browser.RedirectModeError)
		v = browser.Fetch(page(t, pageURL), browser.Request{URL: apiURL, Redirect: browser.RedirectManual}, always(resp))
		wantVerdict(t, v, browser.Opaque, 32, browser.RedirectModeManual)
	}
	// The CORS check comes first.
	v := browser.Fetch(page(t, pageURL), browser.Request{URL: apiURL, Redirect: browser.RedirectManual}, always(answer(307)))
	wantVerdict(t, v, browser.Blocked, 21, browser.ACAOMissing)
}

func TestRedirectLimit(t *testing.T) {
	chain := func(n int) browser.Verdict {
		hop := 0
		return browser.Fetch(page(t, pageURL), browser.Request{URL: apiURL}, func(s browser.Sent) (browser.Response, error) {
			if hop++; hop > n {
				return consent(s), nil
			}
			return answer(302, acao, pageURL, "Location", fmt.Sprint(hop)), nil
		})
	}
	v := chain(20)
	wantVerdict(t, v, browser.Readable, 0, "")
	if len(v.Exchanges) != 21 {
		t.Errorf("%d requests", len(v.Exchanges))
	}
	wantVerdict(t, chain(21), browser.Blocked, 33, browser.RedirectTooMany)
}

// TestRedirectTaint walks chains of three hops whose servers trust only the page: what is tainted fails.
func TestRedirectTaint(t *testing.T) {
	const home, a, b = pageURL, "https://api.example", "https://other.example"
	for _, c := range []struct {
		hops [3]string
		bad  int // the hop that fails, from 0; 3: none
	}{
		{[3]string{home, home, home}, 3},
		{[3]string{home, home, a}, 3},
		{[3]string{home, a, a}, 3},
		{[3]string{a, a, a}, 3},
		{[3]string{home, a, b}, 2},
		{[3]string{home, a, home}, 2},
		{[3]string{a, a, b}, 2},
		{[3]string{a, a, home}, 2},
		{[3]string{a, b, a}, 1},
		{[3]string{a, b, b}, 1},
		{[3]string{a, home, a}, 1},
		{[3]string{a, home, home}, 1},
	} {
		hop := 0
		v := browser.Fetch(page(t, pageURL), browser.Request{URL: c.hops[0]}, func(s browser.Sent) (browser.Response, error) {
			hop++
			if hop == len(c.hops) {
				return answer(200, acao, pageURL), nil
			}
			return answer(307, acao, pageURL, "Location", c.hops[hop]), nil
		})
		if c.bad == 3 {
			wantVerdict(t, v, browser.Readable, 0, "")
			continue
		}
		wantVerdict(t, v, browser.Blocked, 23, browser.ACAOMismatch)
		if len(v.Exchanges) != c.bad+1 || !strings.Contains(v.Detail, "redirects took") {
			t.Errorf("%v: failed at hop %d: %s", c.hops, len(v.Exchanges)-1, v.Detail)
		}
		if !slices.Equal(v.Want.Headers, header(acao, "*")) {
			t.Errorf("%v: wants %v", c.hops, v.Want)
		}
	}
}

func TestRedirectHopsInOtherModes(t *testing.T) {
	site := &server{hops: map[string]browser.Response{pageURL + "/": answer(302, "Location", apiURL)}}
	v := browser.Fetch(page(t, pageURL), browser.Request{URL: pageURL, Mode: browser.ModeSameOrigin}, site.roundTrip)
	wantVerdict(t, v, browser.Blocked, 4, browser.SameOriginMode)
	v = browser.Fetch(page(t, pageURL), browser.Request{URL: pageURL, Mode: browser.ModeNoCORS}, site.roundTrip)
	wantVerdict(t, v, browser.Opaque, 4, browser.NoCORS)
	v = browser.Fetch(page(t, pageURL), browser.Request{URL: pageURL, Mode: browser.ModeNavigate}, site.roundTrip)
	wantVerdict(t, v, browser.Readable, 0, "")
	// Opaque does not turn back into basic.
	v = browser.Fetch(page(t, pageURL), browser.Request{URL: apiURL, Mode: browser.ModeNoCORS}, via(302, pageURL).roundTrip)
	wantVerdict(t, v, browser.Opaque, 4, browser.NoCORS)
}

func TestEachHopPreflights(t *testing.T) {
	site := via(307, "https://other.example/")
	v := browser.Fetch(page(t, pageURL), browser.Request{URL: apiURL, Method: "PUT"}, site.roundTrip)
	wantVerdict(t, v, browser.Readable, 0, "")
	if len(v.Preflights) != 2 || site.preflights() != 2 || len(site.sent) != 4 {
		t.Fatalf("%v: %v", v.Preflights, site.sent)
	}
	if origin, _ := site.sent[2].Headers.Get("Origin"); !site.sent[2].Preflight || origin != "null" {
		t.Errorf("the second preflight carries Origin %q", origin)
	}
}

func TestRedirectKeepsTheFragment(t *testing.T) {
	for location, want := range map[string]string{"/next": "https://api.example/next#here", "/next#there": "https://api.example/next#there"} {
		v := browser.Fetch(page(t, pageURL), browser.Request{URL: apiURL + "#here"}, via(302, location).roundTrip)
		if v.URL != want {
			t.Errorf("%s: %s, want %s", location, v.URL, want)
		}
	}
}

func TestJudgeResponseDoesNotFollow(t *testing.T) {
	request := browser.Request{URL: apiURL, Method: "PUT"}
	v := browsertest.JudgeResponse(page(t, pageURL), request, answer(302, acao, "*", "Location", "https://other.example/"))
	wantVerdict(t, v, browser.Readable, 0, "")
	if v.URL != apiURL || v.Status != 302 || len(v.Exchanges) != 1 {
		t.Errorf("%+v", v)
	}
	v = browsertest.JudgeResponse(page(t, pageURL), request, answer(302, acao, "*", "Location", "ftp://other.example/"))
	wantVerdict(t, v, browser.Blocked, 33, browser.RedirectScheme)
	v = browsertest.JudgeResponse(page(t, pageURL), browser.Request{URL: apiURL, Mode: browser.ModeSameOrigin}, answer(200))
	wantVerdict(t, v, browser.NotSent, 4, browser.SameOriginMode)
}
