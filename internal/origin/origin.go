// Package origin reads serialized origins and patterns of origins, and looks
// an origin up in a set of patterns.
//
// It knows the grammar of what browsers send and nothing about HTTP or Caddy.
// The standards are WHATWG HTML (#ascii-serialisation-of-an-origin) and URL
// (#concept-host-serializer).
package origin

import "strings"

const (
	// maxScheme is our own bound: no standard has one, and the longest scheme
	// in use (safari-web-extension) has 20 bytes.
	maxScheme = 64
	maxLabel  = 63  // RFC 1035 section 2.3.4
	maxHost   = 253 // the same, as text and without a trailing dot

	schemeSep = "://"
)

// MaxLength is the length in bytes of the longest origin that Parse accepts.
const MaxLength = maxScheme + len(schemeSep) + maxHost + len(".") + len(":65535")

// Origin is a serialized origin whose parts are known. It is small enough to be
// handed around in registers.
type Origin struct {
	Raw string // the whole, e.g. "https://app.example.com:8443"

	scheme, host uint16 // lengths
}

// Scheme returns "https", say.
func (o Origin) Scheme() string { return o.Raw[:o.scheme] }

// Host returns "app.example.com", "127.0.0.1" or "[::1]", with its brackets.
func (o Origin) Host() string { return o.hostAndPort()[:o.host] }

// Port returns "8443", or "" when it is left out, as for every default port.
func (o Origin) Port() string { return strings.TrimPrefix(o.hostAndPort()[o.host:], ":") }

func (o Origin) hostAndPort() string { return strings.TrimPrefix(o.Raw[o.scheme:], schemeSep) }

// Parse splits s if it is exactly one serialized origin as browsers send it:
// lower case, punycode, addresses in canonical form, no default port, nothing
// before, after or between. "null" is not an Origin. Every scheme is taken,
// also those whose pages have no origin of their own: see IsAnonymous.
//
// It does not allocate, and it refuses by length before it looks at any byte,
// because s comes from strangers.
func Parse(s string) (Origin, bool) {
	if len(s) > MaxLength {
		return Origin{}, false
	}
	n := schemeLen(s)
	if n == 0 || !strings.HasPrefix(s[n:], schemeSep) {
		return Origin{}, false
	}
	scheme, rest := s[:n], s[n+len(schemeSep):]
	h := hostLen(rest)
	if h == 0 {
		if !isNameless(scheme, rest) {
			return Origin{}, false
		}
		h = len(rest)
	}
	if h < len(rest) && (rest[h] != ':' || !validPort(scheme, rest[h+1:])) {
		return Origin{}, false
	}
	return Origin{s, uint16(n), uint16(h)}, true //nolint:gosec // s has no more than MaxLength bytes
}

// IsLoopback reports whether the origin is on the machine of the browser itself
// (W3C Secure Contexts, #is-origin-trustworthy): localhost and the names below
// it, 127.0.0.0/8 and [::1].
func (o Origin) IsLoopback() bool { return isLoopback(o.Host()) }

func isLoopback(host string) bool {
	if strings.HasPrefix(host, "127.") && isIPv4(host) {
		return true // the prefix alone would take 127.0.0.1.evil.com
	}
	name := strings.TrimSuffix(host, ".")
	return host == "[::1]" || name == "localhost" || strings.HasSuffix(name, ".localhost")
}

// schemeLen returns the length of the lower-case scheme that s starts with, and
// 0 when there is none (RFC 3986 section 3.1).
func schemeLen(s string) int {
	if strings.HasPrefix(s, "https:") {
		return len("https")
	}
	if s == "" || class[s[0]]&isLower == 0 {
		return 0
	}
	n := 1
	for n < len(s) && class[s[n]]&isSchemeByte != 0 {
		n++
	}
	if n > maxScheme {
		return 0
	}
	return n
}

// isNameless reports whether host is what the engines of apps send where there is
// no name: "." (app://., Electron) or nothing (package://, qrc://, file://). The
// schemes that have a default port always have a host (URL Standard, #special-scheme).
func isNameless(scheme, host string) bool {
	return (host == "" || host == ".") && defaultPort(scheme) == ""
}

// IsAnonymous reports whether the origin is shared by pages that have nothing to
// do with each other, as "null" is: file:// of WebViews and devices.
func (o Origin) IsAnonymous() bool { return isOpaque(o.Scheme()) }

// IsAnonymous reports whether the pattern is file://, which is no more than null.
func (p Pattern) IsAnonymous() bool { return isOpaque(p.Scheme) }

// isOpaque knows the schemes whose pages have an opaque origin, sent as "null",
// or somebody else's (URL Standard, #concept-url-origin). The other schemes
// outside the standard's tuple origins are those of apps and extensions, whose
// makers gave them tuple origins.
func isOpaque(scheme string) bool {
	switch scheme {
	case "about", "blob", "data", "file", "javascript":
		return true
	}
	return false
}

// defaultPort returns the port that is left out of an origin of that scheme
// (URL Standard, #default-port).
func defaultPort(scheme string) string {
	switch scheme {
	case "http", "ws":
		return "80"
	case "https", "wss":
		return "443"
	case "ftp":
		return "21"
	}
	return ""
}

// validPort reports whether port is written as a serializer writes it. Port 0 is
// refused although it can be serialized: nothing can listen there.
func validPort(scheme, port string) bool {
	if port == "" || len(port) > len("65535") || port[0] == '0' {
		return false
	}
	n := 0
	for i := range len(port) {
		if class[port[i]]&isDigit == 0 {
			return false
		}
		n = 10*n + int(port[i]-'0')
	}
	return n <= 65535 && port != defaultPort(scheme)
}

const (
	isDigit = 1 << iota
	isLower
	isHexByte    // 0-9 a-f
	isSchemeByte // after the first, which is a letter
	isHostByte   // within a label; browsers send underscores, whatever the ABNF says
)

// class says what each byte can be a part of.
var class = func() (t [256]uint8) {
	for c := '0'; c <= '9'; c++ {
		t[c] = isDigit | isHexByte | isSchemeByte | isHostByte
	}
	for c := 'a'; c <= 'z'; c++ {
		t[c] = isLower | isSchemeByte | isHostByte
	}
	for c := 'a'; c <= 'f'; c++ {
		t[c] |= isHexByte
	}
	t['+'], t['.'] = isSchemeByte, isSchemeByte
	t['-'], t['_'] = isSchemeByte|isHostByte, isHostByte
	return t
}()
