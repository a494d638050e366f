package browser

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

var specialScheme = regexp.MustCompile(`^(?i)(https?|wss?|ftp):([/\\]*)`)

// parseURL parses s against base (nil: s must be absolute) into a URL with a lower-case host, no default port and a
// path. It forgives what the URL Standard forgives (white space around, backslashes, missing or too many slashes, a
// stray percent sign) and net/url does not. Out of its reach are IPv4 addresses in exotic spellings.
func parseURL(s string, base *url.URL) (*url.URL, error) {
	u, err := url.Parse(forgive(s, base))
	if err != nil {
		return nil, fmt.Errorf("parsing URL %q: %w", s, unwrapURL(err))
	}
	if base != nil {
		u = base.ResolveReference(u)
	}
	if u.Scheme == "" {
		return nil, fmt.Errorf("parsing URL %q: it has no scheme, write https://host/path", s)
	}
	if defaultPorts[u.Scheme] == "" {
		return u, nil
	}
	if err := normalizeHost(u); err != nil {
		return nil, fmt.Errorf("parsing URL %q: %w", s, err)
	}
	if u.Path == "" {
		u.Path = "/"
	}
	if !includesCredentials(u) { // a lone @ means nothing
		u.User = nil
	}
	return u, nil
}

// CheckURL says why a browser does not take s for the URL of a server, if it
// does not.
func CheckURL(s string) error {
	_, err := parseURL(s, nil)
	return err
}

// forgive rewrites s into what net/url understands (https://url.spec.whatwg.org/#concept-basic-url-parser).
func forgive(s string, base *url.URL) string {
	s = strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })
	s = strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(s)
	end := strings.IndexAny(s, "?#")
	if end < 0 {
		end = len(s)
	}
	path, rest := s[:end], s[end:]
	scheme := specialScheme.FindStringSubmatch(path)
	if scheme == nil && (base == nil || hasScheme(path)) {
		return s
	}
	rest = escapeRest(rest)
	path = escapeStrayPercent(strings.ReplaceAll(path, `\`, "/"))
	switch {
	case scheme == nil:
		if strings.HasPrefix(path, "//") {
			path = "//" + strings.TrimLeft(path, "/")
		}
	case len(scheme[2]) < 2 && base != nil && lower(scheme[1]) == base.Scheme:
		path = path[len(scheme[1])+1:] // "https:x" and "https:/x" are relative to an https base
	default:
		path = scheme[1] + "://" + path[len(scheme[0]):]
	}
	return escapePath(path) + rest
}

func hasScheme(s string) bool {
	head, _, found := strings.Cut(s, ":")
	return found && head != "" && !strings.ContainsAny(head, `/\`)
}

// normalizeHost checks and rewrites the host and port of u (https://url.spec.whatwg.org/#host-parsing).
func normalizeHost(u *url.URL) error {
	host, port := lower(u.Hostname()), u.Port()
	if strings.HasPrefix(u.Host, "[") {
		addr, err := netip.ParseAddr(host)
		if err != nil || !addr.Is6() || addr.Zone() != "" {
			return fmt.Errorf("[%s] is not an IPv6 address", host)
		}
		host = "[" + ipv6(addr) + "]"
	} else {
		ascii, err := asciiHost(host)
		if err != nil {
			return err
		}
		host = ascii
	}
	if port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return fmt.Errorf("port %s is beyond 65535", port)
		}
		port = strconv.FormatUint(n, 10)
	}
	u.Host = host
	if port != "" && port != defaultPorts[u.Scheme] {
		u.Host += ":" + port
	}
	return nil
}

// ipv6 writes hexadecimal pieces only: netip ends a v4-mapped address in dotted decimals, the URL Standard does not.
func ipv6(addr netip.Addr) string {
	if !addr.Is4In6() {
		return addr.String()
	}
	b := addr.As16()
	return fmt.Sprintf("::ffff:%x:%x", uint16(b[12])<<8|uint16(b[13]), uint16(b[14])<<8|uint16(b[15]))
}

// toASCII is what browsers make of international names (https://url.spec.whatwg.org/#concept-domain-to-ascii).
var toASCII = idna.New(
	idna.MapForLookup(), idna.Transitional(false), idna.BidiRule(), idna.CheckHyphens(false), idna.StrictDomainName(false),
)

func asciiHost(host string) (string, error) {
	if strings.ContainsFunc(host, func(r rune) bool { return r >= 0x80 }) {
		ascii, err := toASCII.ToASCII(host)
		if err != nil {
			return "", fmt.Errorf("host %q is no international name: %w", host, err)
		}
		host = ascii
	}
	if host == "" {
		return "", errors.New("it has no host")
	}
	for i := range len(host) {
		if c := host[i]; c <= ' ' || c == 0x7F || strings.IndexByte(`#%/:<>?@[\]^|`, c) >= 0 {
			return "", fmt.Errorf("host %q contains %q", host, c)
		}
	}
	return host, nil
}

// includesCredentials reports whether the URL has a user name or password (https://url.spec.whatwg.org/#include-credentials).
func includesCredentials(u *url.URL) bool {
	if u.User == nil {
		return false
	}
	password, _ := u.User.Password()
	return u.User.Username() != "" || password != ""
}

// isHTTP reports whether the scheme is http or https.
func isHTTP(u *url.URL) bool { return u.Scheme == "http" || u.Scheme == "https" }

// withoutFragment is the URL as it goes over the wire.
func withoutFragment(u *url.URL) string {
	bare := *u
	bare.Fragment, bare.RawFragment = "", ""
	return bare.String()
}
