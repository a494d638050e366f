package lint

import (
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
)

// matcher is Caddy's: a request meets it if it meets any of its sets, and every
// request meets one without sets.
type matcher []set

// set is met if all of its tests are.
type set []test

// test is one request matcher of Caddy.
type test struct {
	kind   string // its module: method, path, host, header, header_regexp, not, expression, …
	field  string // of header and header_regexp, canonical
	values []string
	absent bool    // of header: the field must not be there
	not    matcher // of not
	parts  set     // of expression: what could be read of it
	whole  bool    // of expression: parts is all of it
	either bool    // of expression: one of the parts is enough
	at     place
	said   string // how it is written, if not as a matcher of its own
}

func (m matcher) eval(p *probe) verdict {
	if len(m) == 0 {
		return yes
	}
	best := no
	for _, s := range m {
		best = max(best, s.eval(p))
	}
	return best
}

func (s set) eval(p *probe) verdict {
	worst := yes
	for i := range s {
		worst = min(worst, s[i].eval(p))
	}
	return worst
}

// testKinds has the matchers that can be told in advance.
var testKinds map[string]func(*test, *probe) verdict

func init() {
	testKinds = map[string]func(*test, *probe) verdict{
		"method":        func(t *test, p *probe) verdict { return verdictOf(slices.Contains(t.values, p.method)) },
		"path":          (*test).evalPath,
		"host":          (*test).evalHost,
		"header":        (*test).evalHeader,
		"header_regexp": (*test).evalHeader,
		"not":           func(t *test, p *probe) verdict { return t.not.eval(p).not() },
		"expression":    (*test).evalExpression,
	}
}

func (t *test) eval(p *probe) verdict {
	if known, ok := testKinds[t.kind]; ok {
		return known(t, p)
	}
	return perhaps
}

// evalExpression: the parts that can be read can refuse a request, but only a
// whole expression can accept one.
func (t *test) evalExpression(p *probe) verdict {
	if t.either || len(t.parts) == 0 {
		return perhaps
	}
	v := t.parts.eval(p)
	if v == yes && !t.whole {
		return perhaps
	}
	return v
}

func (t *test) evalPath(p *probe) verdict {
	best := no
	for _, pattern := range t.values {
		switch {
		case pattern == "*" || pattern == "/*":
			return yes
		case p.pathUnknown || strings.Contains(pattern, "{"):
			best = perhaps
		case pathMatches(pattern, p.path):
			return yes
		}
	}
	return best
}

// pathMatches is Caddy's path matcher, without its care for escapes.
func pathMatches(pattern, p string) bool {
	pattern, p = strings.ToLower(pattern), strings.ToLower(p)
	prefix, suffix := strings.HasPrefix(pattern, "*"), strings.HasSuffix(pattern, "*")
	switch n := strings.Count(pattern, "*"); {
	case n == 2 && prefix && suffix:
		return strings.Contains(p, strings.Trim(pattern, "*"))
	case n == 1 && prefix:
		return strings.HasSuffix(p, pattern[1:])
	case n == 1 && suffix:
		return strings.HasPrefix(p, pattern[:len(pattern)-1])
	}
	ok, _ := path.Match(pattern, p)
	return ok
}

func (t *test) evalHost(p *probe) verdict {
	best := no
	for _, host := range t.values {
		switch {
		case strings.Contains(host, "{") || p.host == "":
			best = perhaps
		case hostMatches(host, p.host):
			return yes
		}
	}
	return best
}

// hostMatches: in Caddy a * stands for exactly one label.
func hostMatches(pattern, host string) bool {
	a, b := strings.Split(strings.ToLower(pattern), "."), strings.Split(strings.ToLower(host), ".")
	return slices.EqualFunc(a, b, func(x, y string) bool { return x == "*" || x == y })
}

// neverInPreflights are fields that browsers leave out of preflights and that
// nothing on the way adds. (Fetch, CORS-preflight fetch.)
var neverInPreflights = []string{
	"Authorization", "Content-Type", "Cookie", "Proxy-Authorization", "Upgrade",
	"X-Api-Key", "X-Csrf-Token", "X-Requested-With",
}

func (t *test) evalHeader(p *probe) verdict {
	switch t.field {
	case headerOrigin:
		if p.origin == "" {
			return verdictOf(t.absent)
		}
		return t.accepts(p.origin)
	case headerRequestMethod:
		if !p.preflight {
			return verdictOf(t.absent)
		}
		return t.accepts(http.MethodPut)
	}
	if p.preflight && slices.Contains(neverInPreflights, t.field) {
		return verdictOf(t.absent)
	}
	return perhaps
}

// accepts evaluates a test of a header against its value.
func (t *test) accepts(value string) verdict {
	if t.absent {
		return no
	}
	if t.kind == "header" && len(t.values) == 0 {
		return yes
	}
	best := no
	for _, want := range t.values {
		if t.kind == "header" && headerMatches(want, value) {
			return yes
		}
		if t.kind == "header_regexp" {
			re, err := regexp.Compile(want)
			switch {
			case err != nil:
				best = perhaps
			case re.MatchString(value):
				return yes
			}
		}
	}
	return best
}

// headerMatches is Caddy's header matcher: a * counts at the ends only.
func headerMatches(pattern, value string) bool {
	prefix, suffix := strings.HasPrefix(pattern, "*"), strings.HasSuffix(pattern, "*")
	switch {
	case pattern == "*":
		return true
	case prefix && suffix:
		return strings.Contains(value, pattern[1:len(pattern)-1])
	case prefix:
		return strings.HasSuffix(value, pattern[1:])
	case suffix:
		return strings.HasPrefix(value, pattern[:len(pattern)-1])
	}
	return pattern == value
}
