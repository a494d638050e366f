package browsertest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/caddy-cors/caddy-cors/internal/browser"
)

// HTTPCache is a small HTTP cache that obeys Vary, to find answers that are right for one origin and wrong for the
// next (#cors-protocol-and-http-caches). It keeps answers to GET that carry max-age or a validator, of any status, and
// is not safe for concurrent use. RFC 9111 asks more of a real one.
type HTTPCache struct {
	next   browser.RoundTrip
	now    func() time.Time
	stored []*storedResponse
}

type storedResponse struct {
	sent  browser.Sent
	resp  browser.Response
	fresh time.Time // until then
}

// NewHTTPCache puts an empty cache in front of next. Now is the clock, nil for time.Now.
func NewHTTPCache(next browser.RoundTrip, now func() time.Time) *HTTPCache {
	if now == nil {
		now = time.Now
	}
	return &HTTPCache{next: next, now: now}
}

// RoundTrip answers from the cache or from behind it.
func (c *HTTPCache) RoundTrip(s browser.Sent) (browser.Response, error) {
	if s.Method != http.MethodGet || s.Headers.Has("Range") {
		return c.next(s)
	}
	hit := c.find(s)
	if hit != nil && c.now().Before(hit.fresh) {
		return hit.resp, nil
	}
	ask := s
	var (
		etag        string
		conditional bool
	)
	if hit != nil && !s.Headers.Has("If-None-Match") {
		if etag, conditional = hit.resp.Headers.Get("ETag"); conditional {
			ask.Headers = append(slices.Clone(s.Headers), [2]string{"If-None-Match", etag})
		}
	}
	resp, err := c.next(ask)
	if err != nil {
		return resp, err
	}
	if conditional && resp.Status == 304 {
		resp = update(hit.resp, resp)
	}
	c.store(s, resp)
	return resp, nil
}

// update lets the headers of a 304 replace the stored ones (RFC 9111, 3.2). This is how a 304 with a wrong
// Access-Control-Allow-Origin spoils a good copy: the browser checks the outcome, not the 304
// (#concept-http-network-or-cache-fetch).
func update(old, notModified browser.Response) browser.Response {
	changed := notModified.Headers.Without("Content-Length", "Content-Encoding", "Content-Range", "Connection")
	kept := old.Headers.Without(changed.Names()...)
	return browser.Response{Status: old.Status, Headers: append(kept, changed...)}
}

// find returns the stored answer whose request agrees in every header that the answer's Vary names (RFC 9111, 4.1).
func (c *HTTPCache) find(s browser.Sent) *storedResponse {
	for _, e := range c.stored {
		if e.sent.URL == s.URL && agree(varyNames(e.resp.Headers), e.sent.Headers, s.Headers) {
			return e
		}
	}
	return nil
}

func agree(names []string, a, b browser.Headers) bool {
	return !slices.ContainsFunc(names, func(name string) bool {
		inA, hasA := a.Get(name)
		inB, hasB := b.Get(name)
		return name == "*" || hasA != hasB || inA != inB
	})
}

func varyNames(h browser.Headers) []string {
	joined, _ := h.Get("Vary")
	var names []string
	for name := range strings.SplitSeq(joined, ",") {
		if name = strings.Trim(name, " \t"); name != "" {
			names = append(names, name)
		}
	}
	return names
}

func (c *HTTPCache) store(s browser.Sent, resp browser.Response) {
	names := varyNames(resp.Headers)
	c.stored = slices.DeleteFunc(c.stored, func(e *storedResponse) bool {
		return e.sent.URL == s.URL && agree(varyNames(e.resp.Headers), e.sent.Headers, s.Headers)
	})
	age, reusable := freshness(resp.Headers)
	if reusable && !slices.Contains(names, "*") && resp.Status != 304 && resp.Status != 206 {
		// Newest first: of several answers that a request could take, RFC 9111 picks the most recent.
		c.stored = slices.Insert(c.stored, 0, &storedResponse{sent: s, resp: resp, fresh: c.now().Add(age)})
	}
}

// freshness reads Cache-Control: for how long to reuse without asking, and whether to keep the answer at all.
func freshness(h browser.Headers) (age time.Duration, keep bool) {
	joined, _ := h.Get("Cache-Control")
	keep = h.Has("ETag")
	noCache := false
	for directive := range strings.SplitSeq(strings.ToLower(joined), ",") {
		name, value, _ := strings.Cut(strings.Trim(directive, " \t"), "=")
		switch name {
		case "no-store":
			return 0, false
		case "no-cache":
			noCache = true
		case "max-age":
			if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
				age = time.Duration(seconds) * time.Second
			}
		}
	}
	if noCache {
		age = 0
	}
	return age, keep || age > 0
}
