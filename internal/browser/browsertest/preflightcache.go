package browsertest

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/caddy-cors/caddy-cors/internal/browser"
)

// What engines make of Access-Control-Max-Age at most.
const (
	LimitFirefox  = 24 * time.Hour
	LimitChromium = 2 * time.Hour
	LimitWebKit   = 10 * time.Minute
)

// defaultMaxAge holds without a valid Access-Control-Max-Age.
const defaultMaxAge = 5 * time.Second

// maxSeconds keeps absurd values inside time.Duration; RFC 9111, 1.2.2 suggests the number.
const maxSeconds = 1 << 31

// MaxAge reads how long the answer to a preflight may be kept (step 18, #http-access-control-max-age): one line of
// digits, else 5 seconds, and never more than limit. A limit of zero is none.
func MaxAge(h browser.Headers, limit time.Duration) time.Duration {
	age := defaultMaxAge
	if lines := h.Values("Access-Control-Max-Age"); len(lines) == 1 && isDigits(lines[0]) {
		seconds, err := strconv.ParseInt(lines[0], 10, 64)
		if err != nil || seconds > maxSeconds {
			seconds = maxSeconds
		}
		age = time.Duration(seconds) * time.Second
	}
	if limit > 0 {
		age = min(age, limit)
	}
	return age
}

// PreflightCache is the CORS-preflight cache of one browser (#cors-preflight-cache). It is not safe for concurrent
// use.
type PreflightCache struct {
	now     func() time.Time
	max     time.Duration
	entries []*cacheEntry
}

// cacheEntry grants a method or a header, never both; the other is empty.
type cacheEntry struct {
	browser.CacheKey
	method, header string
	expires        time.Time
}

// NewPreflightCache makes an empty cache. Limit clamps the ages (zero: not at all); now is the clock, nil for
// time.Now.
func NewPreflightCache(limit time.Duration, now func() time.Time) *PreflightCache {
	if now == nil {
		now = time.Now
	}
	return &PreflightCache{now: now, max: limit}
}

// MatchMethod reports whether the cache grants the method (#concept-cache-match-method). By the letter a stored * does
// so with credentials too, where the preflight itself would fail; Chromium keeps to the sense and asks again.
func (c *PreflightCache) MatchMethod(key browser.CacheKey, method string) bool {
	return len(c.matches(key, grantsMethod(method))) > 0
}

// MatchHeader reports whether the cache grants the header (#concept-cache-match-header). A stored * does, except for
// Authorization.
func (c *PreflightCache) MatchHeader(key browser.CacheKey, name string) bool {
	return len(c.matches(key, grantsHeader(name))) > 0
}

// Clear drops what is known of the origin and URL, whatever the credentials (step 20, #concept-cache-clear).
func (c *PreflightCache) Clear(key browser.CacheKey) {
	c.entries = slices.DeleteFunc(c.entries, func(e *cacheEntry) bool { return e.sameTarget(key) })
}

// sameTarget compares everything but the credentials.
func (e *cacheEntry) sameTarget(key browser.CacheKey) bool {
	key.Credentials = e.Credentials
	return e.CacheKey == key
}

func grantsMethod(method string) func(*cacheEntry) bool {
	return func(e *cacheEntry) bool { return e.method == method || e.method == "*" }
}

func grantsHeader(name string) func(*cacheEntry) bool {
	return func(e *cacheEntry) bool {
		return e.header != "" && strings.EqualFold(e.header, name) || e.header == "*" && !strings.EqualFold(name, "Authorization")
	}
}

// matches finds the live entries for the key. One stored with credentials serves both kinds of requests, since the
// server said yes to the stronger one; one stored without serves only its own.
func (c *PreflightCache) matches(key browser.CacheKey, grants func(*cacheEntry) bool) []*cacheEntry {
	now := c.now()
	c.entries = slices.DeleteFunc(c.entries, func(e *cacheEntry) bool { return !now.Before(e.expires) })
	var found []*cacheEntry
	for _, e := range c.entries {
		if e.sameTarget(key) && (e.Credentials || !key.Credentials) && grants(e) {
			found = append(found, e)
		}
	}
	return found
}

// Store is step 19 (#cors-preflight-fetch-0, steps 12 to 15 of its step 7): what matches is renewed, else an entry is
// made.
func (c *PreflightCache) Store(key browser.CacheKey, methods, headers []string, answer browser.Headers) {
	age := MaxAge(answer, c.max)
	for _, method := range methods {
		c.renew(key, age, grantsMethod(method), cacheEntry{method: method})
	}
	for _, header := range headers {
		c.renew(key, age, grantsHeader(header), cacheEntry{header: header})
	}
}

func (c *PreflightCache) renew(key browser.CacheKey, age time.Duration, grants func(*cacheEntry) bool, fresh cacheEntry) {
	expires := c.now().Add(age)
	found := c.matches(key, grants)
	for _, e := range found {
		e.expires = expires
	}
	if len(found) == 0 {
		fresh.CacheKey, fresh.expires = key, expires
		c.entries = append(c.entries, &fresh)
	}
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
