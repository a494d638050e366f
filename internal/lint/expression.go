package lint

import (
	"regexp"
	"strings"
)

const (
	originWord = `\{(?:http\.request\.)?header\.(?i:origin)\}`
	methodWord = `\{(?:http\.request\.)?method\}`
	celText    = `r?(?:'[^']*'|"[^"]*")`
)

// celPart is a usual way to ask for a method or an origin in CEL. Group 1 is an
// exclamation mark, group 2 has the values.
type celPart struct {
	re             *regexp.Regexp
	kind, field    string
	before, behind string // goes around a value: endsWith is a glob
}

func part(re, kind, field, before, behind string) celPart {
	return celPart{regexp.MustCompile(re), kind, field, before, behind}
}

var celParts = []celPart{
	part(`(!?)\bmethod\(([^)]*)\)`, "method", "", "", ""),
	part(`()`+methodWord+`\s*==\s*(`+celText+`)`, "method", "", "", ""),
	part(`()`+methodWord+`\s+in\s+\[([^\]]*)\]`, "method", "", "", ""),
	part(`(!)?`+methodWord+`\s*!=\s*(`+celText+`)`, "not method", "", "", ""),
	part(`(!?)\bheader\(\{\s*['"](?i:origin)['"]\s*:([^}]*)\}\)`, "header", headerOrigin, "", ""),
	part(`(!?)\bheader_regexp\((?:['"]\w*['"]\s*,\s*)?['"](?i:origin)['"]\s*,\s*(`+celText+`)\)`, "header_regexp", headerOrigin, "", ""),
	part(`()`+originWord+`\s*==\s*(`+celText+`)`, "header", headerOrigin, "", ""),
	part(`()`+originWord+`\s+in\s+\[([^\]]*)\]`, "header", headerOrigin, "", ""),
	part(`(!?)`+originWord+`\.matches\((`+celText+`)\)`, "header_regexp", headerOrigin, "", ""),
	part(`(!?)`+originWord+`\.endsWith\((`+celText+`)\)`, "header", headerOrigin, "*", ""),
	part(`(!?)`+originWord+`\.startsWith\((`+celText+`)\)`, "header", headerOrigin, "", "*"),
	part(`(!?)`+originWord+`\.contains\((`+celText+`)\)`, "header", headerOrigin, "*", "*"),
}

var celTextRE = regexp.MustCompile(celText)

// readExpression reads what it can of a CEL expression. Of one with an "or" it
// keeps the conditions on Origin, which are what it can let in, but does not
// evaluate them.
func readExpression(expr string, at place) test {
	t := test{kind: "expression", values: []string{expr}, at: at}
	rest := expr
	for _, p := range celParts {
		for _, m := range p.re.FindAllStringSubmatch(expr, -1) {
			rest = strings.Replace(rest, m[0], "", 1)
			read := p.test(m[1] == "!", m[2], at)
			read.said = m[0]
			t.parts = append(t.parts, read)
		}
	}
	rest = strings.ReplaceAll(rest, "&&", "")
	t.whole = len(t.parts) > 0 && strings.Trim(rest, " ()\t\n") == ""
	if strings.Contains(expr, "||") {
		t.whole, t.either = false, true
	}
	return t
}

func (p celPart) test(negated bool, values string, at place) test {
	kind, not := strings.CutPrefix(p.kind, "not ")
	t := test{kind: kind, field: p.field, at: at}
	for _, text := range celTextRE.FindAllString(values, -1) {
		text = strings.Trim(strings.TrimPrefix(text, "r"), `'"`)
		if kind == "header_regexp" {
			text = strings.ReplaceAll(text, `\\`, `\`)
		}
		t.values = append(t.values, p.before+text+p.behind)
	}
	if not != negated {
		return test{kind: "not", not: matcher{set{t}}, at: at}
	}
	return t
}
