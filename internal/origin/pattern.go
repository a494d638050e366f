package origin

import (
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// Depth says how many labels a pattern wants in front of its host.
type Depth uint8

// The depths of a pattern.
const (
	Exact    Depth = iota // https://example.com: none
	OneLabel              // https://*.example.com: exactly one, as in a TLS certificate
	AnyDepth              // https://**.example.com: one or more
)

// String returns the wildcard as it is written in front of the host.
func (d Depth) String() string { return [...]string{"", "*.", "**."}[d] }

// Pattern is one entry of a list of origins. ParsePattern makes it, so its
// parts are written as browsers write them. Neither wildcard covers the host
// itself, and a host with a trailing dot is another host.
type Pattern struct {
	Scheme  string
	Host    string // without the wildcard: "example.com" for https://*.example.com
	Port    string // "" is the scheme's default
	Depth   Depth
	AnyPort bool // "https://example.com:*", the default port too

	// raw is what a browser sends, where that is one origin only.
	raw string
}

// ParsePattern reads an origin or a pattern. Its errors quote s, say why no
// browser would send it, and show the right form where there is one. "*" and
// "null" are errors here: whether a list may hold them depends on the list.
func ParsePattern(s string) (Pattern, error) {
	if p, ok := parsePattern(s); ok {
		return p, nil
	}
	return Pattern{}, diagnose(s)
}

func parsePattern(s string) (Pattern, bool) {
	o, ok := Parse(s)
	p := Pattern{Scheme: o.Scheme(), Host: o.Host(), Port: o.Port(), raw: o.Raw}
	if !ok {
		p, ok = parseWildcard(s)
	}
	if !ok || isUnsent(p.Scheme) || !validPunycode(p.Host) {
		return Pattern{}, false
	}
	return p, true
}

// parseWildcard reads a pattern with at least one wildcard.
func parseWildcard(s string) (Pattern, bool) {
	n := schemeLen(s)
	if n == 0 || !strings.HasPrefix(s[n:], schemeSep) || isOpaque(s[:n]) {
		return Pattern{}, false
	}
	p := Pattern{Scheme: s[:n]}
	rest := s[n+len(schemeSep):]
	for _, d := range []Depth{OneLabel, AnyDepth} {
		if after, ok := strings.CutPrefix(rest, d.String()); ok {
			p.Depth, rest = d, after
			break
		}
	}
	h := hostLen(rest)
	if h == 0 {
		return Pattern{}, false
	}
	p.Host = rest[:h]
	if p.Depth != Exact && !hasRoomInFront(p.Host) {
		return Pattern{}, false
	}
	if h == len(rest) {
		return p, p.Depth != Exact
	}
	if rest[h:] == ":*" {
		p.AnyPort = true
		return p, true
	}
	p.Port = rest[h+1:]
	return p, rest[h] == ':' && p.Depth != Exact && validPort(p.Scheme, p.Port)
}

// hasRoomInFront tells whether there can be a label in front of host: not in
// front of an address, nor of a name that is as long as names may be.
func hasRoomInFront(host string) bool {
	return !isIP(host) && len(strings.TrimSuffix(host, "."))+len("a.") <= maxHost
}

// isUnsent knows the schemes whose URLs have a tuple origin that no page has:
// the sockets of a page have the page's origin, and FTP is gone from browsers.
func isUnsent(scheme string) bool {
	return scheme == "ws" || scheme == "wss" || scheme == "ftp"
}

// toASCII is close to what browsers do (URL Standard, #concept-domain-to-ascii).
var toASCII = idna.New(
	idna.MapForLookup(), idna.Transitional(false), idna.BidiRule(),
	idna.CheckHyphens(false), idna.StrictDomainName(false),
)

// validPunycode refuses names that look like punycode and are none. Only
// patterns are checked: what a browser sends it has checked itself.
func validPunycode(host string) bool {
	if !strings.Contains(host, "xn--") {
		return true
	}
	ascii, err := toASCII.ToASCII(host)
	return err == nil && ascii == host
}

// String returns the pattern as ParsePattern reads it.
func (p Pattern) String() string {
	port := ""
	switch {
	case p.AnyPort:
		port = ":*"
	case p.Port != "":
		port = ":" + p.Port
	}
	return p.Scheme + schemeSep + p.Depth.String() + p.Host + port
}

// IsExact tells whether the pattern matches one origin only.
func (p Pattern) IsExact() bool { return p.Depth == Exact && !p.AnyPort }

// Matches tells whether the pattern covers o. It is the definition of what a
// pattern means; Set must agree with it.
func (p Pattern) Matches(o Origin) bool {
	if p.Scheme != o.Scheme() || !p.AnyPort && p.Port != o.Port() {
		return false
	}
	if p.Depth == Exact {
		return p.Host == o.Host()
	}
	front, ok := cutBase(o.Host(), p.Host)
	return ok && (p.Depth == AnyDepth || !strings.Contains(front, "."))
}

// cutBase returns the labels of host in front of base, of which there must be one.
func cutBase(host, base string) (front string, ok bool) {
	front, ok = strings.CutSuffix(host, base)
	if !ok {
		return "", false
	}
	front, ok = strings.CutSuffix(front, ".")
	return front, ok && front != ""
}

// Covers tells whether every origin that q matches is matched by p.
func (p Pattern) Covers(q Pattern) bool {
	if p.Scheme != q.Scheme || !p.AnyPort && (q.AnyPort || p.Port != q.Port) {
		return false
	}
	if p.Host == q.Host {
		return p.Depth == q.Depth || p.Depth == AnyDepth && q.Depth == OneLabel
	}
	front, below := cutBase(q.Host, p.Host)
	switch p.Depth {
	case AnyDepth:
		return below
	case OneLabel:
		return below && q.Depth == Exact && !strings.Contains(front, ".")
	default:
		return false
	}
}

// IsLoopback tells whether every origin that the pattern matches is a loopback one.
func (p Pattern) IsLoopback() bool { return isLoopback(p.Host) }

// PublicSuffix returns the name that the wildcard stands over if that is a
// public suffix (publicsuffix.org), below which names belong to strangers:
// "github.io" for https://*.github.io. A name on no list, such as "internal",
// is none; one below which every name is a suffix ("ck", by the rule *.ck) is.
func (p Pattern) PublicSuffix() (suffix string, ok bool) {
	if p.Depth == Exact {
		return "", false
	}
	base := strings.TrimSuffix(p.Host, ".")
	below := "0." + base // a name below it, on no list of exceptions
	switch suffix, icann := publicsuffix.PublicSuffix(below); suffix {
	case below:
		return base, true
	case base:
		// The list's last resort, that any top-level name is one, does not count.
		if icann || strings.Contains(base, ".") {
			return base, true
		}
	}
	return "", false
}
