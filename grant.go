package cors

import "strings"

// Bounds on what a preflight may ask. They keep the cost of a request
// constant, whatever an attacker sends; no browser comes near them.
const (
	// maxMethodLength is that of Caddy's server: it answers longer methods
	// with an error, so granting one would help nobody.
	maxMethodLength = 32
	// maxRequestHeadersLength bounds Access-Control-Request-Headers over all
	// its lines.
	maxRequestHeadersLength = 4096
	// maxEmptyElements bounds what RFC 9110, section 5.6.1.2, makes recipients
	// tolerate: "a reasonable number of empty list elements".
	maxEmptyElements = 32
)

// grant is what an origin may do. The strings are response headers, built once.
type grant struct {
	credentials bool

	methods      map[string]struct{}
	allowMethods string // "" where the grant names no method
	echoMethod   bool   // every method, but credentials make `*` a mere name

	headers       map[string]struct{} // lower case
	allowHeaders  string
	anyHeader     bool
	authorization bool // listed by name, as `*` never covers it
	echoHeaders   bool // every header, but credentials make `*` a mere name
	maxHeaderName int  // a longer name is not in headers

	expose    string
	exposeAll bool // list what the response carries, as `*` is a mere name

	maxAge string // "" where browsers shall use their own
}

// answerMethod returns the value of Access-Control-Allow-Methods and whether
// it covers what was asked for. Methods are case-sensitive, as in Fetch.
func (g *grant) answerMethod(lines []string) (string, bool) {
	if len(lines) != 1 {
		return "", false
	}
	m := lines[0]
	if len(m) > maxMethodLength {
		return "", false
	}
	if _, listed := g.methods[m]; listed && !g.echoMethod {
		return g.allowMethods, true // it was checked when it was listed
	}
	if !isToken(m) || isForbiddenMethod(m) {
		return "", false
	}
	if g.echoMethod {
		return m, true
	}
	return g.allowMethods, isSafelistedMethod(m) || g.allowMethods == wildcard
}

// answerHeaders returns the value of Access-Control-Allow-Headers and why it
// does not cover what was asked for, if it does not.
func (g *grant) answerHeaders(lines []string) (string, reason) {
	if !withinBounds(lines) {
		return "", reasonHeadersMalformed
	}
	var (
		why       = reasonNone
		malformed = false
		verbatim  = len(lines) == 1 // the line can be echoed as it came
		names     = elements{lines: lines}
	)
	for names.next() {
		switch {
		case g.lists(names.element):
		case !isToken(names.element):
			malformed, verbatim = true, false
		case !g.coversHeader(names.element):
			why, verbatim = reasonHeaderNotAllowed, false
		}
	}
	if names.tooManyEmpty() {
		return "", reasonHeadersMalformed
	}
	if malformed {
		why = reasonHeadersMalformed
	}
	switch {
	case !g.echoHeaders:
		return g.allowHeaders, why
	case verbatim && !names.untidy:
		return lines[0], why
	case len(lines) == 0:
		return "", why
	default:
		return g.echo(lines), why
	}
}

// echo builds the list of those names that are names and covered.
func (g *grant) echo(lines []string) string {
	var b strings.Builder
	names := elements{lines: lines}
	for names.next() {
		if !isToken(names.element) || !g.coversHeader(names.element) {
			continue
		}
		if b.Len() == 0 {
			b.Grow(totalLength(lines))
		} else {
			b.WriteByte(',')
		}
		b.WriteString(names.element)
	}
	return b.String()
}

// lists reports whether a name is covered as browsers write it, in lower case.
// Nothing else need be known of it then.
func (g *grant) lists(name string) bool {
	if g.anyHeader || len(name) > g.maxHeaderName {
		return false
	}
	_, listed := g.headers[name]
	return listed
}

// coversHeader reports whether the grant allows a request header by that name;
// names are case-insensitive.
func (g *grant) coversHeader(name string) bool {
	if g.anyHeader {
		if name == wildcard {
			// With credentials a literal `*` is a name like any other, and
			// echoing it could be read as a wildcard by a sloppy client.
			return !g.echoHeaders
		}
		return g.authorization || len(name) != len(authorization) || !strings.EqualFold(name, authorization)
	}
	if len(name) > g.maxHeaderName || len(name) > maxLowerName {
		return false
	}
	var buf [maxLowerName]byte
	lower := buf[:len(name)]
	for i := range len(name) {
		c := name[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower[i] = c
	}
	_, listed := g.headers[string(lower)] // the compiler looks up without a copy
	return listed
}

// maxLowerName bounds the names that can be listed, so that lower-casing needs
// no memory but the stack.
const maxLowerName = 128

// withinBounds checks the size of the header before anything walks over it.
func withinBounds(lines []string) bool {
	return len(lines) <= maxRequestHeadersLength && totalLength(lines) <= maxRequestHeadersLength
}

// totalLength is the length of the lines joined by commas, or a number above
// the bound as soon as it is reached.
func totalLength(lines []string) int {
	n := len(lines) - 1
	for _, l := range lines {
		n += len(l)
		if n > maxRequestHeadersLength {
			break
		}
	}
	return n
}

// elements walks over the elements of a list header (RFC 9110, section 5.6.1)
// on any number of lines, without allocating.
type elements struct {
	lines   []string
	line    string
	inLine  bool
	element string
	empty   int
	untidy  bool // white space or an empty element was there

	// trusted: the lines are a response's, so empty elements need no bound.
	trusted bool
}

func (e *elements) tooManyEmpty() bool { return !e.trusted && e.empty > maxEmptyElements }

func (e *elements) next() bool {
	for {
		if !e.inLine {
			if len(e.lines) == 0 {
				return false
			}
			e.line, e.lines, e.inLine = e.lines[0], e.lines[1:], true
		}
		raw, rest, more := strings.Cut(e.line, ",")
		e.line, e.inLine = rest, more
		e.element = trimOWS(raw)
		if len(e.element) != len(raw) {
			e.untidy = true
		}
		if e.element != "" {
			return true
		}
		e.untidy = true
		if e.empty++; e.tooManyEmpty() {
			return false
		}
	}
}

// trimOWS removes optional white space (RFC 9110, section 5.6.3).
func trimOWS(s string) string {
	for s != "" && (s[0] == ' ' || s[0] == '\t') {
		s = s[1:]
	}
	for s != "" && (s[len(s)-1] == ' ' || s[len(s)-1] == '\t') {
		s = s[:len(s)-1]
	}
	return s
}
