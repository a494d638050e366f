package cors

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// plainOrigin is a serialized origin in parts.
type plainOrigin struct{ scheme, host, port string }

var (
	plainScheme = regexp.MustCompile(`^[a-z][a-z0-9+.-]{0,63}$`)
	plainLabel  = regexp.MustCompile(`^[a-z0-9_-]{1,63}$`)
	plainPort   = regexp.MustCompile(`^[1-9][0-9]{0,4}$`)
	plainNumber = regexp.MustCompile(`^([0-9]+|0x[0-9a-f]*)$`)

	// Pages with these schemes have no origin of their own.
	opaqueSchemes = []string{"about", "blob", "data", "file", "javascript"}
	defaultPorts  = map[string]string{"http": "80", "ws": "80", "https": "443", "wss": "443", "ftp": "21"}
)

// readOrigin takes a serialized origin apart, if it is one.
func readOrigin(s string) (plainOrigin, bool) {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || !plainScheme.MatchString(scheme) {
		return plainOrigin{}, false
	}
	if (rest == "" || rest == ".") && defaultPorts[scheme] == "" { // an app's
		return plainOrigin{scheme, rest, ""}, true
	}
	host, port := rest, ""
	if end := strings.LastIndex(rest, "]") + 1; strings.Contains(rest[end:], ":") {
		at := end + strings.Index(rest[end:], ":")
		host, port = rest[:at], rest[at+1:]
		n, err := strconv.Atoi(port)
		if !plainPort.MatchString(port) || err != nil || n > 65535 || port == defaultPorts[scheme] {
			return plainOrigin{}, false
		}
	}
	if !isIPv6Host(host) && !isIPv4Host(host) && !isName(host) {
		return plainOrigin{}, false
	}
	return plainOrigin{scheme, host, port}, true
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
	o, _ := readOrigin(raw)
	return o.scheme == "http" && !isLoopbackHost(o.host)
}

func isLoopbackHost(host string) bool {
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	ip, err := netip.ParseAddr(host)
	return host == "[::1]" || labels[len(labels)-1] == "localhost" || err == nil && ip.Is4() && ip.IsLoopback()
}

// plainPattern is an entry of a list of origins in parts.
type plainPattern struct {
	plainOrigin
	oneLabel, anyDepth, anyPort bool
}

// readPattern takes an entry apart: an origin with perhaps `*.` or `**.` in
// front of its host, and perhaps `:*` behind.
func readPattern(s string) (plainPattern, bool) {
	var p plainPattern
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
	o, ok := readOrigin(bare)
	p.plainOrigin = o
	isAddress := isIPv4Host(o.host) || isIPv6Host(o.host)
	switch {
	case !ok, p.anyPort && o.port != "", slices.Contains(opaqueSchemes, o.scheme) && s != "file://":
		return p, false
	case (o.host == "" || o.host == ".") && s != bare:
		return p, false
	case (p.oneLabel || p.anyDepth) && (isAddress || len(strings.TrimSuffix(o.host, "."))+len("a.") > 253):
		return p, false
	}
	return p, true
}

// anyMatches walks over a list.
func anyMatches(list []string, raw string) bool {
	for _, word := range words(list) {
		if word == "null" && raw == "null" {
			return true
		}
		p, isPattern := readPattern(word)
		o, isOrigin := readOrigin(raw)
		if isPattern && isOrigin && p.matches(o) {
			return true
		}
	}
	return false
}

func (p plainPattern) matches(o plainOrigin) bool {
	if p.scheme != o.scheme || !p.anyPort && p.port != o.port {
		return false
	}
	want, have := strings.Split(p.host, "."), strings.Split(o.host, ".")
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
