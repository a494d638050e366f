package oracle

import (
	"math/rand/v2"
	"strings"
)

// Dice turn bytes into choices, so that a fuzzer can steer them. Once the bytes
// are used up every choice is the first one, the plainest.
type Dice struct {
	bytes []byte

	// Endpoint is the URL of one that says what the function of that name says. Without
	// it, no source asks.
	Endpoint string
}

// NewDice returns dice that fall as the bytes say.
func NewDice(bytes []byte) *Dice { return &Dice{bytes: bytes} }

func (d *Dice) below(n int) int {
	if len(d.bytes) == 0 {
		return 0
	}
	b := d.bytes[0]
	d.bytes = d.bytes[1:]
	return int(b) % n
}

// OneIn is true once in n times.
func (d *Dice) OneIn(n int) bool { return d.below(n) == n-1 }

func (d *Dice) pick(words ...string) string { return words[d.below(len(words))] }

// raw is up to n bytes as they come.
func (d *Dice) raw(n int) string {
	n = min(d.below(n), len(d.bytes))
	s := string(d.bytes[:n])
	d.bytes = d.bytes[n:]
	return s
}

// list is up to most words of a kind; now and then two of them are one value.
func (d *Dice) list(most int, word func() string) []string {
	out := []string{}
	for range d.below(most + 1) {
		if len(out) > 0 && d.OneIn(4) {
			out[len(out)-1] += d.pick(",", " ", "\t, ", ",,\r\n") + word()
			continue
		}
		out = append(out, word())
	}
	return out
}

// maybe is a list that may be absent.
func (d *Dice) maybe(most int, word func() string) []string {
	if d.below(2) == 0 {
		return nil
	}
	return d.list(most, word)
}

// odd is true now and then: what follows is then perhaps a mistake, of which
// one is enough to make a whole configuration useless.
func (d *Dice) odd() bool { return d.OneIn(100) }

// Config is a configuration: most often a sensible one.
func (d *Dice) Config() Config {
	c := Config{
		Origins:          append(d.list(3, d.entry), d.entry()),
		Rights:           d.rights(),
		PreflightStatus:  []int{0, 0, 0, 200, 299}[d.below(5)],
		Preflight:        d.pick("", "", "", "", "", "answer", "forward"),
		Upstream:         d.pick("", "", "override", "keep"),
		Timing:           d.OneIn(3),
		ReportOnly:       d.OneIn(16),
		DangerouslyAllow: []string{"null_origin,insecure_origins public_suffixes", "any_origin_regexp"},
	}
	if d.OneIn(4) {
		c.DangerouslyAllow = d.list(4, func() string {
			return d.pick("null_origin", "insecure_origins", "public_suffixes", "any_origin_regexp")
		})
	}
	if d.OneIn(4) {
		c.OriginRegexp = d.list(2, d.expression)
	}
	if d.OneIn(3) {
		c.Except = d.list(3, d.entry)
		if d.OneIn(4) {
			c.Except = append(c.Except, "null")
		}
	}
	for range d.below(8) - 5 { // one or two
		f := For{append(d.list(2, d.entry), d.entry()), d.rights()}
		if d.OneIn(4) {
			f.Origins, f.Credentials = append(f.Origins, "null"), new(bool)
		}
		c.For = append(c.For, f)
	}
	for range d.below(8) - 5 {
		c.OriginsFrom = append(c.OriginsFrom, Source{Source: "test_oracle", Yes: d.list(2, d.origin), Silent: d.list(2, d.origin)})
	}
	if d.Endpoint != "" && d.OneIn(4) {
		c.OriginsFrom = append(c.OriginsFrom, Source{Source: "ask", URL: d.Endpoint, Timeout: "1m", PerHost: !d.OneIn(4)})
	}
	if d.OneIn(3) {
		c.Enforce = d.list(2, func() string { return d.pick("requests", "websockets", "websockets", "requests,websockets") })
	}
	if d.OneIn(4) {
		c.Debug, c.Name = true, d.pick("", "shop", `a "quoted\\" name`, "naïve\r\n", d.raw(20))
	}
	if len(c.Enforce) > 0 && d.OneIn(8) { // pages of no other site
		c.Origins, c.OriginRegexp, c.For, c.OriginsFrom, c.Except = nil, nil, nil, nil, nil
		return c
	}
	d.open(&c)
	if d.odd() {
		d.spoil(&c)
	}
	return c
}

// open lets everybody in, or null, which excludes credentials.
func (d *Dice) open(c *Config) {
	switch d.below(8) {
	case 5:
		c.Origins = []string{"*"}
	case 6:
		c.Origins = append(c.Origins, "*")
	case 7:
		c.Origins = append(c.Origins, "null")
	default:
		return
	}
	if !d.odd() {
		c.Credentials = nil
	}
}

// spoil sets what must not load.
func (d *Dice) spoil(c *Config) {
	switch d.below(8) {
	case 0:
		c.Origins = nil
	case 1:
		c.PreflightStatus = []int{199, 300, -1}[d.below(3)]
	case 2:
		c.Preflight = "Answer"
	case 3:
		c.Upstream = "Keep"
	case 4:
		c.Enforce = []string{"all"}
	case 5:
		c.DangerouslyAllow = []string{"cookies"}
	case 6:
		c.For = append(c.For, For{Origins: []string{d.pick(",", "*", "null")}})
	case 7:
		c.MaxAge = "1500ms"
	}
}

func (d *Dice) rights() Rights {
	var r Rights
	if d.below(2) == 1 {
		r.Credentials = new(d.below(3) > 0)
	}
	r.Methods = d.maybe(3, d.method)
	r.Headers = d.maybe(3, d.headerName)
	r.Expose = d.maybe(3, func() string {
		if d.odd() {
			return d.pick("Set-Cookie", "Origin", "none", "X:", "Access-Control-Max-Age", d.raw(20))
		}
		return d.pick("X-Up", "*", "x-up", "ETag", "Content-Length", "Date", "Access-Control-Allow-Origin", "Access-Control-Foo")
	})
	r.MaxAge = d.pick("", "", "10m", "0s", "-1s", "86400s", "90s")
	return r
}

func (d *Dice) method() string {
	if d.odd() {
		return d.pick("none", "None", "TRACE", "any", strings.Repeat("M", 33), d.raw(40))
	}
	return d.pick("PUT", "PATCH", "DELETE", "GET", "put", "patch", "*", "PURGE", "OPTIONS", "POST", "X!#$%&'*+-.^_`|~", strings.Repeat("M", 32))
}

func (d *Dice) headerName() string {
	if d.odd() {
		return d.pick("none", "NONE", "Cookie", "Sec-A", "Access-Control-Allow-Origin", "x-"+strings.Repeat("a", 127), d.raw(20))
	}
	return d.pick("X-A", "x-a", "X-B", "*", "Authorization", "AUTHORIZATION", "Content-Type", "X_C", "x-"+strings.Repeat("a", 126))
}

func (d *Dice) scheme() string {
	if d.odd() {
		return d.pick("ws", "file", "HTTPS", strings.Repeat("s", 65))
	}
	return d.pick("https", "https", "https", "http", "http", "capacitor")
}

func (d *Dice) host() string {
	if d.odd() {
		return d.pick("xn--a", "0x7f", "127.1", "127.0.0.1.", "[::0]", "[::ffff:1.2.3.4]", "[1:0:0:2::3:4]", strings.Repeat("a", 64)+".example", strings.Repeat("a.", 124)+"example", "")
	}
	return d.pick("a.example", "b.a.example", "c.b.a.example", "xa.example", "a.example.", "localhost", "github.io", "example", "amazonaws.com", "core.windows.net", "app.example.com",
		"xn--bcher-kva.example", "a_b.example", "127.0.0.1.example", strings.Repeat("a.", 120)+"example")
}

func (d *Dice) address() string {
	return d.pick("127.0.0.1", "[::1]", "[::ffff:102:304]", "1.2.3.4", "[1::2:0:0:3:4]", "[1:2:3:4:5:6:7:8]")
}

// entry is an entry of a list of origins.
func (d *Dice) entry() string {
	if d.odd() {
		return d.pick("null", "*", "https://*", "https://a.*.example", "https://*.1.2.3.4", "https://a.example:443", "https://a.example:0", d.raw(30))
	}
	if d.OneIn(10) {
		return d.label()
	}
	if d.OneIn(16) {
		return d.app()
	}
	front, host := d.pick("", "", "*.", "**."), d.host()
	if d.OneIn(12) {
		front, host = "", d.address()
	}
	return d.scheme() + "://" + front + host + d.pick("", "", "", ":*", ":8443")
}

// label is an entry with a `*` inside its first label.
func (d *Dice) label() string {
	label := d.pick("dev-*", "*-shop", "a*b", "x-*-y", "*-", "deploy--*")
	domain := d.pick("a.example", "b.a.example", "netlify.app", "localhost", "example", "shop.internal", "a.example.")
	if d.odd() {
		label, domain = d.pick("*x*", "**", "*.x*", "-*", "A*", strings.Repeat("a", 62)+"*", strings.Repeat("a", 63)+"*", "xn--*"), d.pick("a.example", "com", "co.uk", "1", "")
	}
	return d.scheme() + "://" + label + d.pick(".", ".", ".", ".", ".", ".", ".", "") + domain + d.pick("", "", "", ":*", ":8443")
}

// app is the origin of an app or of a file.
func (d *Dice) app() string {
	return d.pick("app://.", "package://", "qrc://", "file://", "app://", "x-y+z://.")
}

// origin is a serialized origin of a request, or nearly.
func (d *Dice) origin() string {
	if d.OneIn(16) {
		return d.pick("null", "*", "", "https://", "https://[::1", d.raw(40))
	}
	if d.OneIn(16) {
		return d.app()
	}
	host := d.pick("", "", "x.", "y.x.") + d.host()
	if d.OneIn(12) {
		host = d.address()
	}
	return d.scheme() + "://" + host + d.pick("", "", "", ":8443")
}

func (d *Dice) expression() string {
	if d.odd() {
		return d.pick(`a)|(b`, `(?!a)`, ``, `.*`)
	}
	return d.pick(`https://[a-c]\.example`, `https?://(a|b\.a)\.example(:\d+)?`, `http://.*\.localhost`, `^https://\w+\.a\.example$`,
		`https://a\.example|https://b\.example`, `https://app.example.com`, `https://.*example\.com`, `file://`, `app://\.`, `https://[a-z]+\.com`, `(?i)HTTPS://A\.EXAMPLE`, `https://(.+\.)?a\.example`, `\Qhttps://a.example`)
}

// RandomBytes are enough for a case.
func RandomBytes(rng *rand.Rand) []byte {
	b := make([]byte, 512)
	for i := range b {
		b[i] = byte(rng.Uint32() & 0xFF)
	}
	return b
}
