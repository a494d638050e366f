package origin

import (
	"strings"

	"golang.org/x/net/idna"
)

// Depth says how many labels a pattern wants in front of its host.
type Depth uint8

// The depths of a pattern.
const (
	Exact    Depth = iota // https://example.com: none
	OneLabel              // https://*.example.com: exactly one, as in a TLS certificate
	AnyDepth              // https://**.example.com: one or more
	InLabel               // https://*-shop.example.com: one, of which a part is given
)

// String returns the wildcard as it is written in front of the host. That of
// InLabel depends on the pattern: see Pattern.Label.
func (d Depth) String() string { return [...]string{"", "*.", "**.", "*"}[d] }

// Pattern is one entry of a list of origins. ParsePattern makes it, so its
// parts are written as browsers write them. Neither wildcard covers the host
// itself, and a host with a trailing dot is another host.
type Pattern struct {
	Scheme  string
	Host    string // without the wildcard: "example.com" for https://*.example.com
	Port    string // "" is the scheme's default
	Depth   Depth
	AnyPort bool // "https://example.com:*", the default port too

	// Label is the first label of an InLabel pattern, with its one *: "*-shop".
	Label string

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
	if !ok || !isListable(s, p.Scheme, p.Host) {
		return Pattern{}, false
	}
	return p, true
}

// IsListable reports whether ParsePattern takes the origin: whether some page or
// app sends it.
func (o Origin) IsListable() bool { return isListable(o.Raw, o.Scheme(), o.Host()) }

func isListable(s, scheme, host string) bool {
	return !isUnsent(scheme) && (!isOpaque(scheme) || s == anonymous) && validPunycode(host)
}

// anonymous is the one origin of an opaque scheme that is sent, by WebViews and devices.
const anonymous = "file://"

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
	if p.Depth == Exact {
		p.Label, rest = cutLabel(rest)
		if p.Label != "" {
			p.Depth = InLabel
		}
	}
	h := hostLen(rest)
	if h == 0 {
		return Pattern{}, false
	}
	p.Host = rest[:h]
	if p.Depth != Exact && !hasRoomInFront(p.Host, max(len(p.Label), 1)) || p.isUnderICANN() {
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

// hasRoomInFront reports whether there can be a label of n bytes in front of host:
// not in front of an address, nor of a name that is as long as names may be.
func hasRoomInFront(host string, n int) bool {
	return !isIP(host) && len(strings.TrimSuffix(host, "."))+n+len(".") <= maxHost
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
	front := p.Depth.String()
	if p.Depth == InLabel {
		front = p.Label + "."
	}
	return p.Scheme + schemeSep + front + p.Host + port
}

// IsExact reports whether the pattern matches one origin only.
func (p Pattern) IsExact() bool { return p.Depth == Exact && !p.AnyPort }

// Matches reports whether the pattern covers o. It is the definition of what a
// pattern means; Set must agree with it.
func (p Pattern) Matches(o Origin) bool {
	if p.Scheme != o.Scheme() || !p.AnyPort && p.Port != o.Port() {
		return false
	}
	if p.Depth == Exact {
		return p.Host == o.Host()
	}
	front, ok := cutBase(o.Host(), p.Host)
	return ok && p.matchesFront(front)
}

// matchesFront reports whether the wildcard stands for these labels.
func (p Pattern) matchesFront(front string) bool {
	switch p.Depth {
	case AnyDepth:
		return true
	case OneLabel:
		return !strings.Contains(front, ".")
	case InLabel:
		return cutAffixes(p.Label).match(front)
	default:
		return false
	}
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

// IsLoopback reports whether every origin that the pattern matches is a loopback one.
func (p Pattern) IsLoopback() bool { return isLoopback(p.Host) }
