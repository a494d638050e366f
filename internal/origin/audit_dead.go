package origin

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// isDead reports whether no origin that a browser sends can match.
func (a *audit) isDead(expr string) bool {
	r, err := compileWhole(expr)
	if err != nil {
		return false
	}
	prog, err := a.compileProg(r.whole.String())
	if err != nil {
		return false
	}
	for _, kind := range []goalKind{goalOrigin, goalHost} {
		doubt := false
		s := a.newSearch(prog, "", &goal{kind: kind})
		witness := s.run(func(text string) bool {
			// What the automaton takes and Parse does not may hide another way.
			ok := r.matchesText(text)
			doubt = doubt || !ok
			return ok
		})
		if witness != "" || s.tooMuch {
			return false
		}
		if !doubt {
			return true
		}
	}
	// All that is left are addresses in brackets. Those of a short list can be tried.
	texts, complete := Samples(expr)
	return complete && !slices.ContainsFunc(texts, r.matchesText)
}

// whyDead finds the text nearest to an origin that the expression is made for,
// and explains what is wrong with that.
func (a *audit) whyDead(expr string) Finding {
	f := Finding{Kind: FoundDead, Problem: "no text of ASCII fits it", Cure: "write one like " + exampleRegexp}
	if f.Example = a.nearest(expr); f.Example == "" {
		return f
	}
	p, err := ParsePattern(f.Example)
	switch {
	case err == nil && !p.IsAnonymous():
		f.Problem, f.Cure = "has an anchor or a boundary where none can be", "remove ^, $ and \\b from the middle"
		return f
	case err == nil || f.Example == "null" || strings.HasPrefix(f.Example, anonymous):
		f.Problem = "is no origin of a site and matches no expression"
		f.Cure = "if you need it, list it by itself under origins, with `dangerously_allow null_origin`"
		return f
	}
	m := diagnose(f.Example)
	f.Problem, f.Cure = m.problem, m.cure
	switch {
	case strings.ContainsAny(f.Example, ",;"):
		f.Cure = "separate expressions with white space"
	case f.Cure == "":
		f.Cure = "write it as in " + m.propose
	}
	return f
}

const exampleRegexp = `https://[a-z]+\.example\.com`

// nearest returns a text that matches but for anchors: one with a scheme if
// there is one, else any; "" if there is none.
func (a *audit) nearest(expr string) string {
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return ""
	}
	dropAnchors(tree)
	text := `\A(?:` + tree.String() + `)\z`
	re, err := regexp.Compile(text)
	if err != nil {
		return ""
	}
	if re.MatchString("null") {
		return "null"
	}
	prog, err := a.compileProg(text)
	if err != nil {
		return ""
	}
	for _, scheme := range []string{"https", "http", ""} {
		if witness := a.newSearch(prog, scheme, &goal{kind: goalNear}).run(re.MatchString); witness != "" {
			return witness
		}
	}
	return a.newSearch(prog, "", &goal{kind: goalText}).run(re.MatchString)
}

// dropAnchors makes ^, $ and \b match anywhere.
func dropAnchors(re *syntax.Regexp) {
	switch re.Op {
	case syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		re.Op = syntax.OpEmptyMatch
	default:
		for _, sub := range re.Sub {
			dropAnchors(sub)
		}
	}
}

// maxBranches bounds how many branches of an expression are looked at.
const maxBranches = 64

// deadBranches finds the sides of alternations that match no origin, each tried
// in the place of its whole alternation. Those within a repeated group are left
// out: there a branch needs the others.
func (a *audit) deadBranches(expr string) []Finding {
	var found []Finding
	for i, b := range branches(expr) {
		if i == maxBranches || a.budget <= 0 {
			break
		}
		alone := expr[:b.groupStart] + "(?:" + b.text + ")" + expr[b.groupEnd:]
		if _, err := syntax.Parse(alone, syntax.Perl); err != nil || !a.isDead(alone) {
			continue
		}
		f := a.whyDead(alone)
		f.Kind, f.Part = FoundDeadBranch, b.text
		found = append(found, f)
	}
	return found
}
