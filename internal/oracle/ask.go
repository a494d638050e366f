package oracle

import (
	"net/netip"
	"regexp"
)

// Endpoint is what an endpoint says about an origin, in one of its moods. It says
// other things about other hosts, so that answers cannot be mixed up unseen. Host
// is empty where it is not told one.
func Endpoint(mood, host, origin string) bool {
	sum := 0
	for i, c := range []byte(mood + " " + host + " " + origin) {
		sum += (i%7 + 1) * int(c)
	}
	return sum%3 > 0
}

// memory is what endpoints said: an answer is kept for minutes, so the first one
// is the only one, whatever the endpoint would say now.
type memory map[subject]bool

type subject struct{ url, host, origin string }

// Mood is the part of a request's header that the endpoints of a test go by.
const Mood = "X-Mood"

// ask returns what an endpoint says, and whether it was asked at all.
func (c *Config) ask(s Source, r *Request) (yes, asked bool) {
	raw := r.Origin[0]
	if p, ok := ReadPattern(raw); !ok || !IsSent(p) {
		return false, true // no page sends it, so nobody is asked
	}
	about := subject{url: s.URL, origin: raw}
	if s.PerHost {
		host, ok := tenant(r.Host)
		if !ok {
			return false, false
		}
		about.host = host
	}
	if c.memory == nil {
		c.memory = make(memory)
	}
	if _, known := c.memory[about]; !known {
		c.memory[about] = Endpoint(r.Mood, about.host, raw)
	}
	return c.memory[about], true
}

var (
	hostName    = regexp.MustCompile(`^([A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*)\.?(?::[0-9]{0,5})?$`)
	hostAddress = regexp.MustCompile(`^\[([0-9A-Fa-f:.]+)\](?::[0-9]{0,5})?$`)
)

// tenant is the host that an endpoint is told: in lower case, without the port.
func tenant(header string) (string, bool) {
	if m := hostAddress.FindStringSubmatch(header); m != nil {
		address, err := netip.ParseAddr(m[1])
		return address.String(), err == nil && address.Is6()
	}
	if m := hostName.FindStringSubmatch(header); m != nil && len(m[1]) <= 253 {
		return Lower(m[1]), true
	}
	return "", false
}
