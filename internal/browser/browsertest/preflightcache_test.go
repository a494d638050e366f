package browsertest_test

import (
	"testing"
	"time"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/browser/browsertest"
)

func TestMaxAge(t *testing.T) {
	const s = time.Second
	for _, c := range []struct {
		values []string
		limit  time.Duration
		want   time.Duration
	}{
		{nil, 0, 5 * s},
		{[]string{"600"}, 0, 600 * s},
		{[]string{" 600\t"}, 0, 600 * s},
		{[]string{"0600"}, 0, 600 * s},
		{[]string{"0"}, 0, 0},
		{[]string{""}, 0, 5 * s},
		{[]string{"-1"}, 0, 5 * s},
		{[]string{"+1"}, 0, 5 * s},
		{[]string{"1.5"}, 0, 5 * s},
		{[]string{"10, 20"}, 0, 5 * s},
		{[]string{"10", "10"}, 0, 5 * s},
		{[]string{"10s"}, 0, 5 * s},
		{[]string{"0x10"}, 0, 5 * s},
		{[]string{"\"10\""}, 0, 5 * s},
		{[]string{"1 0"}, 0, 5 * s},
		{[]string{"86401"}, browsertest.LimitFirefox, 86400 * s},
		{[]string{"86400"}, browsertest.LimitFirefox, 86400 * s},
		{[]string{"7201"}, browsertest.LimitChromium, 7200 * s},
		{[]string{"601"}, browsertest.LimitWebKit, 600 * s},
		{[]string{"599"}, browsertest.LimitWebKit, 599 * s},
		{nil, 2 * s, 2 * s},
		{[]string{"99999999999999999999999"}, 0, (1 << 31) * s},
		{[]string{"9999999999"}, browsertest.LimitChromium, 7200 * s},
	} {
		var h browser.Headers
		for _, value := range c.values {
			h = append(h, [2]string{"access-control-max-age", value})
		}
		if got := browsertest.MaxAge(h, c.limit); got != c.want {
			t.Errorf("%q, at most %s: %s, want %s", c.values, c.limit, got, c.want)
		}
	}
}

// browserTest is a browser with a cache and a clock, in front of a server that answers preflights with grant.
type browserTest struct {
	*testing.T
	browser    *browser.Browser
	now        time.Time
	grant      browser.Headers
	preflights int
	broken     bool // the server forgets the CORS headers of the answer itself
}

func newBrowserTest(t *testing.T, limit time.Duration, grant ...string) *browserTest {
	b := &browserTest{T: t, grant: header(grant...), now: time.Unix(1e9, 0)}
	b.browser = &browser.Browser{
		Cache: browsertest.NewPreflightCache(limit, func() time.Time { return b.now }),
		RoundTrip: func(s browser.Sent) (browser.Response, error) {
			resp := answer(200)
			if !s.Preflight && b.broken {
				return resp, nil
			}
			resp = consent(s)
			if s.Preflight {
				b.preflights++
				resp.Headers = append(resp.Headers.Without(acam, acah), b.grant...)
			}
			return resp, nil
		},
	}
	return b
}

// fetch asserts whether the fetch costs a preflight.
func (b *browserTest) fetch(what string, r browser.Request, costs int) browser.Verdict {
	b.Helper()
	return b.fetchFrom(what, page(b, pageURL), r, costs)
}

func (b *browserTest) fetchFrom(what string, p browser.Page, r browser.Request, costs int) browser.Verdict {
	b.Helper()
	if r.URL == "" {
		r.URL = apiURL
	}
	before := b.preflights
	v := b.browser.Fetch(p, r)
	if got := b.preflights - before; got != costs {
		b.Errorf("%s: %d preflights, want %d", what, got, costs)
	}
	if n := len(v.Preflights); n > 0 && v.Preflights[n-1].Cached == (costs > 0) {
		b.Errorf("%s: noted as cached: %t", what, v.Preflights[n-1].Cached)
	}
	return v
}

func TestPreflightCacheAges(t *testing.T) {
	put := browser.Request{Method: "PUT"}
	b := newBrowserTest(t, browsertest.LimitWebKit, acam, "PUT", acma, "3600")
	b.fetch("first", put, 1)
	b.fetch("second", put, 0)
	b.now = b.now.Add(browsertest.LimitWebKit - time.Second)
	b.fetch("a second before the limit", put, 0)
	b.now = b.now.Add(time.Second)
	b.fetch("at the limit", put, 1)

	b = newBrowserTest(t, 0, acam, "PUT")
	b.fetch("no max age", put, 1)
	b.now = b.now.Add(4 * time.Second)
	b.fetch("after 4 s", put, 0)
	b.now = b.now.Add(time.Second)
	b.fetch("after 5 s", put, 1)

	b = newBrowserTest(t, 0, acam, "PUT", acma, "0")
	b.fetch("zero", put, 1)
	b.fetch("zero again", put, 1)
}

func TestPreflightCacheGrants(t *testing.T) {
	b := newBrowserTest(t, 0, acam, "PUT,patch", acah, "X-A,Authorization", acma, "60")
	b.fetch("PUT", browser.Request{Method: "PUT"}, 1)
	b.fetch("patch", browser.Request{Method: "patch"}, 0)
	b.fetch("header", browser.Request{Headers: header("x-a", "1")}, 0)
	b.fetch("both", browser.Request{Method: "PUT", Headers: header("x-A", "1", "Authorization", "1")}, 0)
	b.fetch("GET with the flag has no entry", browser.Request{UseCORSPreflight: true}, 1)
	b.fetch("PATCH", browser.Request{Method: "PATCH"}, 1)
	b.fetch("other header", browser.Request{Headers: header("X-A", "1", "X-B", "1")}, 1)

	b = newBrowserTest(t, 0, acma, "60")
	b.fetch("flag", browser.Request{UseCORSPreflight: true}, 1)
	b.fetch("absent ACAM counts as the method", browser.Request{UseCORSPreflight: true}, 0)
	b.fetch("not as another", browser.Request{UseCORSPreflight: true, Method: "POST"}, 1)

	b = newBrowserTest(t, 0, acam, "*", acah, "*,Authorization", acma, "60")
	b.fetch("star", browser.Request{Method: "PUT", Headers: header("X-A", "1")}, 1)
	b.fetch("star covers", browser.Request{Method: "DELETE", Headers: header("X-B", "1"), UseCORSPreflight: true}, 0)
	b.fetch("listed beside star", browser.Request{Headers: header("authorization", "1")}, 0)

	b = newBrowserTest(t, 0, acah, "*", acma, "60")
	b.fetch("star", browser.Request{Headers: header("X-A", "1")}, 1)
	b.fetch("star never covers authorization", browser.Request{Headers: header("X-A", "1", "Authorization", "1")}, 1)
}

func TestPreflightCacheKey(t *testing.T) {
	include := browser.CredentialsInclude
	put := browser.Request{Method: "PUT"}
	b := newBrowserTest(t, 0, acam, "PUT", acma, "60")
	b.fetch("without credentials", put, 1)
	b.fetch("omit and same-origin are alike", browser.Request{Method: "PUT", Credentials: browser.CredentialsOmit}, 0)
	b.fetch("with credentials", browser.Request{Method: "PUT", Credentials: include}, 1)
	b.fetch("other URL", browser.Request{Method: "PUT", URL: apiURL + "?x"}, 1)
	b.fetch("other path", browser.Request{Method: "PUT", URL: "https://api.example/Data"}, 1)
	b.fetchFrom("other origin", page(t, "https://other.example"), put, 1)
	b.fetchFrom("other partition", browser.Page{Origin: page(t, pageURL).Origin, Partition: "x"}, put, 1)
	b.fetch("still there", put, 0)

	b = newBrowserTest(t, 0, acam, "PUT", acma, "60")
	b.fetch("with credentials", browser.Request{Method: "PUT", Credentials: include}, 1)
	b.fetch("serves those without", put, 0)
}

func TestPreflightCacheIsCleared(t *testing.T) {
	put, get := browser.Request{Method: "PUT"}, browser.Request{}
	elsewhere := browser.Request{Method: "PUT", URL: apiURL + "/other"}
	b := newBrowserTest(t, 0, acam, "PUT", acma, "60")
	b.fetch("fill", put, 1)
	b.fetch("fill another URL", elsewhere, 1)
	b.fetch("fill with credentials", browser.Request{Method: "PUT", Credentials: browser.CredentialsInclude}, 1)

	b.broken = true
	wantVerdict(t, b.fetch("a plain GET fails", get, 0), browser.Blocked, 21, browser.ACAOMissing)
	wantVerdict(t, b.fetch("which clears nothing; a PUT fails", put, 0), browser.Blocked, 21, browser.ACAOMissing)
	b.broken = false
	b.fetch("which clears", put, 1)
	b.fetch("with credentials too", browser.Request{Method: "PUT", Credentials: browser.CredentialsInclude}, 1)
	b.fetch("but not another URL", elsewhere, 0)

	b.fetch("a preflight that fails", browser.Request{Method: "DELETE"}, 1)
	b.fetch("clears as well", put, 1)
}

// TestPreflightCacheRenews follows steps 12 to 15 of the standard: what matches, even through a star, gets the new age.
func TestPreflightCacheRenews(t *testing.T) {
	b := newBrowserTest(t, 0, acam, "PUT", acah, "x-a", acma, "10")
	b.fetch("fill", browser.Request{Method: "PUT"}, 1)
	b.now = b.now.Add(9 * time.Second)
	b.fetch("GET with the flag", browser.Request{UseCORSPreflight: true}, 1)
	b.now = b.now.Add(9 * time.Second)
	b.fetch("renewed", browser.Request{Method: "PUT", Headers: header("x-a", "1")}, 0)

	b = newBrowserTest(t, 0, acam, "*", acma, "100")
	b.fetch("a star", browser.Request{Method: "PUT"}, 1)
	b.grant = header(acam, "DELETE", acah, "x-a", acma, "1")
	b.fetch("DELETE renews the star", browser.Request{Method: "DELETE", Headers: header("x-a", "1")}, 1)
	b.now = b.now.Add(2 * time.Second)
	b.grant = header(acam, "PUT")
	b.fetch("to the shorter age", browser.Request{Method: "PUT"}, 1)
}

func TestPreflightCacheByRedirectOrigin(t *testing.T) {
	cache := browsertest.NewPreflightCache(0, nil)
	b := &browser.Browser{Cache: cache, RoundTrip: func(s browser.Sent) (browser.Response, error) {
		resp := consent(s)
		resp.Headers = append(resp.Headers, header(acma, "60")...)
		if s.URL == apiURL && !s.Preflight {
			resp.Status, resp.Headers = 307, append(resp.Headers, header("Location", "https://other.example/")...)
		}
		return resp, nil
	}}
	b.Fetch(page(t, pageURL), browser.Request{URL: apiURL, Method: "PUT"})
	for key, want := range map[browser.CacheKey]bool{
		{Origin: pageURL, URL: apiURL}:                   true,
		{Origin: "null", URL: "https://other.example/"}:  true,
		{Origin: pageURL, URL: "https://other.example/"}: false,
	} {
		if got := cache.MatchMethod(key, "PUT"); got != want {
			t.Errorf("%v: %t", key, got)
		}
	}
	cache.Clear(browser.CacheKey{Origin: pageURL, URL: apiURL, Credentials: true})
	if cache.MatchMethod(browser.CacheKey{Origin: pageURL, URL: apiURL}, "PUT") {
		t.Error("Clear leaves nothing, whatever the credentials")
	}
}
