package browser

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Origin is a tuple origin or, as its zero value, an opaque one, so that an origin that was never set is trusted
// least. Two opaque origins are never the same. Two tuple origins are the same if they are ==.
type Origin struct {
	scheme, host, port string // lower case; no port if it is the scheme's default
}

var defaultPorts = map[string]string{"http": "80", "https": "443", "ws": "80", "wss": "443", "ftp": "21"}

// ParseOrigin reads "null", scheme://host[:port] or what embedded engines send for their pages: a scheme of their own
// without a host (package://, qrc://), and file://. It lower-cases, drops a default port and shortens an IPv6
// address, as the browser has done long before it serializes an origin. Errors quote s and name the right form.
func ParseOrigin(s string) (Origin, error) {
	if s == "null" {
		return Origin{}, nil
	}
	if scheme, ok := strings.CutSuffix(lower(s), "://"); ok && isOwnScheme(scheme) {
		return Origin{scheme: scheme}, nil
	}
	if strings.HasPrefix(lower(s), "file:") || strings.HasPrefix(lower(s), "data:") {
		return Origin{}, fmt.Errorf("parsing origin %q: browsers give its pages an opaque origin, write null (or file:// for a device that sends that)", s)
	}
	u, err := url.Parse(s)
	if err != nil {
		return Origin{}, fmt.Errorf("parsing origin %q: %w", s, unwrapURL(err))
	}
	if u.Scheme == "" || u.Host == "" {
		return Origin{}, fmt.Errorf("parsing origin %q: write scheme://host or scheme://host:port", s)
	}
	if u.User != nil || u.Path != "" || strings.ContainsAny(s, `?#\`) {
		return Origin{}, fmt.Errorf("parsing origin %q: an origin ends after host and port, write %s://%s", s, u.Scheme, u.Host)
	}
	if err := normalizeHost(u); err != nil {
		return Origin{}, fmt.Errorf("parsing origin %q: %w", s, err)
	}
	return tuple(u), nil
}

// isOwnScheme reports whether a scheme is one whose URLs need no host: not one of the web's.
func isOwnScheme(scheme string) bool {
	for i := range len(scheme) {
		if c := scheme[i]; !isAlphanumeric(c) && (i == 0 || strings.IndexByte("+-.", c) < 0) {
			return false
		}
	}
	return scheme != "" && scheme != "data" && (scheme[0] < '0' || scheme[0] > '9') && defaultPorts[scheme] == ""
}

// originOf returns the origin of a URL of parseURL: a tuple for http, https, ws, wss and ftp, opaque for every other
// scheme (https://url.spec.whatwg.org/#origin).
func originOf(u *url.URL) Origin {
	if defaultPorts[u.Scheme] == "" {
		return Origin{}
	}
	return tuple(u)
}

func tuple(u *url.URL) Origin {
	host := u.Hostname()
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return Origin{scheme: u.Scheme, host: host, port: u.Port()}
}

// Opaque reports whether the origin serializes to null.
func (o Origin) Opaque() bool { return o == Origin{} }

// SameOrigin reports whether both are the same tuple origin (https://html.spec.whatwg.org/#same-origin).
func (o Origin) SameOrigin(p Origin) bool { return !o.Opaque() && o == p }

// String is the serialization of the origin, as Origin carries it (#origin-header).
func (o Origin) String() string {
	switch {
	case o.Opaque():
		return "null"
	case o.port != "":
		return o.scheme + "://" + o.host + ":" + o.port
	}
	return o.scheme + "://" + o.host
}

// MarshalText makes origins readable in JSON.
func (o Origin) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// serializeRequestOrigin is the value of Origin for a page after the given hops, from the first URL to the current
// one (#serializing-a-request-origin): null as soon as the chain is tainted.
func serializeRequestOrigin(page Origin, hops []Origin) string {
	if redirectTainted(page, hops) {
		return "null"
	}
	return page.String()
}

// redirectTainted reports whether some hop changed the origin when it did not leave from the page's own
// (#concept-request-tainted-origin). Then a third party chose the target, and Origin must not vouch for the choice; a
// redirect by the page's own server is the page's own choice.
func redirectTainted(page Origin, hops []Origin) bool {
	for i := 1; i < len(hops); i++ {
		last := hops[i-1]
		if !hops[i].SameOrigin(last) && !page.SameOrigin(last) {
			return true
		}
	}
	return false
}

// originHeader returns the Origin value to send and whether to send one (#append-a-request-origin-header).
func (f *flight) originHeader() (string, bool) {
	if f.tainting == TaintingCORS || f.mode == ModeWebSocket {
		return f.origin(), true
	}
	if f.method == "GET" || f.method == "HEAD" {
		return "", false
	}
	// Outside cors mode the page never agreed to show its origin, so its referrer policy may hide it.
	if f.mode != ModeCORS && f.policyHidesOrigin() {
		return "null", true
	}
	return f.origin(), true
}

func (f *flight) policyHidesOrigin() bool {
	switch f.policy {
	case PolicyNoReferrer:
		return true
	case PolicyNoWhenDowngrade, PolicyStrictOrigin, PolicyStrictOriginOnCross:
		return f.page.Origin.scheme == "https" && f.url().Scheme != "https"
	case PolicySameOrigin:
		return !f.page.Origin.SameOrigin(originOf(f.url()))
	}
	return false
}

// origin is the serialized origin of the request as it stands now.
func (f *flight) origin() string { return serializeRequestOrigin(f.page.Origin, f.hopOrigins()) }

func (f *flight) hopOrigins() []Origin {
	hops := make([]Origin, 0, len(f.urls))
	for _, u := range f.urls {
		hops = append(hops, originOf(u))
	}
	return hops
}

// unwrapURL takes the text of the URL out of an error that will quote it anyway.
func unwrapURL(err error) error {
	if parse, ok := errors.AsType[*url.Error](err); ok {
		return parse.Err
	}
	return err
}
