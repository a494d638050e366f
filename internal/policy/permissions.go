package policy

import (
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// Bounds on what a preflight may ask. They keep the cost of a request
// constant, whatever an attacker sends; no browser comes near them.
const (
	// maxMethodLength is that of Caddy's server: it answers longer methods
	// with an error, so granting one would help nobody.
	maxMethodLength = 32
	// maxRequestHeadersLength bounds Access-Control-Request-Headers over all
	// its lines.
	maxRequestHeadersLength = 4096
)

// Permissions are what an origin may do. The strings are values of header
// fields, built once.
type Permissions struct {
	Credentials bool

	methods      map[string]struct{}
	allowMethods string // "" where no method is named
	echoMethod   bool   // every method, but credentials make `*` a mere name

	headers       map[string]struct{} // lower case
	allowHeaders  string
	anyHeader     bool
	authorization bool // listed by name, as `*` never covers it
	echoHeaders   bool // every header, but credentials make `*` a mere name
	maxHeaderName int  // a longer name is not in headers

	Expose      string
	ExposeAll   bool     // list what the response carries, as `*` is a mere name
	exposeNames []string // the names beside the `*`, where ExposeAll is set

	maxAge string // "" where browsers shall use their own
}

// answerMethod returns the value of Access-Control-Allow-Methods and whether
// it covers what was asked for. Methods are case-sensitive, as in Fetch.
func (g *Permissions) answerMethod(lines []string) (string, bool) {
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
	if !httpwords.IsToken(m) || httpwords.IsForbiddenMethod(m) {
		return "", false
	}
	if g.echoMethod {
		return m, true
	}
	return g.allowMethods, httpwords.IsSafelistedMethod(m) || g.allowMethods == httpwords.Wildcard
}

// answerHeaders returns the value of Access-Control-Allow-Headers and why it
// does not cover what was asked for, if it does not.
func (g *Permissions) answerHeaders(lines []string) (string, Reason) {
	if !withinBounds(lines) {
		return "", ReasonHeadersMalformed
	}
	var (
		why       = ReasonNone
		malformed = false
		verbatim  = len(lines) == 1 // the line can be echoed as it came
		names     = httpwords.Elements{Lines: lines}
	)
	for names.Next() {
		switch {
		case g.lists(names.Element):
		case !httpwords.IsToken(names.Element):
			malformed, verbatim = true, false
		case !g.coversHeader(names.Element):
			why, verbatim = ReasonHeaderNotAllowed, false
		}
	}
	if names.TooManyEmpty() {
		return "", ReasonHeadersMalformed
	}
	if malformed {
		why = ReasonHeadersMalformed
	}
	switch {
	case !g.echoHeaders:
		return g.allowHeaders, why
	case verbatim && !names.Untidy:
		return lines[0], why
	case len(lines) == 0:
		return "", why
	default:
		return g.echo(lines), why
	}
}

// echo builds the list of those names that are names and covered.
func (g *Permissions) echo(lines []string) string {
	var b strings.Builder
	names := httpwords.Elements{Lines: lines}
	for names.Next() {
		if !httpwords.IsToken(names.Element) || !g.coversHeader(names.Element) {
			continue
		}
		if b.Len() == 0 {
			b.Grow(totalLength(lines))
		} else {
			b.WriteByte(',')
		}
		b.WriteString(names.Element)
	}
	return b.String()
}

// lists reports whether a name is covered as browsers write it, in lower case.
// Nothing else need be known of it then.
func (g *Permissions) lists(name string) bool {
	if g.anyHeader || len(name) > g.maxHeaderName {
		return false
	}
	_, listed := g.headers[name]
	return listed
}

// coversHeader reports whether the permissions allow a request header by that name;
// names are case-insensitive.
func (g *Permissions) coversHeader(name string) bool {
	if g.anyHeader {
		if name == httpwords.Wildcard {
			// With credentials a literal `*` is a name like any other, and
			// echoing it could be read as a wildcard by a sloppy client.
			return !g.echoHeaders
		}
		return g.authorization || len(name) != len(httpwords.Authorization) || !strings.EqualFold(name, httpwords.Authorization)
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
