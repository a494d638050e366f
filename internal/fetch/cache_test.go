package fetch_test

import (
	"testing"
	"time"

	"github.com/caddy-cors/caddy-cors/internal/fetch"
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
		{[]string{"86401"}, fetch.LimitFirefox, 86400 * s},
		{[]string{"86400"}, fetch.LimitFirefox, 86400 * s},
		{[]string{"7201"}, fetch.LimitChromium, 7200 * s},
		{[]string{"601"}, fetch.LimitWebKit, 600 * s},
		{[]string{"599"}, fetch.LimitWebKit, 599 * s},
		{nil, 2 * s, 2 * s},
		{[]string{"99999999999999999999999"}, 0, (1 << 31) * s},
		{[]string{"9999999999"}, fetch.LimitChromium, 7200 * s},
	} {
		var h fetch.Headers
		for _, value := range c.values {
			h = append(h, [2]string{"access-control-max-age", value})
		}
		if got := fetch.MaxAge(h, c.limit); got != c.want {
			t.Errorf("%q, at most %s: %s, want %s", c.values, c.limit, got, c.want)
		}
	}
}

// browserTest is a browser with a cache and a clock, in front of a server that answers preflights with grant.
type browserTest struct {
	*testing.T
	browser    *fetch.Browser
	now        time.Time
	grant      fetch.Headers
	preflights int
	broken     bool // the server forgets the CORS headers of the answer itself
}

func newBrowserTest(t *testing.T, limit time.Duration, grant ...string) *browserTest {
	b := &browserTest{T: t, grant: header(grant...), now: time.Unix(1e9, 0)}
	b.browser = &fetch.Browser{
		Cache: fetch.NewPreflightCache(limit, func() time.Time { return b.now }),
		RoundTrip: func(s fetch.Sent) (fetch.Response, error) {
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
func (b *browserTest) fetch(what string, r fetch.Request, costs int) fetch.Verdict {
	b.Helper()
	return b.fetchFrom(what, page(b, pageURL), r, costs)
}

func (b *browserTest) fetchFrom(what string, p fetch.Page, r fetch.Request, costs int) fetch.Verdict {
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
	put := fetch.Request{Method: "PUT"}
	b := newBrowserTest(t, fetch.LimitWebKit, acam, "PUT", acma, "3600")
	b.fetch("first", put, 1)
	b.fetch("second", put, 0)
	b.now = b.now.Add(fetch.LimitWebKit - time.Second)
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
	b.fetch("PUT", fetch.Request{Method: "PUT"}, 1)
	b.fetch("patch", fetch.Request{Method: "patch"}, 0)
	b.fetch("header", fetch.Request{Headers: header("x-a", "1")}, 0)
	b.fetch("both", fetch.Request{Method: "PUT", Headers: header("x-A", "1", "Authorization", "1")}, 0)
	b.fetch("GET with the flag has no entry", fetch.Request{UseCORSPreflight: true}, 1)
	b.fetch("PATCH", fetch.Request{Method: "PATCH"}, 1)
	b.fetch("other header", fetch.Request{Headers: header("X-A", "1", "X-B", "1")}, 1)

	b = newBrowserTest(t, 0, acma, "60")
	b.fetch("flag", fetch.Request{UseCORSPreflight: true}, 1)
	b.fetch("absent ACAM counts as the method", fetch.Request{UseCORSPreflight: true}, 0)
	b.fetch("not as another", fetch.Request{UseCORSPreflight: true, Method: "POST"}, 1)

	b = newBrowserTest(t, 0, acam, "*", acah, "*,Authorization", acma, "60")
	b.fetch("star", fetch.Request{Method: "PUT", Headers: header("X-A", "1")}, 1)
	b.fetch("star covers", fetch.Request{Method: "DELETE", Headers: header("X-B", "1"), UseCORSPreflight: true}, 0)
	b.fetch("listed beside star", fetch.Request{Headers: header("authorization", "1")}, 0)

	b = newBrowserTest(t, 0, acah, "*", acma, "60")
	b.fetch("star", fetch.Request{Headers: header("X-A", "1")}, 1)
	b.fetch("star never covers authorization", fetch.Request{Headers: header("X-A", "1", "Authorization", "1")}, 1)
}

func TestPreflightCacheKey(t *testing.T) {
	include := fetch.CredentialsInclude
	put := fetch.Request{Method: "PUT"}
	b := newBrowserTest(t, 0, acam, "PUT", acma, "60")
	b.fetch("without credentials", put, 1)
	b.fetch("omit and same-origin are alike", fetch.Request{Method: "PUT", Credentials: fetch.CredentialsOmit}, 0)
	b.fetch("with credentials", fetch.Request{Method: "PUT", Credentials: include}, 1)
	b.fetch("other URL", fetch.Request{Method: "PUT", URL: apiURL + "?x"}, 1)
	b.fetch("other path", fetch.Request{Method: "PUT", URL: "https://api.example/Data"}, 1)
	b.fetchFrom("other origin", page(t, "https://other.example"), put, 1)
	b.fetchFrom("other partition", fetch.Page{Origin: mustOrigin(t, pageURL), Partition: "x"}, put, 1)
	b.fetch("still there", put, 0)

	b = newBrowserTest(t, 0, acam, "PUT", acma, "60")
	b.fetch("with credentials", fetch.Request{Method: "PUT", Credentials: include}, 1)
	b.fetch("serves those without", put, 0)
}

func TestPreflightCacheIsCleared(t *testing.T) {
	put, get := fetch.Request{Method: "PUT"}, fetch.Request{}
	elsewhere := fetch.Request{Method: "PUT", URL: apiURL + "/other"}
	b := newBrowserTest(t, 0, acam, "PUT", acma, "60")
	b.fetch("fill", put, 1)
	b.fetch("fill another URL", elsewhere, 1)
	b.fetch("fill with credentials", fetch.Request{Method: "PUT", Credentials: fetch.CredentialsInclude}, 1)

	b.broken = true
	wantVerdict(t, b.fetch("a plain GET fails", get, 0), fetch.Blocked, 21, fetch.ACAOMissing)
	wantVerdict(t, b.fetch("which clears nothing; a PUT fails", put, 0), fetch.Blocked, 21, fetch.ACAOMissing)
	b.broken = false
	b.fetch("which clears", put, 1)
	b.fetch("with credentials too", fetch.Request{Method: "PUT", Credentials: fetch.CredentialsInclude}, 1)
	b.fetch("but not another URL", elsewhere, 0)

	b.fetch("a preflight that fails", fetch.Request{Method: "DELETE"}, 1)
	b.fetch("clears as well", put, 1)
}

// TestPreflightCacheRenews follows steps 12 to 15 of the standard: what matches, even through a star, gets the new age.
func TestPreflightCacheRenews(t *testing.T) {
	b := newBrowserTest(t, 0, acam, "PUT", acah, "x-a", acma, "10")
	b.fetch("fill", fetch.Request{Method: "PUT"}, 1)
	b.now = b.now.Add(9 * time.Second)
	b.fetch("GET with the flag", fetch.Request{UseCORSPreflight: true}, 1)
	b.now = b.now.Add(9 * time.Second)
	b.fetch("renewed", fetch.Request{Method: "PUT", Headers: header("x-a", "1")}, 0)

	b = newBrowserTest(t, 0, acam, "*", acma, "100")
	b.fetch("a star", fetch.Request{Method: "PUT"}, 1)
	b.grant = header(acam, "DELETE", acah, "x-a", acma, "1")
	b.fetch("DELETE renews the star", fetch.Request{Method: "DELETE", Headers: header("x-a", "1")}, 1)
	b.now = b.now.Add(2 * time.Second)
	b.grant = header(acam, "PUT")
	b.fetch("to the shorter age", fetch.Request{Method: "PUT"}, 1)
}

func TestPreflightCacheByRedirectOrigin(t *testing.T) {
	cache := fetch.NewPreflightCache(0, nil)
	site := via(307, "https://other.example/")
	browser := &fetch.Browser{Cache: cache, RoundTrip: func(s fetch.Sent) (fetch.Response, error) {
		resp, err := site.roundTrip(s)
		resp.Headers = append(resp.Headers, header(acma, "60")...)
		return resp, err
	}}
	browser.Fetch(page(t, pageURL), fetch.Request{URL: apiURL, Method: "PUT"})
	for key, want := range map[fetch.CacheKey]bool{
		{Origin: pageURL, URL: apiURL}:                   true,
		{Origin: "null", URL: "https://other.example/"}:  true,
		{Origin: pageURL, URL: "https://other.example/"}: false,
	} {
		if got := cache.MatchMethod(key, "PUT"); got != want {
			t.Errorf("%v: %t", key, got)
		}
	}
	cache.Clear(fetch.CacheKey{Origin: pageURL, URL: apiURL, Credentials: true})
	if cache.MatchMethod(fetch.CacheKey{Origin: pageURL, URL: apiURL}, "PUT") {
		t.Error("Clear leaves nothing, whatever the credentials")
	}
}

func TestNoPreflightCache(t *testing.T) {
	var none *fetch.PreflightCache
	none.Clear(fetch.CacheKey{})
	if none.MatchMethod(fetch.CacheKey{}, "PUT") || none.MatchHeader(fetch.CacheKey{}, "x") {
		t.Error("a nil cache grants nothing")
	}
}
