package origin

import (
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
)

var (
	// longestHost has as many labels as a host can have: 127.
	longestHost  = strings.Repeat("a.", 126) + "a"
	longestLabel = strings.Repeat("a", maxLabel)
	longestOne   = strings.Repeat("s", maxScheme) + "://" + longestHost + ".:65535"
)

func TestParseAccepts(t *testing.T) {
	for _, test := range []struct{ origin, scheme, host, port string }{
		{"https://example.com", "https", "example.com", ""},
		{"https://example.com:8443", "https", "example.com", "8443"},
		{"http://localhost", "http", "localhost", ""},
		{"http://localhost:3000", "http", "localhost", "3000"},
		{"http://localhost:1", "http", "localhost", "1"},
		{"http://localhost:65535", "http", "localhost", "65535"},
		{"http://example.com:443", "http", "example.com", "443"},
		{"https://example.com:80", "https", "example.com", "80"},
		{"capacitor://localhost:80", "capacitor", "localhost", "80"},
		{"http://127.0.0.1:8080", "http", "127.0.0.1", "8080"},
		{"http://0.0.0.0", "http", "0.0.0.0", ""},
		{"http://255.255.255.255", "http", "255.255.255.255", ""},
		{"http://127.0.0.1.evil.com", "http", "127.0.0.1.evil.com", ""},
		{"http://[::1]", "http", "[::1]", ""},
		{"http://[::]", "http", "[::]", ""},
		{"http://[1::]", "http", "[1::]", ""},
		{"http://[2001:db8::1]:8080", "http", "[2001:db8::1]", "8080"},
		{"http://[::ffff:102:304]", "http", "[::ffff:102:304]", ""},
		{"http://[1:0:0:2::3]", "http", "[1:0:0:2::3]", ""},
		{"http://[1::2:0:0:3:4]", "http", "[1::2:0:0:3:4]", ""},
		{"http://[1:0:2:3:4:5:6:7]", "http", "[1:0:2:3:4:5:6:7]", ""},
		{"https://a_b.example.com", "https", "a_b.example.com", ""},
		{"https://-a-.example.com", "https", "-a-.example.com", ""},
		{"https://example.com.", "https", "example.com.", ""},
		{"https://example.com.:8443", "https", "example.com.", "8443"},
		{"https://1.example", "https", "1.example", ""},
		{"https://example.1a", "https", "example.1a", ""},
		{"https://example.0xg", "https", "example.0xg", ""},
		{"https://example.x0", "https", "example.x0", ""},
		{"https://xn--mnchen-3ya.example", "https", "xn--mnchen-3ya.example", ""},
		{"app://obsidian.md", "app", "obsidian.md", ""},
		{"web+app.x-1://a", "web+app.x-1", "a", ""},
		{"h://a", "h", "a", ""},
		{"chrome-extension://abcdefghijklmnopabcdefghijklmnop", "chrome-extension", "abcdefghijklmnopabcdefghijklmnop", ""},
		{"moz-extension://2d2a1f6e-0000-4000-8000-000000000000", "moz-extension", "2d2a1f6e-0000-4000-8000-000000000000", ""},
		{"https://" + longestHost, "https", longestHost, ""},
		{"https://" + longestHost + ".", "https", longestHost + ".", ""},
		{"https://" + longestLabel + ".com", "https", longestLabel + ".com", ""},
		{longestOne, strings.Repeat("s", maxScheme), longestHost + ".", "65535"},
	} {
		got, ok := Parse(test.origin)
		if !ok || got.Raw != test.origin || got.Scheme() != test.scheme || got.Host() != test.host || got.Port() != test.port {
			t.Errorf("Parse(%q) = %q, %q, %q, %q, %v", test.origin, got.Raw, got.Scheme(), got.Host(), got.Port(), ok)
		}
	}
	if len(longestOne) != MaxLength {
		t.Errorf("MaxLength is %d, and the longest origin has %d bytes", MaxLength, len(longestOne))
	}
}

func TestParseRefuses(t *testing.T) {
	for _, origin := range []string{
		// Not an origin at all.
		"", "null", "*", "true", "undefined", "example.com", "://example.com", "//example.com",
		"https", "https:", "https:/", "https://", "https:/example.com", "https:example.com", "https:///example.com",
		// More than an origin.
		"https://example.com/", "https://example.com/a", "https://example.com?", "https://example.com#",
		"https://example.com@evil.com", "https://evil.com@example.com", "https://user:pass@example.com", "https://@a",
		"https://example.com https://evil.com", "https://example.com, https://example.com", "null, https://example.com",
		"https://evil.com/.example.com", "https://evil.com?.example.com", "https://evil.com\\.example.com",
		" https://example.com", "https://example.com ", "https://example.com\t", "https://example.com\n",
		// Bytes.
		"https://example.com\x00", "\x00https://example.com", "https://example.com\x01", "https://exam\tple.com",
		"https://exam ple.com", "https://exämple.com", "https://еxample.com", "https://example.com\x7f", "https://example.com\xff",
		"https://example.com%2eevil.com", "https://example.com%00.evil.com", "https://example.com`.evil.com",
		"https://example.com!.evil.com", "https://example.com\\@evil.com", "https://*.example.com", "https://a+b",
		// Case.
		"https://Example.com", "HTTPS://example.com", "hTtps://example.com",
		// Schemes.
		"1http://example.com", "+://a", "h_t://a", "h ttp://a", strings.Repeat("s", maxScheme+1) + "://a",
		"https://", "https://.", "http://.", "wss://", "app://..", "app://:80", "app://.:80", "app:", "file:///", "file:",
		// Labels.
		"https://.", "https://..", "https://.example.com", "https://example..com", "https://example.com..", "https://..example.com",
		"https://a" + longestLabel, "https://a" + longestLabel + ".com", "https://com.a" + longestLabel + ".",
		"https://a" + longestHost, "https://a" + longestHost + ".", "https://" + longestHost + "..",
		// Ports.
		"https://example.com:", "https://example.com:443", "http://example.com:80", "ws://a:80", "wss://a:443", "ftp://a:21",
		"https://example.com:0", "https://example.com:0443", "https://example.com:00", "https://example.com:443:443",
		"https://example.com:abc", "https://example.com:65536", "https://example.com:99999", "https://example.com:100000",
		"http://localhost:+80", "http://localhost:3e3", "http://localhost:*", "http://localhost:-1", "http://localhost:3000@evil.com",
		"https://evil.com:80.example.com", "https://:8080", "https://example.com:8080 ", "http://localhost:80.5",
		"https://example.com:18446744073709551617",
		// Numbers.
		"http://127.1", "http://0x7f.0.0.1", "http://127.0.0.0x1", "http://0x", "http://0", "http://2130706433", "http://127.0.0.1.",
		"http://127.0.0.01", "http://127.0.0.256", "http://127.0.0", "http://1.2.3.4.5", "http://example.1", "http://example.0x1",
		"http://example.1.", "http://00.0.0.0", "http://1..2.3",
		// IPv6.
		"http://[0:0:0:0:0:0:0:1]", "http://[2001:DB8::1]", "http://[::1", "http://[::1]evil.com", "http://[::1].evil.com",
		"http://[]", "http://[:]", "http://[:::]", "http://[::1::]", "http://[fe80::1%eth0]", "http://[::01]", "http://[::0]",
		"http://[::ffff:1.2.3.4]", "http://[1:2:3:4:5:6:7]", "http://[1:2:3:4:5:6:7:8:9]", "http://[1:2:3:4:5:6:7:8:]",
		"http://[1:2:3:4:5:6:7::]", "http://[::2:3:4:5:6:7:8]", "http://[1::2::3]", "http://[12345::]", "http://[::g]",
		"http://[1:0:0:2:0:0:0:3]", "http://[1:0::2:0:0:3]", "http://[1:2:3:4:5:6:7:8::]", "http://::1", "https://[example.com]",
		"http://[127.0.0.1]", "http://[::1]:80", "http://[::1]:", "http://[[::1]]", "http://[:1:2:3:4:5:6:7:8]",
		// Length.
		"https://" + strings.Repeat("a", 5000) + ".com", "https://" + strings.Repeat("a.", 2000) + "example.com",
		"https://example.com:" + strings.Repeat("9", 4000), longestOne + "0",
	} {
		if o, ok := Parse(origin); ok {
			t.Errorf("Parse(%q) = %+v, want a refusal", origin, o)
		}
		if o, _ := Parse(origin); o != (Origin{}) {
			t.Errorf("Parse(%q) leaves %+v behind", origin, o)
		}
	}
}

// TestIPv6 compares with netip, which writes addresses as browsers do, except
// for those that carry an IPv4 address.
func TestIPv6(t *testing.T) {
	r := random(t)
	for range 20_000 {
		var groups [8]uint16
		var raw [16]byte
		for i := range groups {
			groups[i] = uint16([]uint32{0, 0, 0, 1, 0xa, 0xff, r.Uint32()}[r.IntN(7)])
			raw[2*i], raw[2*i+1] = byte(groups[i]>>8), byte(groups[i])
		}
		a := netip.AddrFrom16(raw)
		short := string(appendIPv6(nil, groups))
		if short != a.String() && !a.Is4In6() {
			t.Fatalf("appendIPv6(%x) = %q, netip writes %q", groups, short, a)
		}
		if !isIPv6(short) {
			t.Fatalf("isIPv6(%q) = false", short)
		}
		if long := a.StringExpanded(); isIPv6(long) && long != short {
			t.Fatalf("isIPv6(%q) = true", long)
		}
		// Leave something out or put something in: what reads as an address
		// must be written the same way by netip.
		i := r.IntN(len(short))
		other := short[:i] + []string{"", ":", "0", "::", "f"}[r.IntN(5)] + short[i+r.IntN(2):]
		if b, err := netip.ParseAddr(other); isIPv6(other) && (err != nil || b.String() != other && !b.Is4In6()) {
			t.Fatalf("isIPv6(%q) = true, netip: %v, %v", other, b, err)
		}
	}
}

func TestIsLoopback(t *testing.T) {
	for origin, want := range map[string]bool{
		"http://localhost": true, "http://localhost:3000": true, "http://app.localhost": true, "http://a.b.localhost:1": true,
		"http://localhost.": true, "http://app.localhost.": true, "http://127.0.0.1": true, "http://127.255.0.9:80": false,
		"https://127.255.0.9": true, "http://[::1]": true, "capacitor://localhost": true,
		"http://localhost.evil.com": false, "http://evillocalhost": false, "http://127.0.0.1.evil.com": false,
		"http://128.0.0.1": false, "http://[::2]": false, "http://example.com": false, "http://127.example": false,
		"http://10.127.0.0": false,
	} {
		o, _ := Parse(origin)
		if got := o.IsLoopback(); got != want {
			t.Errorf("%q: IsLoopback() = %v, want %v", origin, got, want)
		}
		if p, err := ParsePattern(origin); err == nil && p.IsLoopback() != want {
			t.Errorf("%q: the pattern's IsLoopback() = %v, want %v", origin, !want, want)
		}
	}
}

func TestNoAllocations(t *testing.T) {
	s := build(t, []string{
		"https://example.com", "https://example.com:*", "https://*.example.com", "https://**.example.com:8443",
		"https://**.a.example.com:*", "http://[::1]:*",
	}, 0)
	for _, origin := range []string{
		"https://example.com", "https://a.b.example.com:8443", "http://[2001:db8::1]:8080", "https://" + longestHost,
		"https://example.com/", "http://[::1%eth0]", "http://127.1", "https://" + strings.Repeat("a", 10_000), "null", "",
	} {
		if n := testing.AllocsPerRun(100, func() {
			if o, ok := Parse(origin); ok {
				s.Lookup(o)
			}
		}); n != 0 {
			t.Errorf("%q: %v allocations", origin, n)
		}
	}
	if n := testing.AllocsPerRun(100, func() { _, _ = ParsePattern("https://**.example.com:*") }); n != 0 {
		t.Errorf("ParsePattern: %v allocations", n)
	}
}

// random returns a source of numbers whose seed is in the log of a failed test.
func random(tb testing.TB) *rand.Rand {
	tb.Helper()
	seed := rand.Uint64()
	tb.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// TestParseNameless: the engines of apps send origins without a name, and under
// * every scheme is an origin, also one whose pages are anonymous.
func TestParseNameless(t *testing.T) {
	for value, anonymous := range map[string]bool{
		"app://.": false, "package://": false, "qrc://": false, "file://": true, "data://a": true, "file://a": true,
	} {
		o, ok := Parse(value)
		if !ok || o.Scheme()+"://"+o.Host() != value || o.IsAnonymous() != anonymous {
			t.Errorf("Parse(%q) = %+v, %v, anonymous %v", value, o, ok, o.IsAnonymous())
		}
	}
	for value, want := range map[string]bool{
		"app://.": true, "package://": true, "file://": true, "file://a": false, "data://": false, "app://*": false, "app://.:*": false,
	} {
		if p, err := ParsePattern(value); (err == nil) != want || err == nil && p.IsAnonymous() != (value == "file://") {
			t.Errorf("ParsePattern(%q) = %+v, %v, want %v", value, p, err, want)
		}
	}
}
