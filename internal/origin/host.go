package origin

import (
	"strconv"
	"strings"
)

// hostLen returns the length of the host that s starts with, which ends at the
// end of s or at a colon. It returns 0 when there is none in the form in which
// browsers serialize it (URL Standard, #host-serializing).
func hostLen(s string) int {
	if strings.HasPrefix(s, "[") {
		return bracketLen(s)
	}
	i, label, before := 0, 0, 0 // label, before: where this label and the one before it start
	for ; i < len(s) && s[i] != ':'; i++ {
		if class[s[i]]&isHostByte != 0 {
			continue
		}
		if s[i] != '.' || !validLabelLen(i-label) {
			return 0
		}
		before, label = label, i+1
	}
	name := s[:i]
	switch {
	case i == 0:
		return 0
	case label == i: // a trailing dot: legal, sent by browsers, and another host
		name, label = s[:i-1], before
	case !validLabelLen(i - label):
		return 0
	}
	if len(name) > maxHost {
		return 0
	}
	// A name that ends in a number is read as an IPv4 address, and serialized as one.
	if endsInNumber(name[label:]) && (len(name) != i || !isIPv4(name)) {
		return 0
	}
	return i
}

func validLabelLen(n int) bool { return 1 <= n && n <= maxLabel }

// endsInNumber applies the rule of that name to the last label of a host (URL
// Standard, #ends-in-a-number-checker). An octal number is all digits as well.
func endsInNumber(label string) bool {
	if label == "" || class[label[0]]&isDigit == 0 {
		return false
	}
	want := uint8(isDigit)
	if strings.HasPrefix(label, "0x") {
		label, want = label[2:], isHexByte
	}
	for i := range len(label) {
		if class[label[i]]&want == 0 {
			return false
		}
	}
	return true
}

// isIPv4 reports whether s is an IPv4 address as browsers write it: four decimal
// numbers without leading zeros.
func isIPv4(s string) bool {
	part, value, digits := 1, 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '.':
			if digits == 0 || part == 4 {
				return false
			}
			part, value, digits = part+1, 0, 0
		case class[c]&isDigit == 0 || digits > 0 && value == 0:
			return false
		default:
			value, digits = 10*value+int(c-'0'), digits+1
			if value > 255 {
				return false
			}
		}
	}
	return part == 4 && digits > 0
}

// isIP reports whether a host that hostLen accepted is an address.
func isIP(host string) bool {
	return strings.HasPrefix(host, "[") || isIPv4(host)
}

// bracketLen is hostLen for an IPv6 address in brackets.
func bracketLen(s string) int {
	const longest = len("[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]")
	end := strings.IndexByte(s[:min(len(s), longest)], ']')
	if end < 0 || !isIPv6(s[1:end]) {
		return 0
	}
	return end + 1
}

// isIPv6 reports whether s is an IPv6 address as browsers write it. It writes the
// address anew and compares, rather than to check every rule of shortness.
// (netip would allocate for its errors, and writes ::ffff:1.2.3.4 with dots.)
func isIPv6(s string) bool {
	groups, ok := readIPv6(s)
	if !ok {
		return false
	}
	var buf [len("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]byte
	return string(appendIPv6(buf[:0], groups)) == s
}

// readIPv6 reads eight groups of lower-case hexadecimal digits, one run of which
// may be left out with "::".
func readIPv6(s string) (groups [8]uint16, ok bool) {
	n, gap := 0, -1
	if strings.HasPrefix(s, "::") {
		gap, s = 0, s[2:]
	}
	for s != "" {
		value, digits := readGroup(s)
		if digits == 0 || n == len(groups) {
			return groups, false
		}
		groups[n], n, s = value, n+1, s[digits:]
		switch {
		case s == "":
		case s[0] != ':' || s == ":" || strings.HasPrefix(s, "::") && gap >= 0:
			return groups, false
		case strings.HasPrefix(s, "::"):
			gap, s = n, s[2:]
		default:
			s = s[1:]
		}
	}
	if gap < 0 || n == 8 {
		return groups, gap < 0 && n == 8
	}
	var full [8]uint16
	copy(full[:], groups[:gap])
	copy(full[8-(n-gap):], groups[gap:n])
	return full, true
}

// readGroup reads up to four hexadecimal digits.
func readGroup(s string) (value uint16, digits int) {
	for digits < min(len(s), 4) && class[s[digits]]&isHexByte != 0 {
		c := s[digits]
		if class[c]&isDigit != 0 {
			c -= '0'
		} else {
			c -= 'a' - 10
		}
		value, digits = value<<4|uint16(c), digits+1
	}
	return value, digits
}

// appendIPv6 writes an address as browsers do: the first of the longest runs of
// at least two zero groups becomes "::" (URL Standard, #concept-ipv6-serializer).
func appendIPv6(dst []byte, groups [8]uint16) []byte {
	start, length := -1, 1
	for i := 0; i < len(groups); i++ {
		run := 0
		for i+run < len(groups) && groups[i+run] == 0 {
			run++
		}
		if run > length {
			start, length = i, run
		}
		i += run
	}
	for i := 0; i < len(groups); i++ {
		if i == start {
			dst = append(dst, "::"...)
			i += length - 1
			continue
		}
		if i > 0 && i != start+length {
			dst = append(dst, ':')
		}
		dst = strconv.AppendUint(dst, uint64(groups[i]), 16)
	}
	return dst
}
