package origin

import (
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
)

// maxListed is how many different bytes a class may have and still count as a
// list of what the writer has.
const maxListed = 4

// chosen is a rune that no search feeds to a program: an instruction that matches
// it lets somebody else choose the byte.
const chosen = unicode.MaxRune

// compileChoices compiles an expression so that each instruction says whether it
// lets somebody else choose the byte: see isChoice. For ASCII it matches the same.
//
// One byte is the writer's own if the expression spells it out, alone or in a
// small class. What is repeated, spells nothing out: [ab]+ is no list of two.
func (a *audit) compileChoices(expr string) (*syntax.Prog, error) {
	tree, err := syntax.Parse(spread(expr), syntax.Perl)
	if err != nil {
		return nil, err
	}
	markChoices(tree, false)
	return a.compileTree(tree)
}

// isChoice reports whether an instruction lets somebody else choose the byte.
func isChoice(inst *syntax.Inst) bool {
	switch inst.Op {
	case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
		return inst.MatchRune(chosen)
	default:
		return false // it consumes nothing
	}
}

// spread keeps the parser from making one class of (1|2|3), which are spelled out.
func spread(expr string) string {
	var b strings.Builder
	for _, t := range tokenize(expr) {
		b.WriteString(expr[t.start:t.end])
		if t.kind == isBar {
			b.WriteString("(?:)")
		}
	}
	return b.String()
}

// markChoices puts chosen into the classes of bytes that somebody else can choose.
func markChoices(re *syntax.Regexp, repeated bool) {
	switch re.Op {
	case syntax.OpLiteral:
		if repeated {
			markLiteral(re)
		}
	case syntax.OpCharClass:
		re.Rune = asciiClass(re.Rune)
		if repeated || hostBytes(re.Rune) > maxListed {
			re.Rune = append(re.Rune, chosen, chosen)
		}
	case syntax.OpStar, syntax.OpPlus:
		repeated = true
	case syntax.OpRepeat:
		repeated = repeated || re.Max < 0 || re.Max > 1 && hasChoice(re.Sub[0])
	default: // . matches chosen as it is
	}
	for _, sub := range re.Sub {
		markChoices(sub, repeated)
	}
}

// markLiteral makes classes of a literal's runes.
func markLiteral(re *syntax.Regexp) {
	subs := make([]*syntax.Regexp, len(re.Rune))
	for i, r := range re.Rune {
		runes := []rune{r}
		if re.Flags&syntax.FoldCase != 0 {
			for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
				runes = append(runes, f)
			}
		}
		slices.Sort(runes)
		class := make([]rune, 0, 2*len(runes)+2)
		for _, one := range runes {
			class = append(class, one, one)
		}
		subs[i] = &syntax.Regexp{Op: syntax.OpCharClass, Rune: append(class, chosen, chosen)}
	}
	*re = syntax.Regexp{Op: syntax.OpConcat, Sub: subs}
}

// asciiClass returns the ASCII of a class, so that [^.] has not chosen.
func asciiClass(ranges []rune) []rune {
	var class []rune
	for i := 0; i+1 < len(ranges) && ranges[i] <= unicode.MaxASCII; i += 2 {
		class = append(class, ranges[i], min(ranges[i+1], unicode.MaxASCII))
	}
	return class
}

// hostBytes counts those of a class that a host may have.
func hostBytes(ranges []rune) (n int) {
	for i := 0; i+1 < len(ranges); i += 2 {
		for c := ranges[i]; c <= ranges[i+1]; c++ {
			if class[c]&isHostByte != 0 {
				n++
			}
		}
	}
	return n
}

// hasChoice reports whether a tree may match different texts.
func hasChoice(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL, syntax.OpAlternate, syntax.OpQuest, syntax.OpStar, syntax.OpPlus:
		return true
	case syntax.OpRepeat:
		return re.Min != re.Max || hasChoice(re.Sub[0])
	default:
		return slices.ContainsFunc(re.Sub, hasChoice)
	}
}
