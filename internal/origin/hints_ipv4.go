package origin

import (
	"net/netip"
	"strconv"
	"strings"
)

// ipv4 examines a host whose last label is a number, which makes browsers read
// it as an IPv4 address (URL Standard, #ends-in-a-number-checker).
func (d *dissection) ipv4(host string) string {
	name := strings.TrimSuffix(host, ".")
	address, ok := readIPv4(name)
	if ok {
		if problem := oddIPv4(host, name); problem != "" {
			d.complain(problem+"; browsers send "+address, "write that")
		}
		return address
	}
	problem := "has a host that ends in a number, so that browsers read it as an IPv4 address"
	parts := strings.Split(name, ".")
	for i, part := range parts {
		n, ok := readIPv4Part(part)
		why := quote(part) + " cannot be a part of one"
		switch {
		case !ok && isDigits(part) && part[0] == '0':
			why += " (its leading zero makes it octal)"
		case !ok:
		case n > 255 && (i < len(parts)-1 || len(parts) == 4):
			why = strconv.FormatUint(n, 10) + " is over 255"
		default:
			continue
		}
		d.fatal(problem+", and "+why, "correct it")
		return host
	}
	if len(parts) > 4 {
		d.fatal(problem+", and it has more than four parts", "correct it")
	} else {
		d.fatal(problem+", and its last part is too large", "correct it")
	}
	return host
}

// oddIPv4 says what keeps an address from being in the form that browsers send.
func oddIPv4(host, name string) string {
	parts := strings.Split(name, ".")
	for _, part := range parts {
		switch {
		case strings.HasPrefix(part, "0x"):
			return "has a hexadecimal number (" + quote(part) + ") in its IPv4 address"
		case len(part) > 1 && part[0] == '0':
			return "has an IPv4 part with a leading zero (" + quote(part) + "), which makes it octal"
		}
	}
	switch {
	case len(parts) < 4:
		return "has a short form of an IPv4 address (" + quote(name) + ")"
	case host != name:
		return "has a dot after its IPv4 address"
	}
	return ""
}

// readIPv4 reads all that browsers take for an IPv4 address: up to four parts,
// decimal, octal or hexadecimal, of which the last fills what the others leave
// (URL Standard, #concept-ipv4-parser).
func readIPv4(name string) (address string, ok bool) {
	parts := strings.Split(name, ".")
	if len(parts) > 4 {
		return "", false
	}
	sum := uint64(0)
	for i, part := range parts {
		n, ok := readIPv4Part(part)
		room := 8
		if i == len(parts)-1 {
			room = 8 * (5 - len(parts))
		}
		if !ok || n >= 1<<room {
			return "", false
		}
		sum = sum<<room | n
	}
	a := netip.AddrFrom4([4]byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)})
	return a.String(), true
}

// readIPv4Part reads one number (URL Standard, #ipv4-number-parser).
func readIPv4Part(part string) (n uint64, ok bool) {
	base := 10
	switch {
	case part == "":
		return 0, false
	case strings.HasPrefix(part, "0x"):
		part, base = part[2:], 16
	case len(part) > 1 && part[0] == '0':
		part, base = part[1:], 8
	}
	if part == "" {
		return 0, true // "0x" alone is zero
	}
	n, err := strconv.ParseUint(part, base, 40)
	return n, err == nil
}
