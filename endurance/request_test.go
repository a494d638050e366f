package endurance

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
)

// request is one that the test sends, and of which shape it is.
type request struct {
	site   *site
	path   string
	query  string
	method string
	header http.Header
	body   string

	shape string
}

func (r *request) String() string {
	return fmt.Sprintf("%s %s%s?%s %.300q", r.method, r.site.host, r.path, r.query, r.header)
}

const app = "https://app.example.com"

// strangersAndFriends are well-formed origins.
var strangersAndFriends = []string{
	app, app, app, app, app, app, app, app, app, app, "https://b.example.com:8443", "https://new.example.com", "https://bad.example.com", "https://a.b.example.com",
	"http://localhost", "http://localhost:3000", "http://app.example.com", "https://app.example.com:444", "https://example.com",
	"capacitor://localhost", "chrome-extension://abcdefghijklmnop", "https://web-pr12.example.net", "https://api.example.net",
	"https://evil.example", "https://x.evil.example", "https://evilexample.com", "https://app.example.com.evil.example",
	"http://[::1]:8080", "https://xn--bcher-kva.example", "null",
}

// noOrigins are lines that no browser sends.
var noOrigins = []string{
	"*", "https://", "https://app.example.com/", "https://app.example.com https://evil.example", "HTTPS://APP.EXAMPLE.COM",
	"https://app.example.com:443", "https://user@app.example.com", "https://app.example.com?x", ",", "Null", "https://*.example.com",
	"https://app.example.com\x80", "https://\xff\xfe.example.com", "https://b\u00fccher.example", "https://app.example.com,https://evil.example",
	"https://app.example.com:99999", "https://" + strings.Repeat("a.", 2000) + "example.com", strings.Repeat("https://", 700),
	strings.Repeat("\xf0\x9f\x92\xa9", 1500),
}

// paths are the backends, with what is asked of upstreams.
var paths = []string{
	"/hello", "/spoil", "/nothing", "/files/data.txt", "/files/data.txt", "/files/missing.txt", "/steady/x", "/steady/x", "/mortal/x", "/mortal/x",
	"/small", "/dead", "/secret", "/fail", "/moved",
}

// spoken are the ways in which an upstream can add CORS headers of its own.
var spoken = map[string]http.Header{
	"none":  {},
	"star":  {allowOrigin: {"*"}, allowCredentials: {"true"}, "Vary": {"Accept-Language"}},
	"twice": {allowOrigin: {"https://one.example", "https://two.example"}, allowMethods: {"GET"}, "Vary": {"origin, Cookie", "ORIGIN"}},
	"wrong": {allowHeaders: {"X-Leak"}, exposeHeaders: {"X-Leak"}, maxAge: {"86400"}, "Access-Control-Allow-Private-Network": {"true"}},
	"never": {allowOrigin: {"https://evil.example"}, "Vary": {"*"}},
}

var spokenWords = []string{"none", "star", "twice", "wrong", "never"}

var (
	methodsAsked = []string{"PUT", "PUT", "DELETE", "GET", "POST", "PATCH", "PURGE", "patch", "TRACE", "P\xc3\x9cT", "A B", strings.Repeat("M", 40)}
	headersAsked = [][]string{
		nil,
		{"content-type"},
		{"x-a,x-b"},
		{"x-a, x-b"},
		{"X-B", "X-A"},
		{"authorization,x-a"},
		{"authorization"},
		{""},
		{"*"},
		{"x-unknown"},
		{" x-a ,\tx-b "},
		{",,x-a,,"},
		{"x-a;x-b"},
		{"x-\x80,x-a"},
		{strings.Repeat(",", 40)},
		{strings.Repeat(",", 6000)},
		{strings.Repeat("x-a,", 900)},
		{strings.Repeat("a", 5000)},
		slices.Repeat([]string{"x-a"}, 60), slices.Repeat([]string{""}, 60),
		{strings.Repeat(" ", 4000) + "x-a"},
	}
)

func pick[T any](rnd *rand.Rand, from []T) T { return from[rnd.IntN(len(from))] }

// drawSite prefers those with sources, about which there is most to find out.
func drawSite(rnd *rand.Rand) *site {
	if rnd.IntN(4) == 0 {
		return pick(rnd, []*site{listSite, askSite, tenantSites[0], tenantSites[1]})
	}
	return pick(rnd, sites)
}

// draw makes up a request.
func (w *world) draw(rnd *rand.Rand) *request {
	r := &request{site: drawSite(rnd), path: pick(rnd, paths), method: http.MethodGet, header: make(http.Header)}
	r.query = "cors=" + pick(rnd, spokenWords)
	switch n := rnd.IntN(100); {
	case n == 99: // what else would be rare
		r.site, r.shape = exactSite, "preflight"
		r.method = http.MethodOptions
		r.header = http.Header{"Origin": {app}, "Access-Control-Request-Method": {"GET"}, "Access-Control-Request-Headers": {"x-unknown"}}
	case n < 15:
		r.shape = "no Origin"
		r.anyMethod(rnd)
		if n < 2 {
			r.header["Origin"] = []string{""}
		}
	case n < 55:
		r.shape = "actual"
		r.anyMethod(rnd)
		r.origin(rnd, w)
	case n < 85:
		r.shape = "preflight"
		r.origin(rnd, w)
		r.asks(rnd)
	case n < 88:
		r.shape = "range of a file"
		r.origin(rnd, w)
		r.path = "/files/data.txt"
		r.header.Set("Range", pick(rnd, []string{"bytes=0-99", "bytes=-5", "bytes=0-1,5-9", "bytes=999999-"}))
	case n < 93:
		r.shape = "plain OPTIONS"
		r.plainOptions(rnd, w)
	default:
		r.shape = "hostile Origin"
		r.hostile(rnd)
	}
	return r
}

func (r *request) anyMethod(rnd *rand.Rand) {
	r.method = pick(rnd, []string{"GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "PURGE"})
	if r.method == "POST" || r.method == "PUT" || r.method == "PATCH" {
		r.body = pick(rnd, []string{"", "short", strings.Repeat("long", 20)})
	}
	if rnd.IntN(4) == 0 {
		r.header.Set("Accept-Encoding", "gzip")
	}
}

// origin sets one that is well-formed.
func (r *request) origin(rnd *rand.Rand, w *world) {
	o := pick(rnd, strangersAndFriends)
	switch {
	case rnd.IntN(10) == 0:
		o = "https://" + r.site.host
	case rnd.IntN(20) == 0:
		r.header.Set("Sec-Fetch-Site", "same-origin")
	case r.site.policies[0].from(fromStillFile) && rnd.IntN(3) == 0:
		o = inStillFile
	case r.site.policies[0].from(fromFile) && rnd.IntN(4) > 0:
		o = w.list.draw(rnd)
	case (r.site.policies[0].from(fromEndpoint) || r.site.policies[0].from(fromTenants)) && rnd.IntN(4) > 0:
		o = w.endpoint.draw(rnd)
	}
	r.header.Set("Origin", o)
}

func (p *policy) from(s source) bool { return p != nil && p.listed == s }

func (r *request) asks(rnd *rand.Rand) {
	r.method = http.MethodOptions
	r.header["Access-Control-Request-Method"] = []string{pick(rnd, methodsAsked)}
	if rnd.IntN(20) == 0 {
		r.header.Add("Access-Control-Request-Method", "PUT")
	}
	if lines := pick(rnd, headersAsked); lines != nil {
		r.header["Access-Control-Request-Headers"] = lines
	}
}

// plainOptions: somebody's real request (WebDAV, TUS).
func (r *request) plainOptions(rnd *rand.Rand, w *world) {
	switch rnd.IntN(3) {
	case 0:
		r.asks(rnd) // without an Origin
	case 1:
		r.origin(rnd, w)
		r.header["Access-Control-Request-Method"] = []string{""}
	default:
		r.origin(rnd, w)
		r.header["Access-Control-Request-Headers"] = []string{"x-a"}
	}
	r.method = http.MethodOptions
}

func (r *request) hostile(rnd *rand.Rand) {
	if rnd.IntN(2) == 0 {
		r.asks(rnd)
	}
	if rnd.IntN(4) == 0 {
		r.header["Origin"] = pick(rnd, [][]string{{app, app}, {app, "https://evil.example"}, slices.Repeat([]string{app}, 100), {"", app}})
		return
	}
	r.header["Origin"] = []string{pick(rnd, noOrigins)}
}
