package origin

import (
	"net/netip"
	"strconv"
	"strings"
)

// wildcard splits the wildcard off the host. scheme is only for the message.
func (d *dissection) wildcard(scheme, host string) (wildcard, base string) {
	switch {
	case !strings.Contains(host, "*"):
		return "", host
	case strings.Trim(host, "*.") == "":
		d.fatal("names no host", "to allow every origin write * (without credentials)")
		return "", host
	}
	labels := strings.Split(host, ".")
	stars := 0 // labels in front that are nothing but stars
	for strings.Trim(labels[stars], "*") == "" && labels[stars] != "" {
		stars++
	}
	base = strings.Join(labels[stars:], ".")
	switch {
	case !strings.Contains(base, "*"):
		if stars == 1 && len(labels[0]) <= len("**") {
			return labels[0] + ".", base
		}
		d.complain("has more than one wildcard, and ** stands for any number of labels", "write one")
		return AnyDepth.String(), base
	case strings.HasSuffix(base, "*"):
		d.trailingWildcard(scheme, strings.TrimRight(base, "*"))
	case stars == 0:
		return d.labelWildcard(labels[0], strings.Join(labels[1:], "."), host)
	default:
		d.fatal("has more than one label with a *", "write one, in the first label, as in https://*-shop.example.com; for anything finer use origin_regexp")
	}
	return "", host
}

// labelWildcard examines a * inside a label.
func (d *dissection) labelWildcard(label, rest, host string) (wildcard, base string) {
	const finer = "; for anything finer use origin_regexp"
	suffix, icann, _ := suffixAt(strings.ToLower(rest))
	lower := strings.ToLower(label)
	switch {
	case strings.Contains(rest, "*") && strings.Contains(label, "*"):
		d.fatal("has more than one *", "write one, inside the first label, as in https://*-shop.example.com"+finer)
	case strings.Contains(rest, "*"):
		d.fatal("has a * that is not in the leftmost label", "write it there, as in https://*.example.com or https://*-shop.example.com"+finer)
	case strings.Count(label, "*") > 1:
		d.fatal("has more than one *, and one stands for any number of letters, digits and hyphens", "write one, as in https://*-shop.example.com"+finer)
	case rest == "":
		d.fatal("has a * in a name without a domain", "write the domain behind it, as in https://*-shop.example.com"+finer)
	case icann && strings.HasPrefix(label, "*") && strings.Trim(label, "*-_") != "":
		d.complain("has a * inside the name that is registered under "+suffix+", so a dot is missing: anybody can take a name that fits", "write *. in front of the host")
		return OneLabel.String(), strings.TrimLeft(label, "*-_") + "." + rest
	case icann:
		d.fatal("has a * inside the name that is registered under "+suffix+", so a dot is missing: anybody can take a name that fits", "write *. in front of your own domain, as in https://*.example.com")
	case len(label) > maxLabel:
		d.fatal("has a label of more than 63 bytes in its host", "correct the name")
	case !isLabelPattern(lower):
		d.fatal("has a byte beside its * that no host has", "correct the name")
	default:
		if lower != label {
			d.complain("has upper-case letters in its host, where browsers send lower case", "write it in lower case")
		}
		return lower + ".", rest
	}
	return "", host
}

// trailingWildcard tells what a wildcard at the end of a host would let in.
func (d *dissection) trailingWildcard(scheme, front string) {
	const cure = "list the hosts one by one"
	problem, evil := "has a * right after its host: anyone can register a name that goes on", front+".evil.net"
	if strings.HasSuffix(front, ".") {
		problem, evil = "has a * at the end of its host: anyone can register such a name", front+"evil"
	}
	if scheme == "" {
		problem, scheme = "has no scheme, and "+problem, "https"
	}
	if o, ok := Parse(scheme + schemeSep + evil); ok {
		problem += ", like " + o.Host()
	}
	d.fatal(problem, cure)
}

// host examines a host without wildcard and returns it as browsers write it.
func (d *dissection) host(host string) string {
	if strings.HasPrefix(host, "[") {
		return d.ipv6(host)
	}
	if host == "" {
		d.fatal("has no host", "write one, as in https://app.example.com")
		return ""
	}
	host = d.ascii(host)
	if d.hopeless {
		return host
	}
	d.labels(host)
	if last := lastLabel(host); endsInNumber(last) && !d.hopeless {
		return d.ipv4(host)
	}
	if !d.hopeless && !validPunycode(host) {
		return d.punycode(host)
	}
	return host
}

// ascii turns letters into what browsers send: lower case and punycode.
func (d *dissection) ascii(host string) string {
	lower := strings.ToLower(host)
	if isASCII(host) {
		if lower != host {
			d.complain("has upper-case letters in its host, where browsers send lower case", "write it in lower case")
		}
		return lower
	}
	ascii, err := toASCII.ToASCII(host)
	if err != nil || !isASCII(ascii) {
		d.fatal("has a host that is not ASCII and that no browser can turn into ASCII ("+quote(host)+")", "correct the name")
		return host
	}
	d.complain("has a host that is not ASCII ("+quote(host)+"), which browsers send in ASCII form", "write "+ascii)
	return ascii
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 }) < 0
}

// labels examines the bytes and lengths of a lower-case name.
func (d *dissection) labels(host string) {
	name := strings.TrimSuffix(host, ".")
	for i := range len(host) {
		if c := host[i]; class[c]&isHostByte == 0 && c != '.' {
			d.fatal("has "+quote(host[i:i+1])+" in its host, which no origin has", "remove or correct it")
			return
		}
	}
	for label := range strings.SplitSeq(name, ".") {
		switch {
		case label == "" && strings.HasPrefix(name, ".") && !strings.Contains(name, ".."):
			d.fatal("has a host that starts with a dot", "for all names one level below a host put *. in front of it, as in https://*.example.com")
			return
		case label == "":
			d.fatal("has an empty label in its host", "remove the dot too many")
			return
		case len(label) > maxLabel:
			d.fatal("has a label of "+strconv.Itoa(len(label))+" bytes in its host, and 63 are the most", "correct the name")
			return
		}
	}
	if len(name) > maxHost {
		d.fatal("has a host of "+strconv.Itoa(len(name))+" bytes, and 253 are the most", "correct the name")
	}
}

func lastLabel(host string) string {
	name := strings.TrimSuffix(host, ".")
	return name[strings.LastIndexByte(name, '.')+1:]
}

// punycode returns the name that browsers make of one that validPunycode refuses.
func (d *dissection) punycode(host string) string {
	for label := range strings.SplitSeq(host, ".") {
		if !validPunycode(label) {
			d.fatal("has a host label that is not valid punycode ("+quote(label)+")", "copy the name from the address bar of a browser")
			return host
		}
	}
	d.fatal("has a host that is not valid punycode ("+quote(host)+")", "copy the name from the address bar of a browser")
	return host
}

// ipv6 examines what stands in brackets.
func (d *dissection) ipv6(host string) string {
	address := strings.TrimSuffix(host[1:], "]")
	if i := strings.IndexByte(address, '%'); i >= 0 {
		d.complain("has an IPv6 zone ("+quote(address[i:])+"), which never appears in an origin", "remove it")
		address = address[:i]
	}
	if short, ok := shortIPv6(address); ok {
		if short != address {
			d.complain("has an IPv6 address that browsers send in another form: ["+short+"]", "write that")
		}
		return "[" + short + "]"
	}
	if !strings.Contains(address, ":") {
		d.complain("has brackets, and only an IPv6 address goes in brackets", "remove them")
		return d.host(address)
	}
	d.fatal("has in brackets what is not an IPv6 address ("+quote(address)+")", "correct it")
	return host
}

// shortIPv6 returns an IPv6 address as browsers write it.
func shortIPv6(address string) (string, bool) {
	a, err := netip.ParseAddr(address)
	if err != nil || a.Zone() != "" || !a.Is6() {
		return "", false
	}
	b := a.As16()
	var groups [8]uint16
	for i := range groups {
		groups[i] = uint16(b[2*i])<<8 | uint16(b[2*i+1])
	}
	return string(appendIPv6(nil, groups)), true
}
