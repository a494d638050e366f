package browsertest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/browser/browsertest"
)

// TestHTTPCache serves two origins from one cache: without Vary the second gets what was meant for the first.
func TestHTTPCache(t *testing.T) {
	const other = "https://other.example"
	for name, c := range map[string]struct {
		vary, control string
		second        browser.Outcome
		requests      int
	}{
		"no Vary":           {"", "max-age=60", browser.Blocked, 1},
		"Vary: Origin":      {"Accept, origin", "max-age=60", browser.Readable, 2},
		"another Vary":      {"Accept-Encoding", "max-age=60", browser.Blocked, 1},
		"Vary: *":           {"*", "max-age=60", browser.Readable, 3},
		"not cacheable":     {"", "", browser.Readable, 3},
		"no-store":          {"", "No-Store, max-age=60", browser.Readable, 3},
		"expired at once":   {"", "max-age=0", browser.Readable, 3},
		"no-cache, no ETag": {"", "no-cache, max-age=60", browser.Readable, 3},
	} {
		requests := 0
		cache := browsertest.NewHTTPCache(func(s browser.Sent) (browser.Response, error) {
			requests++
			resp := consent(s)
			resp.Headers = append(resp.Headers, header("Cache-Control", c.control, "Vary", c.vary)...)
			return resp, nil
		}, nil)
		request := browser.Request{URL: apiURL}
		wantVerdict(t, browser.Fetch(page(t, pageURL), request, cache.RoundTrip), browser.Readable, 0, "")
		if v := browser.Fetch(page(t, other), request, cache.RoundTrip); v.Outcome != c.second {
			t.Errorf("%s: %s, want %s", name, v.Outcome, c.second)
		}
		browser.Fetch(page(t, pageURL), request, cache.RoundTrip)
		if requests != c.requests {
			t.Errorf("%s: %d requests, want %d", name, requests, c.requests)
		}
	}
}

// TestHTTPCacheWithoutOrigin is a navigation or an image that fills the cache for a later fetch.
func TestHTTPCacheWithoutOrigin(t *testing.T) {
	for vary, want := range map[string]browser.Outcome{"": browser.Blocked, "Origin": browser.Readable} {
		cache := browsertest.NewHTTPCache(func(s browser.Sent) (browser.Response, error) {
			resp := answer(200, "Cache-Control", "max-age=60", "Vary", vary)
			if origin, ok := s.Headers.Get("Origin"); ok {
				resp.Headers = append(resp.Headers, [2]string{acao, origin})
			}
			return resp, nil
		}, nil)
		browser.Fetch(page(t, pageURL), browser.Request{URL: apiURL, Mode: browser.ModeNoCORS}, cache.RoundTrip)
		if v := browser.Fetch(page(t, pageURL), browser.Request{URL: apiURL}, cache.RoundTrip); v.Outcome != want {
			t.Errorf("Vary %q: %s, want %s", vary, v.Outcome, want)
		}
	}
}

// TestHTTPCacheRevalidates checks that a 304 is judged by what it makes of the stored answer.
func TestHTTPCacheRevalidates(t *testing.T) {
	for name, c := range map[string]struct {
		notModified browser.Headers
		outcome     browser.Outcome
	}{
		"without CORS headers": {nil, browser.Readable},
		"with the right one":   {header(acao, pageURL), browser.Readable},
		"with a wrong one":     {header(acao, "https://other.example"), browser.Blocked},
	} {
		now, asked := time.Unix(1e9, 0), ""
		cache := browsertest.NewHTTPCache(func(s browser.Sent) (browser.Response, error) {
			if asked, _ = s.Headers.Get("If-None-Match"); asked != "" {
				return browser.Response{Status: 304, Headers: append(header("Cache-Control", "max-age=10"), c.notModified...)}, nil
			}
			return answer(200, acao, pageURL, "ETag", `"1"`, "Cache-Control", "max-age=60", "X-A", "1", aceh, "x-a"), nil
		}, func() time.Time { return now })
		browser.Fetch(page(t, pageURL), browser.Request{URL: apiURL}, cache.RoundTrip)
		now = now.Add(61 * time.Second)
		v := browser.Fetch(page(t, pageURL), browser.Request{URL: apiURL}, cache.RoundTrip)
		if v.Outcome != c.outcome || asked != `"1"` {
			t.Errorf("%s: %s after asking %s: %s", name, v.Outcome, asked, v.Detail)
		}
		if v.Outcome == browser.Readable && (v.Status != 200 || strings.Join(v.Exposed, " ") != "cache-control x-a") {
			t.Errorf("%s: the page sees %d %q", name, v.Status, v.Exposed)
		}
		asked = ""
		now = now.Add(9 * time.Second)
		if again := browser.Fetch(page(t, pageURL), browser.Request{URL: apiURL}, cache.RoundTrip); again.Outcome != c.outcome || asked != "" {
			t.Errorf("%s: afterwards %s, asking %q", name, again.Outcome, asked)
		}
	}
}

func TestHTTPCachePassesOn(t *testing.T) {
	requests := 0
	cache := browsertest.NewHTTPCache(func(s browser.Sent) (browser.Response, error) {
		requests++
		resp := consent(s)
		resp.Headers = append(resp.Headers, header("Cache-Control", "max-age=60")...)
		return resp, nil
	}, nil)
	for _, r := range []browser.Request{{Method: "POST"}, {Method: "POST"}, {Headers: header("Range", "bytes=0-")}, {Headers: header("Range", "bytes=0-")}} {
		r.URL = apiURL
		browser.Fetch(page(t, pageURL), r, cache.RoundTrip)
	}
	if requests != 4 {
		t.Errorf("%d requests, want 4", requests)
	}
}

// TestHTTPCacheAbsence: an empty header and none are different things to Vary.
func TestHTTPCacheAbsence(t *testing.T) {
	requests := 0
	cache := browsertest.NewHTTPCache(func(browser.Sent) (browser.Response, error) {
		requests++
		return answer(200, "Cache-Control", "max-age=60", "Vary", "X-A"), nil
	}, nil)
	for _, h := range []browser.Headers{nil, header("X-A", ""), nil, header("x-a", "")} {
		if _, err := cache.RoundTrip(browser.Sent{Method: "GET", URL: apiURL, Headers: h}); err != nil {
			t.Fatal(err)
		}
	}
	if requests != 2 {
		t.Errorf("%d requests, want 2", requests)
	}
}
