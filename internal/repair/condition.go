package repair

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// condition is what a matcher asks for, with what CORS asks for apart: a cors
// handler tells origins, preflights and methods by itself.
type condition struct {
	owner   *node            // the directive
	matcher string           // the word in it
	rest    []string         // lines of the matcher that have nothing to do with CORS
	defs    map[string]*node // matchers, and what maps make of the origin
	left    []any            // in JSON: matcher sets, likewise
	cut     bool             // something was CORS
	ofSite  bool             // it is no more than the site's hosts, in JSON

	aboutOrigin bool
	origins     []claim  // whom it lets in; none: whoever asks
	except      []string // whom it keeps out
	varies      string   // a variable of the environment in the expression for these
	onlyOptions bool
	// tangled: the origin and something else decide together, so that the
	// matcher cannot be taken apart.
	tangled bool
}

// conditionOf reads the matcher of a directive. The definitions are those of the
// scopes around it.
func conditionOf(word string, defs map[string]*node) *condition {
	c := &condition{matcher: word, defs: defs}
	switch {
	case strings.HasPrefix(word, "/"):
		c.rest = []string{"path " + word}
	case strings.HasPrefix(word, "@"):
		def := defs[word]
		if def == nil {
			c.tangled = true
			return c
		}
		for _, l := range def.inner() {
			c.line(l)
		}
	}
	return c
}

// inner are the matchers behind the name of a definition, or behind a not: on its
// line, or in its block.
func (n *node) inner() []*node {
	if len(n.words) == 1 {
		return n.children
	}
	one := &node{words: n.words[1:], children: n.children}
	if n.raw != nil {
		one.raw = n.raw[1:]
	}
	return []*node{one}
}

// line reads one line of a matcher.
func (c *condition) line(l *node) {
	args := l.words[1:]
	switch name := l.name(); {
	case name == "method":
		c.cut, c.onlyOptions = true, len(args) == 1 && strings.EqualFold(args[0], "OPTIONS") // Caddy writes methods in capitals
	case name == "header" && len(args) > 0 && httpwords.EqualNames(args[0], httpwords.Origin):
		c.origin()
		for _, a := range args[1:] {
			if a != "*" {
				c.origins = append(c.origins, globClaim(a))
			}
		}
	case name == "header" && len(args) > 0 && asksForPreflight(args[0]):
		c.cut, c.onlyOptions = true, true
	case name == "header_regexp" && slices.ContainsFunc(args, func(a string) bool { return httpwords.EqualNames(a, httpwords.Origin) }):
		c.origin()
		c.varies = cmp.Or(c.varies, inRaw.FindString(l.rawWord(len(args))))
		c.origins = append(c.origins, claim{value: args[len(args)-1], regexp: true})
	case name == "vars" && len(args) > 1 && isOriginPlaceholder(args[0]):
		c.origin()
		for _, a := range args[1:] {
			c.origins = append(c.origins, claim{value: a})
		}
	case name == "not":
		c.not(l)
	case name == "expression" || len(args) == 0 && len(l.children) == 0 && strings.ContainsAny(name, "=(<>"):
		c.expression(l)
	default:
		c.rest = append(c.rest, textOf(l)...)
	}
}

// inRaw finds a variable of the environment in a word as it was written.
var inRaw = regexp.MustCompile(`\{\$[^{}]+\}`)

func (c *condition) origin() { c.aboutOrigin, c.cut = true, true }

// not reads a negation. What it keeps out makes no list of those who are let in.
func (c *condition) not(l *node) {
	var n condition
	for _, i := range l.inner() {
		n.line(i)
	}
	switch {
	case !n.cut && !n.tangled:
		c.rest = append(c.rest, textOf(l)...)
	case len(n.rest) > 0 || n.tangled:
		c.tangled = true
	case n.aboutOrigin:
		c.origin()
		for _, o := range n.origins {
			if o.regexp {
				c.tangled = true
			}
			c.except = append(c.except, o.value)
		}
	default:
		c.cut = true
	}
}

var (
	quoted      = regexp.MustCompile("\"([^\"]*)\"|'([^']*)'")
	originInCEL = regexp.MustCompile(`(?i)(header\.Origin|Origin['"]\]|['"]Origin['"])`)
	methodInCEL = regexp.MustCompile(`(?i)(\{(http\.request\.)?method\}|method\()`)
	isOptions   = regexp.MustCompile(`(?i)(method\}\s*(==|in)|method\().*["']OPTIONS["']`)
	isPreflight = regexp.MustCompile(`(?i)Access-Control-Request-(Method|Headers)[^&|]*!=\s*(''|"")`)
	isThere     = regexp.MustCompile(`!=\s*(''|"")`)
	endInCEL    = regexp.MustCompile(`endsWith\(\s*["']([^"':]+)`)
	fieldInCEL  = regexp.MustCompile(`(?i)\bheader\.([\w-]+)\}`)
	othersInCEL = regexp.MustCompile(`(?i)(path|host|query|remote_ip|client_ip|protocol|vars|file|uri)`)
)

// expression reads one in CEL, as far as that can be done without running it:
// the quoted texts beside an Origin.
func (c *condition) expression(l *node) {
	text := strings.Join(l.words, " ")
	origin, method := originInCEL.MatchString(text) || c.mapsIn(text), methodInCEL.MatchString(text)
	compared := slices.ContainsFunc(quoted.FindAllStringSubmatch(text, -1), func(m []string) bool {
		return m[1]+m[2] != "" && !httpwords.IsToken(m[1]+m[2])
	})
	switch {
	case !origin && !method:
		c.rest = append(c.rest, textOf(l)...)
		return
	case origin && method && strings.Contains(text, "||"), asksForOther(text), othersInCEL.MatchString(quoted.ReplaceAllString(text, "")), compared && strings.Contains(isThere.ReplaceAllString(text, ""), "!"):
		c.tangled = true
		return
	}
	c.cut = true
	c.onlyOptions = isOptions.MatchString(text) || isPreflight.MatchString(text)
	c.aboutOrigin = origin
	for i := range l.words {
		c.varies = cmp.Or(c.varies, inRaw.FindString(l.rawWord(i)))
	}
	for _, m := range quoted.FindAllStringSubmatch(text, -1) {
		word := strings.ReplaceAll(m[1]+m[2], `\\`, `\`)
		if !origin || !strings.Contains(word, ":") {
			continue
		}
		isRegexp := strings.Contains(text, "matches(") || strings.Contains(text, "header_regexp")
		c.origins = append(c.origins, claim{value: word, regexp: isRegexp})
	}
	for _, m := range endInCEL.FindAllStringSubmatch(text, -1) {
		c.origins = append(c.origins, globClaim("*"+m[1]))
	}
	c.tangled = compared && len(c.origins) == 0
}

// asksForOther reports whether an expression reads a further field of the request.
func asksForOther(text string) bool {
	return slices.ContainsFunc(fieldInCEL.FindAllStringSubmatch(text, -1), func(m []string) bool {
		return !httpwords.EqualNames(m[1], httpwords.Origin) && !asksForPreflight(m[1])
	})
}

// mapsIn reports whether a text has what a map makes of the origin.
func (c *condition) mapsIn(text string) bool {
	for name, n := range c.defs {
		if n.name() == "map" && strings.Contains(text, name) {
			return true
		}
	}
	return false
}

// globClaim reads a value of Caddy's header matcher, where a * counts at both
// ends only.
func globClaim(value string) claim {
	front, back := strings.HasPrefix(value, "*"), strings.HasSuffix(value, "*")
	inner := strings.Trim(value, "*")
	switch {
	case !front && !back || strings.HasSuffix(value, ":*"):
		return claim{value: value}
	case front && strings.HasPrefix(inner, "://"):
		return claim{value: "https" + inner}
	case front && strings.HasPrefix(inner, "."):
		return claim{value: "https://**" + inner}
	case front && strings.Contains(inner, "."):
		return claim{value: `https://(.+\.)?` + regexp.QuoteMeta(inner), regexp: true}
	default: // the beginning of an origin
		inner = strings.TrimRight(inner, ".:/")
		if strings.Count(value, ":") == 1 && strings.Contains(inner, "localhost") {
			inner += ":*"
		}
		return claim{value: inner}
	}
}

func asksForPreflight(field string) bool {
	return httpwords.EqualNames(field, httpwords.RequestMethod) || httpwords.EqualNames(field, httpwords.RequestHeaders)
}

// isOriginPlaceholder knows the right spellings and those that Caddy does not
// know.
func isOriginPlaceholder(value string) bool {
	return slices.Contains([]string{"{header.origin}", "{http.request.header.origin}", "{http.request.headers.origin}", "{>origin}", "{origin}"}, strings.ToLower(value))
}

// textOf writes a line of a matcher anew.
func textOf(n *node) []string {
	words := make([]string, 0, len(n.words))
	for i := range n.words {
		words = append(words, quote(n.rawWord(i)))
	}
	body := make([]string, 0, len(n.children))
	for _, c := range n.children {
		body = append(body, textOf(c)...)
	}
	return braced(strings.Join(words, " "), body)
}

// braced writes a line, with what is in its block, if there is something.
func braced(head string, body []string) []string {
	if len(body) == 0 {
		return []string{head}
	}
	lines := []string{head + " {"}
	for _, l := range body {
		lines = append(lines, "\t"+l)
	}
	return append(lines, "}")
}

// quote writes a word as Caddyfiles have it.
func quote(word string) string {
	switch {
	case word != "" && !strings.ContainsAny(word, " \t\n\"`"):
		return word
	case !strings.Contains(word, "`"):
		return "`" + word + "`"
	default:
		return `"` + strings.ReplaceAll(word, `"`, `\"`) + `"`
	}
}
