package origins

import (
	"errors"
	"net/netip"
	"strings"
)

// maxHost is the length in bytes of the longest host name (RFC 1035, section
// 2.3.4: 255 with the lengths of its labels, which are 253 as text).
const maxHost = 253

var (
	errNoHost  = errors.New("with per_host a source must be told the host of the request, and there is none")
	errBadHost = errors.New("the Host of the request is not a host, so it is not asked about")
)

// askHost returns the host of a Host header as an endpoint is asked about it:
// lower case, without port, without the brackets of an IPv6 address and without
// the dot at the end of a name. All spellings of a host must end the same, or
// one tenant would fill the cache; and what no host looks like must not get into
// it, nor into a question.
func askHost(header string) (string, error) {
	if header == "" {
		return "", errNoHost
	}
	var host, port string
	if bracketed, ok := strings.CutPrefix(header, "["); ok {
		inner, rest, closed := strings.Cut(bracketed, "]")
		addr, err := netip.ParseAddr(inner)
		if !closed || rest != "" && rest[0] != ':' || err != nil || !addr.Is6() || addr.Zone() != "" {
			return "", errBadHost
		}
		host, port = addr.String(), strings.TrimPrefix(rest, ":")
	} else {
		host, port, _ = strings.Cut(header, ":")
		host = strings.TrimSuffix(host, ".")
		if !isHostName(host) { // before ToLower, which makes ASCII of a Kelvin sign
			return "", errBadHost
		}
		host = strings.ToLower(host)
	}
	if len(port) > len("65535") || strings.Trim(port, "0123456789") != "" {
		return "", errBadHost
	}
	return host, nil
}

const hostNameBytes = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// isHostName reports whether a name is one that browsers ask for:
// labels of ASCII letters, digits, hyphens and underscores.
func isHostName(host string) bool {
	if len(host) > maxHost {
		return false
	}
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, hostNameBytes) != "" {
			return false
		}
	}
	return true
}
