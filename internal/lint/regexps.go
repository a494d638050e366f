package lint

import (
	"regexp"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/caddy-cors/caddy-cors/internal/origin"
)

// acceptsEverybody tells whether an expression that is matched against the
// whole origin lets strangers in.
func acceptsEverybody(expr string) bool {
	re, err := origin.CompileRegexp(expr)
	if err != nil {
		return false
	}
	_, found := re.Stranger()
	return found
}

// acceptsUnanchored returns a foreign origin that an expression accepts where
// it does not say how an origin begins and ends.
func acceptsUnanchored(expr string) (example string, found bool) {
	// Caddy looks for the expression anywhere in the header.
	anywhere, err := origin.CompileRegexp(".*(?:" + expr + ").*")
	if err != nil {
		return "", false
	}
	if o, strange := anywhere.Stranger(); strange {
		if _, ok := origin.Parse(o); ok {
			return o, true
		}
	}
	re, err := regexp.Compile(expr)
	if err != nil {
		return "", false
	}
	texts, _ := origin.Samples(expr)
	for _, text := range texts {
		if o := origin.BesideDomain(text); o != "" && re.MatchString(o) {
			return o, true
		}
	}
	return "", false
}

// looseDots returns the expression with its unescaped dots escaped: those that
// stand for one character, where people mean the dot of a host.
func looseDots(expr string) (fixed string, found bool) {
	var b strings.Builder
	inClass := false
	for i := 0; i < len(expr); i++ {
		c := expr[i]
		switch {
		case c == '\\' && i+1 < len(expr):
			b.WriteByte(c)
			i++
			c = expr[i]
		case c == '[':
			inClass = true
		case c == ']':
			inClass = false
		case c == '.' && !inClass && !quantified(expr[i+1:]) && !placeholderAt(expr, i):
			b.WriteByte('\\')
			found = true
		}
		b.WriteByte(c)
	}
	return b.String(), found
}

func quantified(rest string) bool {
	return rest != "" && strings.IndexByte("*+?{", rest[0]) >= 0
}

// placeholderAt tells whether the dot belongs to a {placeholder}.
func placeholderAt(expr string, i int) bool {
	open := strings.LastIndexByte(expr[:i], '{')
	return open >= 0 && strings.IndexByte(expr[open:i], '}') < 0
}

// gluedWildcard finds .* or .+ right in front of a domain.
var gluedWildcard = regexp.MustCompile(`\.[*+]\??([A-Za-z0-9])`)

// repairRegexp makes an expression safe to use as origin_regexp, which is
// always matched against the whole origin. It returns "" if it cannot.
func repairRegexp(expr string) string {
	fixed, _ := looseDots(expr)
	fixed = gluedWildcard.ReplaceAllString(fixed, `(.*\.)?$1`)
	if !strings.Contains(fixed, "://") && !strings.Contains(fixed, `:\/\/`) {
		fixed = `https://` + strings.TrimPrefix(fixed, "^")
	}
	if _, found := acceptsUnanchoredWhole(fixed); found {
		return ""
	}
	if !strings.Contains(fixed, "|") { // for readers; it changes nothing
		fixed = "^" + strings.TrimSuffix(strings.TrimPrefix(fixed, "^"), "$") + "$"
	}
	return fixed
}

// acceptsUnanchoredWhole is acceptsUnanchored for an anchored expression.
func acceptsUnanchoredWhole(expr string) (string, bool) {
	if acceptsEverybody(expr) {
		return "", true
	}
	if _, err := origin.CompileRegexp(expr); err != nil {
		return "", true
	}
	return acceptsUnanchored("^(?:" + expr + ")$")
}

// wideGlob returns a foreign origin that a value of Caddy's header matcher
// accepts. There a * counts at the ends only.
func wideGlob(v string) (example string, wide bool) {
	prefix, suffix := strings.HasPrefix(v, "*"), strings.HasSuffix(v, "*")
	inner := strings.Trim(v, "*")
	switch {
	case inner == "" || !prefix && !suffix:
		return "", false // * itself is no glob but everybody
	case suffix && strings.HasPrefix("https://", inner):
		return "https://evil.example", true
	case suffix && !prefix && strings.Count(inner, ":") == 2 && strings.Contains(inner, "://"):
		return "", false // any port
	case suffix && strings.Contains(inner, "://"):
		return strings.TrimSuffix(inner, ".") + ".evil.example", true
	case suffix:
		return "https://" + strings.Trim(inner, ".") + ".evil.example", true
	case strings.Contains(inner, "://"), strings.HasPrefix(inner, ".") && !isPublicSuffix(inner[1:]):
		return "", false // any scheme, or the subdomains of a domain
	default:
		return "https://evil" + inner, true
	}
}

// isPublicSuffix tells whether the names below a domain belong to strangers.
func isPublicSuffix(domain string) bool {
	suffix, icann := publicsuffix.PublicSuffix(domain)
	return suffix == domain && (icann || strings.Contains(suffix, "."))
}
