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
		case trimmed == httpwords.NullOrigin, trimmed == FromDisk:
			all = append(all, trimmed)
		case reflects([]string{v}):
		case placeholder.MatchString(v):
			named, filled, open := fillings(s, v)
			all, expressions = append(all, named...), append(expressions, filled...)
			p.Reflects, p.Open = p.Reflects || open, p.Open || open
			if open {
				all = append(all, Anybody)
			}
			unsure = len(named)+len(filled) == 0 && !strings.Contains(v, "{args")
		default:
			all = append(all, OriginsIn(v)...)
		}
	}
	return addNew(nil, all...), expressions, unsure
}

// fillings are the origins, and the expressions for some, in the handlers that
// fill in the placeholders of a value. Open: what Origin says is filled in, whatever it is.
func fillings(s *Site, value string) (named, expressions []string, open bool) {
	for _, h := range s.Handlers {
		if slices.Contains(fillingsOf(h, value), httpwords.Wildcard) {
			named = append(named, Anybody)
		}
		switch {
		case h.Kind == "map" && aboutCORS(h.Config["source"]):
			for _, m := range rehearsal.List(h.Config, "mappings") {
				if !letsIn(rehearsal.Words(m, "outputs")) {
					continue
				}
				named = append(named, repairedAll(rehearsal.Words(m, "input"))...)
				expressions = append(expressions, rehearsal.Words(m, "input_regexp")...)
			}
			open = open || reflects(rehearsal.Words(h.Config["defaults"]))
		case h.Kind == "map" || h.Kind == "vars":
			named = append(named, OriginsIn(rehearsal.Compact(h.Config))...)
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

// OriginsIn are the origins of the addresses in a text.
func OriginsIn(text string) []string {
	return repairedAll(originLike.FindAllString(text, maxWishes))
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

// guard is whom the matchers on the way to a handler let pass, by Origin.
type guard struct {
	origins, expressions []string
	// anyScheme: one says nothing of schemes, so http pages fit as well. misread: one
	// has an expression where Caddy compares letters. other: one is about Origin in
	// another way.
	anyScheme, misread, other bool
}

// guardOf reads the matchers on the way.
func guardOf(matchers []any) (g guard) {
	for _, set := range setsOf(matchers) {
		g.other = g.other || rehearsal.Dig(set, "header", "Origin") == nil && aboutCORS(set)
		g.compare(rehearsal.Words(set, "header", "Origin"))
		g.match(rehearsal.Words(set, "header_regexp", "Origin", "pattern"))
		g.match(rehearsal.Words(set, "vars_regexp", originVar, "pattern"))
		g.origins = append(g.origins, rehearsal.Words(set, "vars", originVar)...)
		for _, e := range expressionsOf(set) {
			if corsWords.MatchString(e) {
				g.call(e)
			}
		}
	}
	return g
}

// originVar is what vars and vars_regexp know Origin by.
const originVar = "{http.request.header.Origin}"

// compare adds the values of a header matcher.
func (g *guard) compare(values []string) {
	for _, v := range values {
		switch {
		case v == "*": // there is some Origin
		case strings.HasPrefix(v, "~"), strings.HasPrefix(v, "^"):
			g.expressions, g.misread = append(g.expressions, strings.TrimPrefix(v, "~")), true
		case strings.Contains(v, "*"):
			g.expressions, g.anyScheme = append(g.expressions, glob(v)), g.anyScheme || noScheme(v)
		default:
			g.origins = append(g.origins, v)
		}
	}
}

// match adds expressions.
func (g *guard) match(expressions []string) {
	g.expressions = append(g.expressions, expressions...)
	g.anyScheme = g.anyScheme || slices.ContainsFunc(expressions, noScheme)
}

// call adds the origins that an expression of CEL names, and its comparisons.
func (g *guard) call(e string) {
	e = negated.ReplaceAllString(e, "") // whom it keeps out is nobody it is for
	g.origins = append(g.origins, OriginsIn(e)...)
	for _, m := range called.FindAllStringSubmatch(e, -1) {
		switch name, text := m[1], m[2]; name {
		case "matches", "header_regexp":
			g.match([]string{text})
		case "header":
			g.compare([]string{text})
		default:
			g.expressions = append(g.expressions, strings.Replace(inExpression[name], "%", regexp.QuoteMeta(text), 1))
			g.anyScheme = g.anyScheme || noScheme(text)
		}
	}
}

// noScheme reports whether a pattern for Origin says nothing of schemes: then http
// pages fit as well.
func noScheme(pattern string) bool {
	return !strings.Contains(pattern, "http") && !strings.Contains(pattern, "://")
}

// expressionsOf are those of CEL in a set of matchers.
func expressionsOf(set any) []string {
	return append(rehearsal.Words(set, "expression", "expr"), rehearsal.Words(set, "expression")...)
}

// called are the functions of an expression that compare Origin, or a part of it.
var called = regexp.MustCompile(`\b(endsWith|startsWith|contains|matches|header_regexp|header)\(` +
	`(?:(?:\s*["'][^"']*["']\s*,)+|\s*\{\s*["'][Oo]rigin["']\s*:)?\s*\[?\s*["'` + "`" + `]([^"'` + "`" + `]+)`)

var inExpression = map[string]string{"endsWith": "%$", "startsWith": "^%.*", "contains": "%"}

// glob is the value of a header matcher as an expression.
func glob(v string) string {
	scheme := ""
	if strings.HasPrefix(v, "*") && !strings.HasPrefix(v, "*://") {
		scheme = "https://"
	}
	return "^" + scheme + strings.ReplaceAll(regexp.QuoteMeta(v), `\*`, ".*") + "$"
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

// samplesOf are origins that expressions match.
func samplesOf(expressions []string) (all []string) {
	for _, e := range expressions {
		if re, err := regexp.Compile(e); err == nil {
			// A dot between letters was meant as one.
			meant := dotted.ReplaceAllString(strings.TrimSuffix(strings.TrimPrefix(e, "^"), "$"), `$1\.$2`)
			all = addSamples(all, meant, re.MatchString)
		}
	}
	return all
}

// intended are origins that expressions were meant for that match none.
func intended(expressions []string) (all []string) {
	for _, e := range expressions {
		all = addSamples(all, strings.ToLower(strings.Trim(e, "^$/")), func(o string) bool { return strings.Contains(o, ".") })
	}
	return all
}

// addSamples adds origins that an expression is for, as far as it says so.
func addSamples(all []string, expression string, fits func(string) bool) []string {
	all = addNew(all, samples(expression, beginnings, func(o string) bool { return isOrigin(o) && fits(o) })...)
	return all[:min(len(all), maxWishes/2)]
}

// samples are texts that an expression matches and that fit, perhaps behind what may
// stand in front of it.
func samples(expression string, beginnings []string, fits func(string) bool) (all []string) {
	for _, f := range origin.SamplesAsWritten(expression) {
		for _, begin := range beginnings {
			if fits(begin + f) {
				all = append(all, begin+f)
				break
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
