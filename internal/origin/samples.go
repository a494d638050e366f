package origin

import (
	"regexp/syntax"
	"strings"
)

// MaxSamples bounds how many texts are made up for an expression.
const MaxSamples = 24

// Samples makes up texts that an expression matches, and tells whether they are
// all that it matches when it is anchored.
func Samples(expr string) (texts []string, complete bool) {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil, false
	}
	s := sampler{complete: true}
	return s.texts(re), s.complete
}

// SamplesAsWritten are those of an expression that is not for origins: its capitals
// count.
func SamplesAsWritten(expr string) []string {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil
	}
	s := sampler{asWritten: true}
	return s.texts(re)
}

type sampler struct{ complete, asWritten bool }

func (s *sampler) texts(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral:
		folded := re.Flags&syntax.FoldCase != 0
		s.complete = s.complete && !folded
		if s.asWritten && !folded {
			return []string{string(re.Rune)}
		}
		return []string{strings.ToLower(string(re.Rune))}
	case syntax.OpCharClass:
		return []string{s.class(re.Rune)}
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		s.complete = false
		return []string{"x"}
	case syntax.OpCapture:
		return s.texts(re.Sub[0])
	case syntax.OpConcat:
		return s.concat(re.Sub)
	case syntax.OpAlternate:
		var all []string
		for _, sub := range re.Sub {
			all = append(all, s.texts(sub)...)
		}
		return s.cut(all)
	case syntax.OpQuest:
		return s.cut(append([]string{""}, s.texts(re.Sub[0])...))
	case syntax.OpStar, syntax.OpPlus, syntax.OpRepeat:
		s.complete = false
		return s.texts(re.Sub[0])
	default: // the empty ones
		return []string{""}
	}
}

func (s *sampler) concat(parts []*syntax.Regexp) []string {
	all := []string{""}
	for _, part := range parts {
		tails := s.texts(part)
		var longer []string
		for _, head := range all {
			for _, tail := range tails {
				longer = append(longer, head+tail)
			}
		}
		all = s.cut(longer)
	}
	return all
}

// class picks a letter or a digit, or else the first rune.
func (s *sampler) class(ranges []rune) string {
	s.complete = s.complete && len(ranges) == 2 && ranges[0] == ranges[1]
	for _, want := range "x1" {
		for i := 0; i+1 < len(ranges); i += 2 {
			if ranges[i] <= want && want <= ranges[i+1] {
				return string(want)
			}
		}
	}
	if len(ranges) == 0 {
		return ""
	}
	return string(ranges[0])
}

func (s *sampler) cut(texts []string) []string {
	if len(texts) > MaxSamples {
		s.complete = false
		return texts[:MaxSamples]
	}
	return texts
}
