package matrix

import (
	"regexp"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/origin"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

var (
	originLike  = regexp.MustCompile(`[a-z][a-z0-9+.-]*://[^\s,;'"{}<>|()]+`)
	placeholder = regexp.MustCompile(`\{[^{}\s]+\}`)
	environment = regexp.MustCompile(`\{env\.[^{}\s]+\}`)
)

// fromOrigin finds placeholders for Origin, or for a part of it: {header.Origin}, and
// not the {allowed_origin} of a map.
var fromOrigin = regexp.MustCompile(`(?i)[.>]origin\}|\{(re|http\.regexp)\.`)

// reflects reports whether a value is what the request's Origin says.
func reflects(values []string) bool { return slices.ContainsFunc(values, fromOrigin.MatchString) }

// named are the origins that the value of an operation names: as they stand in
// it, or in what its placeholder is filled from. Where that is an expression, it
// comes instead.
func (p *Policy) named(o *Operation, s *Site) (all, expressions []string, unsure bool) {
	for _, v := range o.Values {
		v = s.fill(v)
		v = environment.ReplaceAllStringFunc(v, func(name string) string { return caddy.NewReplacer().ReplaceKnown(name, name) })
		trimmed := strings.Trim(v, `'" `)
		switch {
		case trimmed == "*":
			all = append(all, Anybody)
		case trimmed == httpwords.NullOrigin:
			all = append(all, httpwords.NullOrigin)
		case trimmed == FromDisk:
			all = append(all, FromDisk)
		case reflects([]string{v}):
		case placeholder.MatchString(v):
			named, filled, open := fillings(s)
			all, expressions = append(all, named...), append(expressions, filled...)
			p.Reflects, p.Open = p.Reflects || open, p.Open || open
			if open {
				all = append(all, Anybody)
			}
			unsure = len(named)+len(filled) == 0 && !strings.Contains(v, "{args")
		default:
			for _, found := range originLike.FindAllString(v, maxWishes) {
				all = append(all, Repaired(found)...)
			}
		}
	}
	return addNew(nil, all...), expressions, unsure
}

// fillings are the origins, and the expressions for some, in the handlers that
// fill in placeholders. Open: what Origin says is filled in, whatever it is.
func fillings(s *Site) (named, expressions []string, open bool) {
	for _, h := range s.Handlers {
		switch {
		case h.Kind == "map" && aboutCORS(h.Config["source"]):
			for _, m := range rehearsal.List(h.Config, "mappings") {
				if !letsIn(rehearsal.Words(m, "outputs")) {
					continue
				}
				for _, input := range rehearsal.Words(m, "input") {
					named = append(named, Repaired(input)...)
				}
				expressions = append(expressions, rehearsal.Words(m, "input_regexp")...)
			}
			open = open || reflects(rehearsal.Words(h.Config["defaults"]))
		case h.Kind == "map" || h.Kind == "vars":
			for _, found := range originLike.FindAllString(rehearsal.Compact(h.Config), maxWishes) {
				named = append(named, Repaired(found)...)
			}
		}
	}
	return append(named, samplesOf(expressions)...), expressions, open
}

// letsIn reports whether a row of a map fills in an origin: the matched one, or one
// that stands there.
func letsIn(outputs []string) bool {
	return slices.ContainsFunc(outputs, func(o string) bool {
		return reflects([]string{o}) || originLike.MatchString(o) || strings.Contains(o, "${") || o == "*"
	})
}

// Repaired is the origin that a page of the given address has: without a path,
// in lower case, without a default port. None if it is none.
func Repaired(address string) []string {
	if scheme, rest, ok := strings.Cut(address, "://"); ok {
		rest, _, _ = strings.Cut(rest, "/")
		address = scheme + "://" + rest
	}
	if strings.HasPrefix(address, "http") { // Electron has app://.
		address = strings.Replace(address, "://.", "://app.", 1) // a variable is not set
	}
	if o, err := browser.ParseOrigin(strings.ReplaceAll(address, "*", "app")); err == nil && o.String() != httpwords.NullOrigin {
		return []string{o.String()}
	}
	return nil
}

// guards are the origins, and the expressions for some, that matchers on the
// way ask for. AnyScheme: one says nothing of schemes, so http pages fit as well.
func guards(matchers []any) (origins, expressions []string, anyScheme bool) {
	eachSet(matchers, func(set any) {
		for _, v := range rehearsal.Words(set, "header", "Origin") {
			switch {
			case v == "*": // there is some Origin
			case strings.ContainsAny(v[:min(1, len(v))], "~^"): // meant as one, and none
				expressions = append(expressions, strings.TrimPrefix(v, "~"))
			case strings.Contains(v, "*"):
				expressions, anyScheme = append(expressions, glob(v)), anyScheme || strings.HasPrefix(v, "*.")
			default:
				origins = append(origins, v)
			}
		}
		for _, e := range rehearsal.Words(set, "header_regexp", "Origin", "pattern") {
			expressions, anyScheme = append(expressions, e), anyScheme || !strings.HasPrefix(e, "^") && !strings.Contains(e, "http")
		}
		named, called := guardsInCEL(set)
		origins, expressions = append(origins, named...), append(expressions, called...)
	})
	return origins, expressions, anyScheme
}

// expressionsOf are those of CEL in a set of matchers.
func expressionsOf(set any) []string {
	return append(rehearsal.Words(set, "expression", "expr"), rehearsal.Words(set, "expression")...)
}

// guardsInCEL are those of an expression.
func guardsInCEL(set any) (origins, expressions []string) {
	for _, e := range expressionsOf(set) {
		if !corsWords.MatchString(e) {
			continue
		}
		for _, found := range originLike.FindAllString(e, maxWishes) {
			origins = append(origins, Repaired(found)...)
		}
		for _, m := range called.FindAllStringSubmatch(e, -1) {
			expressions = append(expressions, strings.Replace(inExpression[m[1]], "%", map[bool]string{true: m[2], false: regexp.QuoteMeta(m[2])}[m[1] == "matches"], 1))
		}
	}
	return origins, expressions
}

func eachSet(matchers []any, visit func(set any)) {
	for _, sets := range matchers {
		for _, set := range rehearsal.List(sets) {
			visit(set)
		}
	}
}

func anySet(matchers []any, is func(set any) bool) (yes bool) {
	eachSet(matchers, func(set any) { yes = yes || is(set) })
	return yes
}

// called are the functions of an expression that compare a part of Origin.
var called = regexp.MustCompile(`(endsWith|startsWith|contains|matches)\(\s*["'` + "`" + `]([^"'` + "`" + `]+)`)

var inExpression = map[string]string{"endsWith": "^https://.*%$", "startsWith": "^%.*", "contains": "^https://.*%.*", "matches": "%"}

// glob is the value of a header matcher as an expression.
func glob(v string) string {
	scheme := ""
	if strings.HasPrefix(v, "*") && !strings.HasPrefix(v, "*://") {
		scheme = "https://"
	}
	return "^" + scheme + strings.ReplaceAll(regexp.QuoteMeta(v), `\*`, ".*") + "$"
}

// Guarded reports whether a matcher on the way compares Origin with letters.
func (o *Operation) Guarded() (yes bool) {
	eachSet(o.Handler.Matchers, func(set any) { yes = yes || len(rehearsal.Words(set, "header", "Origin")) > 0 })
	return yes
}

// ByExpression reports whether a matcher on the way holds Origin against an expression.
func (o *Operation) ByExpression() (yes bool) {
	eachSet(o.Handler.Matchers, func(set any) { yes = yes || rehearsal.Dig(set, "header_regexp", "Origin") != nil })
	return yes
}

// Filled reports whether a placeholder stands in the value.
func (o *Operation) Filled() bool { return placeholder.MatchString(strings.Join(o.Values, " ")) }

// FilledByHeaders reports whether all placeholders in the value are fields of the
// request.
func (o *Operation) FilledByHeaders() bool {
	return !slices.ContainsFunc(placeholder.FindAllString(strings.Join(o.Values, " "), maxWishes), func(name string) bool {
		return !strings.HasPrefix(name, "{http.request.header.")
	})
}

// Misread reports whether a matcher on the way compares Origin with the letters
// of an expression.
func (o *Operation) Misread() bool {
	return anySet(o.Handler.Matchers, func(set any) bool {
		return slices.ContainsFunc(rehearsal.Words(set, "header", "Origin"), func(v string) bool {
			return strings.HasPrefix(v, "~") || strings.HasPrefix(v, "^")
		})
	})
}

// guardedByOrigin: a matcher on the way is about Origin, and which origins it
// wants cannot be read.
func guardedByOrigin(matchers []any) bool {
	return anySet(matchers, func(set any) bool { return rehearsal.Dig(set, "header", "Origin") == nil && aboutCORS(set) })
}

// unanchored is an expression of a header_regexp matcher, which may match
// anywhere, for package origin, where it matches the whole.
func unanchored(expression string) string {
	body, start := strings.CutPrefix(expression, "^")
	body, end := strings.CutSuffix(body, "$")
	if strings.Contains(body, "^") || strings.Contains(body, "$") {
		return expression
	}
	body = "(?:" + body + ")"
	if !start {
		body = ".*" + body
	}
	if !end {
		body += ".*"
	}
	return body
}

var dotted = regexp.MustCompile(`([a-z0-9-])\.([a-z])`)

func samplesOf(expressions []string) (all []string) {
	for _, e := range expressions {
		re, err := regexp.Compile(e)
		if err != nil {
			continue
		}
		// A dot between letters was meant as one.
		meant := dotted.ReplaceAllString(strings.TrimSuffix(strings.TrimPrefix(e, "^"), "$"), `$1\.$2`)
		found, _ := origin.Samples(meant)
		for _, f := range found {
			for _, begin := range beginnings {
				if o := begin + f; isOrigin(o) && re.MatchString(o) && len(all) < maxWishes/2 {
					all = addNew(all, o)
					break
				}
			}
		}
	}
	return all
}

// beginnings are what may stand in front of what an expression without ^ matches.
var beginnings = []string{"", "https", "https://", "https://app"}

func isOrigin(s string) bool {
	o, err := browser.ParseOrigin(s)
	return err == nil && o.String() == s && !strings.Contains(s, "://.")
}

// intended are origins that an expression was meant for that matches none.
func intended(expressions []string) (all []string) {
	for _, e := range expressions {
		found, _ := origin.Samples(strings.ToLower(strings.Trim(e, "^$/")))
		for _, f := range found {
			for _, begin := range beginnings {
				if o := begin + f; isOrigin(o) && strings.Contains(o, ".") && len(all) < maxWishes/2 {
					all = addNew(all, o)
					break
				}
			}
		}
	}
	return all
}

// lookalikesOf are origins that an expression lets in though nobody meant them.
func lookalikesOf(expression string) (all []string) {
	re, err := origin.CompileRegexp(unanchored(expression))
	if err != nil {
		return nil
	}
	for _, f := range re.Audit() {
		if _, ok := origin.Parse(f.Example); ok && f.Kind != origin.FoundDead {
			all = addNew(all, f.Example)
		}
	}
	return all
}
