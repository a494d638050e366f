package oracle

import "net/http"

// Upstream is what the handler behind does.
type Upstream struct {
	Style  string // of those below
	Header http.Header
}

// Upstream is what the handler behind does to one request.
func (d *Dice) Upstream() Upstream {
	// Every way in which a response can begin.
	u := Upstream{d.pick("write", "nothing", "status", "hints", "flush", "error", "copy", "trailer"), http.Header{"X-Up": {"1"}}}
	if d.OneIn(3) {
		u.Header[d.pick("Access-Control-Allow-Origin", "access-control-allow-origin")] = d.list(2, func() string { return d.pick("*", "https://a.example", "") })
	}
	if d.OneIn(4) {
		u.Header[d.pick("Access-Control-Allow-Credentials", "access-control-ALLOW-methods", "Access-Control-Foo", "access-control-allow-private-network", "Access-Control-Expose-Headers")] = []string{d.pick("true", "*")}
	}
	if d.OneIn(4) {
		u.Header[d.pick("Timing-Allow-Origin", "timing-allow-origin", "Set-Cookie", "ETag", "x-odd")] = []string{"*"}
	}
	if d.OneIn(2) {
		u.Header["Vary"] = d.list(3, func() string {
			return d.pick("Accept-Encoding", "Origin", "origin", "*", "Cookie", "accept-encoding, ORIGIN", "Access-Control-Request-Method", "")
		})
	}
	if u.Style == "trailer" {
		u.Header["Trailer"] = []string{"access-control-allow-origin, X-T"}
	}
	return u
}
