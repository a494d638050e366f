package oracle

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Origin is a serialized origin in parts.
type Origin struct{ Scheme, Host, Port string }

var (
	plainScheme = regexp.MustCompile(`^[a-z][a-z0-9+.-]{0,63}$`)
	plainLabel  = regexp.MustCompile(`^[a-z0-9_-]{1,63}$`)
	plainPort   = regexp.MustCompile(`^[1-9][0-9]{0,4}$`)
	plainNumber = regexp.MustCompile(`^([0-9]+|0x[0-9a-f]*)$`)

	// Pages with these schemes have no origin of their own.
	opaqueSchemes = []string{"about", "blob", "data", "file", "javascript"}
	defaultPorts  = map[string]string{"http": "80", "ws": "80", "https": "443", "wss": "443", "ftp": "21"}
)

// ReadOrigin takes a serialized origin apart, if it is one.
func ReadOrigin(s string) (Origin, bool) {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || !plainScheme.MatchString(scheme) {
		return Origin{}, false
	}
	if (rest == "" || rest == ".") && defaultPorts[scheme] == "" { // an app's
		return Origin{scheme, rest, ""}, true
	}
	host, port := rest, ""
	if end := strings.LastIndex(rest, "]") + 1; strings.Contains(rest[end:], ":") {
		at := end + strings.Index(rest[end:], ":")
		host, port = rest[:at], rest[at+1:]
		n, err := strconv.Atoi(port)
		if !plainPort.MatchString(port) || err != nil || n > 65535 || port == defaultPorts[scheme] {
			return Origin{}, false
		}
	}
	if !isIPv6Host(host) && !isIPv4Host(host) && !isName(host) {
		return Origin{}, false
	}
	return Origin{scheme, host, port}, true
}

// isIPv6Host: an address in brackets, written in the one right way.
func isIPv6Host(host string) bool {
	if !strings.HasPrefix(host, "[") || !strings.HasSuffix(host, "]") {
		return false
	}
	inside := host[1 : len(host)-1]
	ip, err := netip.ParseAddr(inside)
	if err != nil || !ip.Is6() || ip.Zone() != "" {
		return false
	}
	right := ip.String()
	if ip.Is4In6() { // netip writes the end with dots, browsers do not
		b := ip.As16()
		right = fmt.Sprintf("::ffff:%x:%x", uint(b[12])<<8|uint(b[13]), uint(b[14])<<8|uint(b[15]))
	}
	return inside == right
}

func isIPv4Host(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Is4() && ip.String() == host
}

// isName: labels with dots between, perhaps one at the end. A name whose last
// label is a number would be an address, and is none.
func isName(host string) bool {
	name := strings.TrimSuffix(host, ".")
	labels := strings.Split(name, ".")
	for _, label := range labels {
		if !plainLabel.MatchString(label) {
			return false
		}
	}
	return len(name) <= 253 && !plainNumber.MatchString(labels[len(labels)-1])
}

// isInsecureHTTP tells an origin that anybody on the network path can be: plain
// http, but not on the machine itself.
func isInsecureHTTP(raw string) bool {
	o, _ := ReadOrigin(raw)
	return o.Scheme == "http" && !IsLoopback(o.Host)
}

// IsLoopback reports whether a host is on the machine itself.
func IsLoopback(host string) bool {
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	ip, err := netip.ParseAddr(host)
	return host == "[::1]" || labels[len(labels)-1] == "localhost" || err == nil && ip.Is4() && ip.IsLoopback()
}

// Pattern is an entry of a list of origins in parts.
type Pattern struct {
	Origin
	oneLabel, anyDepth, anyPort bool

	// A `*` inside the first label, and what stands around it there.
	inLabel       bool
	before, after string
}

// anonymous is the origin of every local file to some engines: it is nobody's in
// particular, like null.
const anonymous = "file://"

// isWide reports whether the pattern stands for more than one origin.
func (p Pattern) isWide() bool { return p.oneLabel || p.anyDepth || p.anyPort || p.inLabel }

// ReadPattern takes an entry apart: an origin with perhaps `*.` or `**.` in
// front of its host, and perhaps `:*` behind.
func ReadPattern(s string) (Pattern, bool) {
	var p Pattern
	bare := s
	switch {
	case strings.Contains(s, "://**."):
		p.anyDepth, bare = true, strings.Replace(s, "://**.", "://", 1)
	case strings.Contains(s, "://*."):
		p.oneLabel, bare = true, strings.Replace(s, "://*.", "://", 1)
	}
	if before, ok := strings.CutSuffix(bare, ":*"); ok {
		p.anyPort, bare = true, before
	}
	if scheme, host, ok := strings.Cut(bare, "://"); ok && strings.Contains(host, "*") {
		label, domain, hasDomain := strings.Cut(host, ".")
		before, after, ok := strings.Cut(label, "*")
		if !ok || !hasDomain || domain == "" || domain[0] == ':' || strings.Contains(after+domain, "*") || p.oneLabel || p.anyDepth {
			return p, false
		}
		// It stands for one character at least.
		p.inLabel, p.before, p.after, bare = true, before, after, scheme+"://"+before+"0"+after+"."+domain
	}
	o, ok := ReadOrigin(bare)
	p.Origin = o
	isAddress := isIPv4Host(o.Host) || isIPv6Host(o.Host)
	switch {
	case !ok, p.anyPort && o.Port != "", slices.Contains(opaqueSchemes, o.Scheme) && s != "file://":
		return p, false
	case (o.Host == "" || o.Host == ".") && s != bare:
		return p, false
	case (p.oneLabel || p.anyDepth) && (isAddress || len(strings.TrimSuffix(o.Host, "."))+len("a.") > 253):
		return p, false
	}
	return p, true
}

// AnyMatches walks over a list.
func AnyMatches(list []string, raw string) bool {
	for _, word := range Words(list) {
		if word == "null" && raw == "null" {
			return true
		}
		p, isPattern := ReadPattern(word)
		o, isOrigin := ReadOrigin(raw)
		if isPattern && isOrigin && p.matches(o) {
			return true
		}
	}
	return false
}

func (p Pattern) matches(o Origin) bool {
	if p.Scheme != o.Scheme || !p.anyPort && p.Port != o.Port {
		return false
	}
	want, have := strings.Split(p.Host, "."), strings.Split(o.Host, ".")
	if p.inLabel {
		middle, begins := strings.CutPrefix(have[0], p.before)
		middle, ends := strings.CutSuffix(middle, p.after)
		isAny := middle != "" && strings.Trim(middle, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
		return begins && ends && isAny && slices.Equal(have[1:], want[1:])
	}
	more := len(have) - len(want)
	switch {
	case p.oneLabel && more != 1, p.anyDepth && more < 1, !p.oneLabel && !p.anyDepth && more != 0:
		return false
	}
	return slices.Equal(have[more:], want)
}

// matchesWhole reports whether an expression matches all of s. Of all matches
// that start first, Longest prefers the longest, so one of the whole is found.
func matchesWhole(expr, s string) bool {
	re, err := regexp.Compile(expr)
	if err != nil {
		return false
	}
	re.Longest()
	at := re.FindStringIndex(s)
	return at != nil && at[0] == 0 && at[1] == len(s)
}
