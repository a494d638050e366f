package origin

import "strings"

// dissection takes a value to pieces and puts the repaired pieces together. It
// keeps the first complaint only: the proposal mends all of them at once.
type dissection struct {
	mistake
	hopeless bool // some piece cannot be repaired
}

func (d *dissection) complain(problem, cure string) {
	if d.problem == "" {
		d.problem, d.cure = problem, cure
	}
}

// fatal is complain for what only the writer can repair. The first fatal
// problem goes before all others: its cure is the one that is needed.
func (d *dissection) fatal(problem, cure string) {
	if !d.hopeless {
		d.problem, d.cure = problem, cure
	}
	d.hopeless = true
}

// dissect diagnoses a value that is nearly an origin.
func dissect(s string) *mistake {
	d := &dissection{mistake: mistake{value: s}}
	name, slashes, rest := cutScheme(s)
	if inner, _, _ := cutScheme(rest); known[strings.ToLower(inner)] && strings.Contains(rest, schemeSep) {
		problem := "names a scheme twice"
		if name == "" {
			problem = "has " + slashes + " in front of its scheme"
		}
		return &mistake{value: s, problem: problem, cure: "write one origin", propose: repair(rest)}
	}
	scheme := d.scheme(name, slashes)
	authority := d.tail(rest)
	authority = d.user(authority)
	host, port, hasPort := d.hostPort(authority)
	wildcard, host := d.wildcard(scheme, host)
	host = d.host(host)
	if wildcard != "" && isIP(host) {
		d.complain("has a wildcard in front of an IP address, which has no subdomains", "remove the wildcard")
		wildcard = ""
	}
	if wildcard != "" && !hasRoomInFront(host, max(len(wildcard)-1, 1)) {
		d.fatal("has a wildcard in front of a host so long that no label fits there", "remove the wildcard")
	}
	if scheme == "" {
		scheme = guessScheme(host, port)
	}
	port = d.port(scheme, port, hasPort)
	if proposal := scheme + schemeSep + wildcard + host + port; !d.hopeless {
		if _, ok := parsePattern(proposal); ok {
			d.propose = proposal
		}
	}
	d.complain(vague, "write one like https://app.example.com")
	return &d.mistake
}

// vague is for what no check finds. Fuzzing looks for values that come to this.
const vague = "is not an origin as browsers send it"

// guessScheme proposes http where nobody has a certificate.
func guessScheme(host, port string) string {
	if port == "80" || isLoopback(host) {
		return "http"
	}
	return "https"
}

// tail cuts off what follows the authority: path, query and fragment.
func (d *dissection) tail(rest string) string {
	i := strings.IndexAny(rest, `/\?#`)
	if i < 0 {
		return rest
	}
	tail := rest[i:]
	switch {
	case i == 0: // the host is missing, which is worse
	case tail[0] == '\\':
		d.complain("contains a backslash, which browsers read as a slash", `remove "\" and what follows`)
	case tail == "/":
		d.complain("ends with a slash, which browsers do not send, so it would never match", "remove the slash")
	case tail[0] == '/':
		d.complain("has a path ("+quote(tail)+"), and an origin has none", "remove it")
	case tail[0] == '?':
		d.complain("has a query ("+quote(tail)+"), and an origin has none", "remove it")
	default:
		d.complain("has a fragment ("+quote(tail)+"), and an origin has none", "remove it")
	}
	return rest[:i]
}

// user cuts off a user name and password.
func (d *dissection) user(authority string) string {
	i := strings.LastIndexByte(authority, '@')
	if i < 0 {
		return authority
	}
	user := authority[:i+1]
	problem := "has a user name before the host (" + quote(user) + "), which browsers never send"
	if strings.Contains(user, ":") {
		problem += " (and treat that password as leaked)"
	}
	d.complain(problem, "remove it")
	return authority[i+1:]
}

// hostPort splits the authority. It leaves brackets on the host.
func (d *dissection) hostPort(authority string) (host, port string, hasPort bool) {
	if address := strings.TrimLeft(authority, "*."); strings.HasPrefix(address, "[") {
		host, port, hasPort = d.bracketPort(address)
		return authority[:len(authority)-len(address)] + host, port, hasPort
	}
	host, port, hasPort = strings.Cut(authority, ":")
	if !strings.Contains(port, ":") {
		return host, port, hasPort
	}
	const problem, cure = "has an IPv6 address without brackets", "write the address in [ and ]"
	switch host, port, how := cutIPv6(authority); how {
	case unambiguous:
		d.complain(problem, cure)
		return host, port, port != ""
	case ambiguous:
		d.fatal(problem, cure)
		return host, "", false
	}
	d.fatal("has more than one colon after the host", "write one port, or an IPv6 address in [ and ]")
	return host, "", false
}

func (d *dissection) bracketPort(authority string) (host, port string, hasPort bool) {
	host, after, closed := strings.Cut(authority, "]")
	if !closed {
		return d.unclosed(authority)
	}
	host += "]"
	port, hasPort = strings.CutPrefix(after, ":")
	if after != "" && !hasPort {
		d.fatal("has "+quote(after)+" after the IPv6 address", "write nothing or a :port there")
	}
	return host, port, hasPort
}

func (d *dissection) unclosed(authority string) (host, port string, hasPort bool) {
	const problem, cure = "has no ] after the IPv6 address", "write ] where the address ends"
	host, port, how := cutIPv6(authority[1:])
	if how != unambiguous {
		d.fatal(problem, cure)
		return authority, "", false
	}
	d.complain(problem, cure)
	return host, port, port != ""
}

// The results of cutIPv6.
const (
	noAddress = iota
	ambiguous
	unambiguous
)

// cutIPv6 splits an IPv6 address without brackets from a port, and puts the
// brackets on. "::1:8080" can be read in two ways.
func cutIPv6(s string) (host, port string, how int) {
	i := max(strings.LastIndexByte(s, ':'), 0)
	_, alone := shortIPv6(s)
	_, withPort := shortIPv6(s[:i])
	withPort = withPort && isDigits(s[i+1:])
	switch {
	case alone && withPort:
		return "[" + s + "]", "", ambiguous
	case alone:
		return "[" + s + "]", "", unambiguous
	case withPort:
		return "[" + s[:i] + "]", s[i+1:], unambiguous
	}
	return "", "", noAddress
}

// port examines the port and returns it with its colon, or "".
func (d *dissection) port(scheme, port string, hasPort bool) string {
	digits := strings.TrimLeft(port, "0")
	first, last, isRange := strings.Cut(port, "-")
	switch {
	case !hasPort:
		return ""
	case port == "":
		d.complain("has a colon without a port", "remove it")
		return ""
	case port == "*":
		return ":*"
	case isRange && isDigits(first) && isDigits(last):
		d.fatal("has a range of ports ("+quote(port)+"), which is not supported", "list the ports one by one, or write :* for any")
	case strings.Contains(port, "*"):
		d.fatal("has a wildcard within its port ("+quote(port)+")", "list the ports one by one, or write :* for any")
	case !isDigits(port):
		d.fatal("has a port that is not a number ("+quote(port)+")", "write a number from 1 to 65535, or :* for any")
	case digits == "":
		d.fatal("has port 0, where no server can listen", "write a number from 1 to 65535, or :* for any")
	case len(digits) > 5 || len(digits) == 5 && digits > "65535":
		d.fatal("has port "+shorten(digits)+", which is over 65535", "write a number from 1 to 65535, or :* for any")
	case digits != port:
		d.complain("has a port with a leading zero ("+quote(port)+")", "write "+digits)
	}
	if digits == defaultPort(scheme) {
		d.complain("has the default port of "+scheme+", "+digits+", which browsers leave out, so it would never match", "leave it out")
		return ""
	}
	return ":" + digits
}
