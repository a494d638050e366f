package repair

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/origin"
)

// claim is an origin that the author names, or an expression for some.
type claim struct {
	value  string
	regexp bool
}

// spelling is what is written where nobody spells it another way.
func (c claim) spelling() string { return c.value }

func appendClaim(list []claim, c claim) []claim {
	if slices.ContainsFunc(list, func(o claim) bool { return o.value == c.value }) {
		return list
	}
	return append(list, c)
}

// samples are origins of the kind that a claim is for.
func (c claim) samples() (list []string) {
	texts := []string{strings.NewReplacer("**", "a.b", ":*", ":3000", "*", "x1").Replace(c.value)}
	if c.regexp {
		texts, _ = origin.Samples(c.value)
	}
	for _, t := range texts {
		if o, ok := origin.Parse(t); ok {
			list = append(list, o.Raw)
		}
	}
	return list
}

// covers reports whether an origin is among those that are claimed.
func (c claim) covers(raw string) bool {
	o, ok := origin.Parse(raw)
	if !ok {
		return false
	}
	if c.regexp {
		re, err := origin.CompileRegexp(c.value)
		return err == nil && re.Match(o)
	}
	p, err := origin.ParsePattern(c.value)
	return err == nil && p.Matches(o)
}

// isPlausible reports whether what was mended has the name of a host: `none` and
// `self` are words of other headers.
func isPlausible(pattern string) bool {
	_, host, _ := strings.Cut(pattern, "://")
	return strings.ContainsAny(host, ".[") || strings.HasPrefix(host, "localhost")
}

// insecure reports whether a claim is for plain http from another machine, and
// so needs a word of its own beside credentials.
func (c claim) insecure() bool {
	return slices.ContainsFunc(c.samples(), func(s string) bool {
		o, ok := origin.Parse(s)
		return ok && o.Scheme() == "http" && !o.IsLoopback()
	})
}

// isOpen reports whether strangers can have a name that an expression matches, and cors
// refuses that: below a suffix that they share with the author, beside credentials only.
func (c claim) isOpen(credentials bool) bool {
	re, err := origin.CompileRegexp(c.value)
	return c.regexp && err == nil && slices.ContainsFunc(re.Audit(), func(f origin.Finding) bool {
		return f.Kind == origin.FoundStranger || f.Kind == origin.FoundTooLarge || credentials && f.Kind == origin.FoundShared
	})
}

// loopbackHosts finds an expression for nothing but names of the own machine,
// without a scheme, and what it says of the port.
var loopbackHosts = regexp.MustCompile(`^\^?\(?((?:\|?(?:localhost|127\\?\.0\\?\.0\\?\.1))+)\)?(?:\(?:(\d+|[^a-z]*|\\d[+*{},\d]*)\)?\??)?\$?$`)

// loopbacks are those that such an expression is for: what somebody develops there
// is served over plain http, by any port. Nil: it is another expression.
func loopbacks(expr string) (list []claim) {
	m := loopbackHosts.FindStringSubmatch(expr)
	if m == nil {
		return nil
	}
	port := "*"
	if _, err := strconv.ParseUint(m[2], 10, 16); err == nil {
		port = m[2]
	}
	for host := range strings.SplitSeq(strings.ReplaceAll(m[1], `\`, ""), "|") {
		if host != "" {
			list = append(list, claim{value: "http://" + host + ":" + port})
		}
	}
	return list
}
