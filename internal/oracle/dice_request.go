package oracle

import (
	"crypto/tls"
	"net/http"
	"strings"
)

// originFor is an origin near those that the configuration names.
func (d *Dice) originFor(c *Config) string {
	named := append(Words(c.Origins), Words(c.Except)...)
	for _, f := range c.For {
		named = append(named, Words(f.Origins)...)
	}
	for _, s := range c.OriginsFrom {
		named = append(named, append(s.Yes, s.Silent...)...)
	}
	if len(named) == 0 || d.OneIn(6) {
		return d.origin() + d.pick("", "", "", "", "", ":443", ":80", ":65536", "/")
	}
	o := named[d.below(len(named))]
	o = strings.Replace(o, "**.", d.pick("x.", "y.x.", "", "z.y.x."), 1)
	o = strings.Replace(o, "://*.", "://"+d.pick("x.", "y.x.", ""), 1)
	if strings.Contains(strings.TrimSuffix(o, ":*"), "*") {
		o = strings.Replace(o, "*", d.pick("1", "x-2", "-", "", "a.b", "x_y", "A"), 1)
	}
	o = strings.Replace(o, ":*", d.pick("", ":8443", ":443", ":65535"), 1)
	if !d.OneIn(3) {
		return o
	}
	scheme, rest, _ := strings.Cut(o, "://")
	return d.pick("http://"+rest, scheme+"://x"+rest, scheme+"://x."+rest, o+"x", o+".", o+":8443", o+"/", " "+o, strings.ToUpper(o), o+" "+o, o+",", scheme+"://"+d.raw(12)+rest, o+d.raw(12))
}

// Request is a request to a site with that configuration.
func (d *Dice) Request(c *Config) *http.Request {
	r := &http.Request{Method: d.pick("OPTIONS", "GET", "OPTIONS", "OPTIONS", "POST", "HEAD", "options", "CONNECT"), ProtoMajor: 1, Header: http.Header{}}
	if d.OneIn(20) {
		r.Method = d.raw(10)
	}
	origins := []string{d.originFor(c)}
	switch d.below(16) {
	case 13:
		origins = nil
	case 14:
		origins = append(make([]string, 0, 2), "")
	case 15:
		origins = append(origins, d.pick("", origins[0], d.originFor(c)))
	}
	_, authority, _ := strings.Cut(strings.Join(origins[:min(1, len(origins))], ""), "://")
	r.Host = d.pick("site.example", "site.example", authority, authority+":443", authority+":80", strings.ToUpper(authority), "localhost", d.ownName(), d.raw(12))
	setValues(r.Header, "Origin", origins)
	setValues(r.Header, "Sec-Fetch-Site", [][]string{nil, nil, nil, {"cross-site"}, {"same-site"}, {"same-origin"}, {"same-origin", "cross-site"}, {"Same-Origin"}, {"none"}, {""}}[d.below(10)])
	if d.OneIn(3) {
		r.TLS = new(tls.ConnectionState)
	}
	d.preflight(r)
	if d.Endpoint != "" {
		d.askAgain(c, r)
	}
	switch d.below(8) {
	case 5:
		setValues(r.Header, "Upgrade", []string{d.pick("websocket", "h2c, WebSocket", "h2c", "websocketx")})
	case 6:
		r.ProtoMajor = 2
		setValues(r.Header, ":protocol", []string{d.pick("websocket", "other")})
	}
	return r
}

// askAgain makes requests alike, so that some meet the answer to another one.
func (d *Dice) askAgain(c *Config, r *http.Request) {
	r.Header[Mood] = []string{d.pick("good", "bad", "odd")}
	if len(c.OriginsFrom) == 0 || d.OneIn(3) {
		return
	}
	setValues(r.Header, "Origin", []string{d.pick("https://shop.example", "https://www.shop.example", "app://.", "https://shop.example:8443")})
	r.Host = d.pick("anna.example", "ANNA.example:8443", "anna.example.", "bert.example", "bert.example:", "anna.example:999999", "an na", "[::1]:80", "[0:0::1]", "anna", strings.Repeat("a.", 126)+"a", strings.Repeat("a", 64)+".example")
	r.Header.Del("Sec-Fetch-Site")
}

// ownName is a host that nobody can register, or nearly.
func (d *Dice) ownName() string {
	return d.pick("127.0.0.1:8080", "[::1]", "[fe80::1]:80", "nas", "nas.:8080", "printer.local", "x.home.arpa", "home.arpa", "local.example", "a.test", "10.0.0.1", "x.internal:1")
}

// preflight adds what a preflight asks for, or a part of it.
func (d *Dice) preflight(r *http.Request) {
	if d.below(8) < 7 {
		methods := []string{d.askedMethod()}
		if d.OneIn(16) {
			methods = append(methods, d.pick("", "PUT", methods[0]))
		}
		setValues(r.Header, "Access-Control-Request-Method", methods)
	}
	var lines []string
	for range d.below(5) - 2 { // one or two
		lines = append(lines, strings.Join(d.list(3, d.askedName), d.pick(",", ", ", "\t ,", ",,")))
	}
	switch d.below(24) { // the bounds
	case 20:
		lines = append(lines, strings.Repeat(",", 30+d.below(4)))
	case 21:
		lines = append(lines, strings.Repeat("a", 4090+d.below(10)))
	case 22:
		lines = append(lines, strings.Repeat(" ", 4090+d.below(10))+"x-a")
	case 23:
		lines = append(lines, d.raw(60))
	}
	setValues(r.Header, "Access-Control-Request-Headers", lines)
}

func (d *Dice) askedMethod() string {
	if d.OneIn(8) {
		return d.pick("TRACE", "connect", "", "P UT", "PUT,GET", strings.Repeat("M", 33), d.raw(40))
	}
	if d.OneIn(3) {
		return d.method()
	}
	return d.pick("PUT", "PATCH", "GET", "POST", "DELETE")
}

func (d *Dice) askedName() string {
	if d.OneIn(16) {
		return d.pick("x a", "authorization ", "x-\u212a", d.raw(20))
	}
	if d.OneIn(3) {
		return d.headerName()
	}
	return d.pick("x-a", "X-B", "content-type", "authorization")
}

// setValues sets a header to lines; none means that it is absent.
func setValues(h http.Header, name string, lines []string) {
	if len(lines) > 0 {
		h[name] = lines
	}
}
