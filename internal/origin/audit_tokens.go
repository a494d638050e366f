package origin

import "strings"

// token is a piece of an expression's text. The parse tree has no positions, and
// a cure must show the writer's own text.
type token struct {
	kind       tokenKind
	start, end int
}

type tokenKind uint8

const (
	isLiteral tokenKind = iota // a byte that stands for itself, also \. and \-
	isDot                      // . for any byte
	isClass                    // […], \d, \w
	isOpen                     // ( with its flags
	isClose
	isBar
	isAnchor
	isQuantifier // with the ? behind it
	isQuoted     // \Q…\E
)

// tokenize takes an expression that compiles to pieces.
func tokenize(expr string) []token {
	var all []token
	for i := 0; i < len(expr); {
		kind, n := nextToken(expr[i:])
		all = append(all, token{kind, i, i + n})
		i += n
	}
	return all
}

func nextToken(s string) (tokenKind, int) {
	switch s[0] {
	case '\\':
		return escape(s)
	case '.':
		return isDot, 1
	case '[':
		return isClass, classLen(s)
	case '(':
		if strings.HasPrefix(s, "(?") {
			return isOpen, strings.IndexAny(s, ":>)") + 1
		}
		return isOpen, 1
	case ')':
		return isClose, 1
	case '|':
		return isBar, 1
	case '^', '$':
		return isAnchor, 1
	case '*', '+', '?':
		return isQuantifier, 1 + len(s[1:]) - len(strings.TrimPrefix(s[1:], "?"))
	case '{':
		if end := strings.IndexByte(s, '}'); end > 1 && strings.Trim(s[1:end], "0123456789,") == "" {
			rest := s[end+1:]
			return isQuantifier, end + 1 + len(rest) - len(strings.TrimPrefix(rest, "?"))
		}
	}
	return isLiteral, 1
}

func escape(s string) (tokenKind, int) {
	if len(s) < 2 {
		return isLiteral, len(s)
	}
	switch s[1] {
	case 'Q':
		if end := strings.Index(s, `\E`); end > 0 {
			return isQuoted, end + 2
		}
		return isQuoted, len(s)
	case 'd', 'w', 's', 'D', 'W', 'S', 'C':
		return isClass, 2
	case 'p', 'P':
		if end := strings.IndexByte(s, '}'); strings.HasPrefix(s[2:], "{") && end > 0 {
			return isClass, end + 1
		}
		return isClass, min(3, len(s))
	case 'A', 'z', 'b', 'B':
		return isAnchor, 2
	case 'x':
		if end := strings.IndexByte(s, '}'); strings.HasPrefix(s[2:], "{") && end > 0 {
			return isLiteral, end + 1
		}
		return isLiteral, min(4, len(s))
	}
	return isLiteral, 2
}

// classLen returns the length of the […] that s starts with.
func classLen(s string) int {
	i := 1 + len(s[1:]) - len(strings.TrimPrefix(s[1:], "^"))
	i += len(s[i:]) - len(strings.TrimPrefix(s[i:], "]")) // a ] that comes first is one of the class
	for i < len(s) && s[i] != ']' {
		switch {
		case s[i] == '\\':
			i++
		case strings.HasPrefix(s[i:], "[:"):
			if end := strings.Index(s[i:], ":]"); end > 0 {
				i += end + 1
			}
		}
		i++
	}
	return min(i+1, len(s))
}

// branch is one side of an alternation.
type branch struct {
	text                 string
	groupStart, groupEnd int // of all sides, without the parentheses
}

// group is an open parenthesis, or the whole expression.
type group struct {
	start int
	cuts  []int // the bars
	found int   // how many branches there were before
}

// branches returns the sides of all alternations that are not repeated.
func branches(expr string) []branch {
	tokens := tokenize(expr)
	var found []branch
	open := []group{{}}
	for i, t := range tokens {
		switch t.kind {
		case isOpen:
			if strings.HasSuffix(expr[t.start:t.end], ")") {
				return nil // (?i) opens nothing, and changes what is behind it
			}
			open = append(open, group{start: t.end, found: len(found)})
		case isBar:
			open[len(open)-1].cuts = append(open[len(open)-1].cuts, t.start)
		case isClose:
			if len(open) == 1 {
				return nil // the expression would not compile
			}
			g := open[len(open)-1]
			open = open[:len(open)-1]
			if i+1 < len(tokens) && tokens[i+1].kind == isQuantifier && expr[tokens[i+1].start] != '?' {
				found = found[:g.found] // neither it nor what is in it
				continue
			}
			found = append(found, g.sides(expr, t.start)...)
		default: // a piece of a side
		}
	}
	return append(found, open[0].sides(expr, len(expr))...)
}

func (g group) sides(expr string, end int) []branch {
	if len(g.cuts) == 0 {
		return nil
	}
	all := make([]branch, 0, len(g.cuts)+1)
	start := g.start
	for _, cut := range append(g.cuts, end) {
		all = append(all, branch{expr[start:cut], g.start, end})
		start = cut + 1
	}
	return all
}
