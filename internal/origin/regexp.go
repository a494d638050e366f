package origin

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Regexp is an expression that is matched against the whole serialized origin,
// whether or not its writer anchored it.
type Regexp struct {
	expr  string
	whole *regexp.Regexp
}

// CompileRegexp compiles an RE2 expression. Its errors quote expr.
func CompileRegexp(expr string) (*Regexp, error) {
	if expr == "" {
		return nil, errors.New(`expression "" is empty and matches no origin; write one like https://[a-z]+\.example\.com`)
	}
	if isDelimited(expr) {
		return nil, fmt.Errorf("expression %s has the slashes of a JavaScript literal round it, which RE2 would match as slashes; remove them", QuoteRegexp(expr))
	}
	if n := sizeOf(expr); n > maxRegexp {
		return nil, fmt.Errorf("expression %s is too large: it has %d steps, and may have %d; list its origins, or patterns like https://*.example.com, under origins instead",
			QuoteRegexp(shorten(expr)), n, maxRegexp)
	}
	// Alone first: otherwise "a)|(b" would break out of the group below.
	if _, err := regexp.Compile(expr); err != nil {
		return nil, explainRegexp(expr, err)
	}
	r, err := compileWhole(expr)
	if err != nil {
		return nil, explainRegexp(expr, err)
	}
	return r, nil
}

// maxRegexp bounds the steps of an expression, as they grow with the square of what
// one can write in it: ([a-z]{1000}){1000}. A thousand names have some ten thousand.
const maxRegexp = 50_000

// sizeOf returns about how many steps an expression has when it is compiled, and 0
// where it does not compile.
func sizeOf(expr string) int {
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return 0
	}
	return sizeOfTree(tree)
}

func sizeOfTree(re *syntax.Regexp) (n int) {
	n = 1
	if re.Op == syntax.OpLiteral {
		n = len(re.Rune)
	}
	for _, sub := range re.Sub {
		n += sizeOfTree(sub)
	}
	if re.Op == syntax.OpRepeat {
		n *= max(re.Min, re.Max, 1)
	}
	return n
}

// compileWhole compiles an expression that compiles alone, without any search.
func compileWhole(expr string) (*Regexp, error) {
	whole, err := regexp.Compile(`\A(?:` + expr + `)\z`)
	if err != nil {
		// The only way to get here is an open \Q, which eats what we appended.
		whole, err = regexp.Compile(`\A(?:` + expr + `\E)\z`)
	}
	if err != nil {
		return nil, err
	}
	return &Regexp{expr: expr, whole: whole}, nil
}

// Match reports whether the expression matches all of o, as ^(?:…)$ would. No
// expression matches an anonymous origin: as null, file:// must be listed.
func (r *Regexp) Match(o Origin) bool { return !o.IsAnonymous() && r.whole.MatchString(o.Raw) }

// String returns the expression as it was written.
func (r *Regexp) String() string { return r.expr }

// Stranger returns an origin under .invalid that the expression accepts, if
// there is one. Nobody can own a name there (RFC 2606), so nobody meant it: it
// proves that the expression accepts more than its writer thinks. The search
// is exact, not a list of samples.
//
// An expression too large to search counts as found. In place of an origin
// there is then a text that says so, and Parse does not accept it.
func (r *Regexp) Stranger() (origin string, found bool) {
	origin = (&audit{budget: maxTests}).findStranger(r)
	return origin, origin != ""
}

// isDelimited reports whether expr is written like /…/ or /…/i, which no origin
// can match: none starts with a slash.
func isDelimited(expr string) bool {
	end := strings.LastIndexByte(expr, '/')
	return end > 0 && expr[0] == '/' && strings.Trim(expr[end+1:], "dgimsuvy") == ""
}

// QuoteRegexp quotes an expression, or a part of one, as a Caddyfile takes it:
// between backquotes, where a backslash is a backslash, or as it is where it has a
// backquote. What would hide a byte is quoted as in Go.
func QuoteRegexp(expr string) string {
	switch {
	case strings.ContainsFunc(expr, func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }):
		return strconv.Quote(expr)
	case !strings.Contains(expr, "`"):
		return "`" + expr + "`"
	case strings.Trim(expr[:1], "`\"") == "" || strings.Contains(expr, " "):
		return strconv.Quote(expr)
	}
	return expr
}

// explainRegexp says what is wrong in the words of the syntax package, and what
// to do about what RE2 leaves out of Perl's expressions.
func explainRegexp(expr string, err error) error {
	var bad *syntax.Error
	if !errors.As(err, &bad) {
		return fmt.Errorf("expression %s does not compile: %w; correct it", QuoteRegexp(expr), err)
	}
	cure, ok := regexpCures[bad.Code]
	if !ok {
		cure = "correct it there"
	}
	return fmt.Errorf("expression %s does not compile: %s in %s; %s", QuoteRegexp(expr), bad.Code, QuoteRegexp(bad.Expr), cure)
}

var regexpCures = map[syntax.ErrorCode]string{
	syntax.ErrInvalidPerlOp:         "RE2 has no look-around; write what may come, not what may not, or use except",
	syntax.ErrInvalidEscape:         `RE2 has no back-references; a plain backslash is written \\`,
	syntax.ErrMissingParen:          `write one ) for each (, or \( for the character itself`,
	syntax.ErrUnexpectedParen:       `write one ( for each ), or \) for the character itself`,
	syntax.ErrMissingBracket:        `add the ], or write \[ for the character itself`,
	syntax.ErrMissingRepeatArgument: "write what is to be repeated in front of it; for any text that is .*",
	syntax.ErrTrailingBackslash:     "remove it",
}
