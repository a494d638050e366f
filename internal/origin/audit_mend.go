package origin

import (
	"regexp/syntax"
	"slices"
	"strings"
)

// maxMends bounds how many ways to mend an expression are tried.
const maxMends = 16

// mend returns the expression without the lookalikes that it accepts: with a
// backslash before each dot that stands for any byte, and with a dot between
// what is repeated and the name behind it. It returns "" if that does not help.
func (a *audit) mend(r *Regexp) string {
	escaped := escapeDots(r.expr)
	candidates := slices.Concat([]string{escaped}, separate(escaped), separate(r.expr))
	for i, expr := range candidates {
		if i == maxMends {
			break
		}
		if expr != r.expr && a.isMended(expr, r) {
			return expr
		}
	}
	return ""
}

// isMended reports whether expr lets in nobody who should not, still matches some
// origin, and only such as r does.
func (a *audit) isMended(expr string, r *Regexp) bool {
	if _, err := syntax.Parse(expr, syntax.Perl); err != nil || a.budget <= 0 {
		return false
	}
	mended, err := compileWhole(expr)
	if err != nil {
		return false
	}
	ways, ok := a.ways(mended)
	if !ok {
		return false
	}
	for _, kind := range []goalKind{goalStranger, goalLookalike} {
		if _, found := a.find(ways, kind); found {
			return false
		}
	}
	if unlisted, _ := a.countNames(ways); unlisted != "" {
		return false
	}
	if a.findStranger(mended) != "" { // a misread expression could become wider
		return false
	}
	prog, err := a.compileProg(mended.whole.String())
	if err != nil {
		return false
	}
	witness := a.newSearch(prog, "", &goal{kind: goalOrigin}).run(mended.matchesText)
	return witness != "" && r.matchesText(witness)
}

// escapeDots puts a backslash before the dots that stand for one byte, as people
// forget it. A repeated dot is meant to stand for anything.
func escapeDots(expr string) string {
	tokens := tokenize(expr)
	var b strings.Builder
	for i, t := range tokens {
		repeated := i+1 < len(tokens) && tokens[i+1].kind == isQuantifier
		if t.kind == isDot && !repeated {
			b.WriteByte('\\')
		}
		b.WriteString(expr[t.start:t.end])
	}
	return b.String()
}

// separate returns the expression with a dot put behind what is repeated and
// runs into a name: .*example becomes (.*\.)?example, and .+example .+\.example.
// First comes each place alone, from the last one, which is nearest to the
// domain.
func separate(expr string) []string {
	tokens := tokenize(expr)
	var all []string
	for i := len(tokens) - 2; i > 0; i-- {
		if tokens[i].kind != isQuantifier || !opensName(expr, tokens[i+1:]) {
			continue
		}
		start := repeatedFrom(tokens, i)
		atom, quantifier := expr[start:tokens[i].start], expr[tokens[i].start:tokens[i].end]
		head, tail := expr[:start], expr[tokens[i].end:]
		if strings.HasPrefix(quantifier, "*") || strings.HasPrefix(quantifier, "?") || strings.HasPrefix(quantifier, "{0") {
			all = append(all, head+"("+atom+quantifier+`\.)?`+tail)
		} else {
			all = append(all, head+atom+quantifier+`\.`+tail)
		}
	}
	return all
}

// repeatedFrom returns where the atom before the quantifier tokens[i] starts.
func repeatedFrom(tokens []token, i int) int {
	depth := 0
	for j := i - 1; j >= 0; j-- {
		switch tokens[j].kind {
		case isClose:
			depth++
		case isOpen:
			depth--
		default:
		}
		if depth == 0 {
			return tokens[j].start
		}
	}
	return 0
}

// opensName reports whether a letter, digit or group comes next.
func opensName(expr string, next []token) bool {
	for _, t := range next {
		switch t.kind {
		case isClose:
			continue // the name is behind the group
		case isLiteral:
			return class[expr[t.start]]&(isLower|isDigit) != 0
		default:
			return t.kind == isOpen || t.kind == isClass
		}
	}
	return false
}
