package repair

import (
	"cmp"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/origin"
	"github.com/caddy-cors/caddy-cors/internal/placeholder"
)

// intent is whom the author of hand-written lines evidently wants to let in,
// and to do what.
type intent struct {
	everybody bool // a literal *
	reflects  bool // whoever asks is repeated, so nobody knows who is wanted
	origins   []claim
	except    []string
	keptOut   string // an expression for some more
	null      bool   // the opaque origin was let in, and is no more
	unknown   []string
	varies    string // a value that something else in the request than its origin decides

	credentials bool
	mayAsk      string   // a placeholder that decides about credentials
	methods     []string // nil: no list stood there
	anyMethod   bool     // it repeats what is asked for, beside credentials too
	headers     []string
	expose      []string
	maxAge      string
}

// add takes over what the lines for one audience say.
func (in *intent) add(ls []*line, says *voice) {
	lists := map[string][]string{}
	for _, l := range ls {
		if l.field != httpwords.AllowOrigin && l.fromVariable() {
			in.varies = l.node.rawWord(len(l.node.words) - 1)
		}
		for _, value := range l.value {
			switch l.field {
			case httpwords.AllowOrigin:
				in.addOrigin(l, value, says)
			case httpwords.AllowCredentials:
				in.addCredentials(l, value)
			case httpwords.AllowMethods, httpwords.AllowHeaders:
				if placeholders.MatchString(value) && !askedFor.MatchString(value) {
					in.varies = value
				}
				fallthrough
			default:
				lists[l.field] = append(lists[l.field], value)
			}
		}
	}
	in.methods, in.headers, in.expose = methodsOf(lists[httpwords.AllowMethods]), headersOf(lists[httpwords.AllowHeaders]), exposedOf(lists[httpwords.ExposeHeaders])
	in.anyMethod = strings.Contains(strings.Join(lists[httpwords.AllowMethods], ""), "{")
	in.maxAge = ageOf(lists[httpwords.MaxAge])
}

// limit: what is listed for other requests is not the usual here.
func (in *intent) limit(parted []*line) {
	for _, l := range parted {
		switch l.field {
		case httpwords.AllowMethods:
			in.methods = orEmpty(in.methods)
		case httpwords.AllowHeaders:
			in.headers = orEmpty(in.headers)
		}
	}
}

// askedFor finds what a preflight asks for, and what is filled in before any request.
var askedFor = regexp.MustCompile(`(?i)[.>]access-control-request-(method|headers)\}|\{(env|args)[.\[]|^\{\$`)

// addOrigin adds what a line that allows origins is for: those whom its matcher
// lets in, or those in its value.
func (in *intent) addOrigin(l *line, word string, says *voice) {
	if a := l.audience(); a != nil {
		in.except, in.varies = append(in.except, a.except...), cmp.Or(in.varies, a.varies)
	}
	if named := l.named(); len(named) > 0 {
		in.claim(named...)
		return
	}
	switch value := strings.Trim(strings.TrimSpace(word), `'"`); {
	case value == "*" && l.fromVariable():
		in.unknown = append(in.unknown, l.node.rawWord(len(l.node.words)-1))
	case value == "*":
		in.everybody = true
	case isOriginPlaceholder(value), strings.HasPrefix(value, "{http.regexp."), strings.HasPrefix(value, "{re."):
		in.reflects = true
	case inEnvironment.MatchString(value):
		in.claim(claim{value: word})
	case strings.Contains(value, "{"):
		if !in.filled(says) {
			in.unknown = append(in.unknown, word)
		}
		if !in.reflects && says.varies(value) {
			in.varies = value
		}
	case value == "":
		in.unknown = append(in.unknown, word)
	default:
		for _, part := range splitList(value) {
			in.claim(claim{value: part})
		}
	}
}

// inEnvironment finds what Caddy fills in when it loads a configuration.
var inEnvironment = regexp.MustCompile(`\{env\.([^{}]+)\}`)

// filled is a word with what stands in the environment now. Where a variable is not
// set, nobody knows whom it is for.
func filled(word string) string {
	if inEnvironment.MatchString(word) {
		if value, _, err := placeholder.Expand(word); err == nil && value != "*" {
			return value
		}
	}
	return word
}

var didYouMean = regexp.MustCompile(`did you mean (\S+)\?`)

// claim adds origins, mended where they are none.
func (in *intent) claim(list ...claim) {
	for _, c := range list {
		if hosts := loopbacks(c.value); c.regexp && hosts != nil {
			in.claim(hosts...)
		} else if c.regexp {
			in.expression(c)
		} else {
			in.address(c)
		}
	}
}

func (in *intent) address(c claim) {
	value := strings.Trim(filled(c.value), `'"`)
	if value == httpwords.NullOrigin {
		in.null = true
		return
	}
	if _, err := origin.ParsePattern(value); err != nil {
		mended := "https://" + strings.ToLower(value)
		if m := didYouMean.FindStringSubmatch(err.Error()); m != nil {
			mended = m[1]
		} else if strings.Contains(value, "://") {
			mended = strings.ToLower(strings.TrimRight(value, "/"))
		}
		if isPlausible(mended) {
			value = mended
		}
	}
	if _, err := origin.ParsePattern(value); err != nil || value == "*" {
		in.unknown = append(in.unknown, c.value)
		return
	}
	in.origins = appendClaim(in.origins, claim{value: value})
}

// maxListed is how many origins are written one by one instead of an
// expression.
const maxListed = 6

// nullBranch finds null as one side of an alternation.
var nullBranch = regexp.MustCompile(`\|null([|)$]|$)|([(^]|^)null\|`)

// anyDepth finds what stands for any subdomains at the start of a host, as a whole: .*\.
// or (.+\.)? behind the scheme.
var anyDepth = regexp.MustCompile(`(://(?:\((?:\?:)?)*|\|)\.[*+]\??(\)?\\\.)`)

// anySubdomain is an expression that begins with these, and has no scheme.
var anySubdomain = regexp.MustCompile(`^\^?\.[*+]\??\\\.`)

// depth stands for these in a sample, where a pattern has **.
const depth = "any--depth"

// expression adds an expression as cors takes it: matched against the whole
// origin. Where it is no more than a short list, that is written.
func (in *intent) expression(c claim) {
	expr := withScheme(c.value)
	if strings.HasPrefix(expr, "https://http") { // a scheme, in another spelling
		in.unknown = append(in.unknown, c.value)
		return
	}
	re, err := origin.CompileRegexp(expr)
	if err != nil {
		in.unknown = append(in.unknown, c.value)
		return
	}
	for _, f := range re.Audit() {
		if f.Kind == origin.FoundLookalike && f.Mended != "" {
			expr = f.Mended
		}
	}
	texts, complete := listed(expr)
	if slices.Contains(texts, httpwords.NullOrigin) { // no expression of cors matches it
		in.null = true
		expr = nullBranch.ReplaceAllString(expr, "$1$2")
		texts, complete = listed(expr)
	}
	var list []claim
	for _, t := range texts {
		p, err := origin.ParsePattern(strings.Replace(t, depth, "**", 1))
		complete = complete && err == nil
		if err == nil && !isPlausible(t) {
			in.unknown = append(in.unknown, c.value)
			return
		}
		list = append(list, claim{value: p.String()})
	}
	if complete && len(texts) <= maxListed {
		for _, l := range list {
			in.origins = appendClaim(in.origins, l)
		}
		return
	}
	in.origins = appendClaim(in.origins, claim{value: expr, regexp: true})
}

// withScheme is an expression with https in front, where it begins with a host.
func withScheme(expr string) string {
	expr = strings.ReplaceAll(expr, `\/`, "/")
	if !strings.Contains(expr, "://") && (!strings.HasPrefix(strings.TrimPrefix(expr, "^"), ".*") || anySubdomain.MatchString(expr)) {
		expr = strings.TrimPrefix(expr, "^")
		if strings.HasPrefix(expr, `\.`) { // what ends with the host
			expr = ".*" + expr
		}
		if re, err := syntax.Parse("\n"+expr, syntax.Perl); err == nil && re.Op == syntax.OpAlternate {
			expr = "(?:" + expr + ")"
		}
		expr = "https://" + expr
	}
	if strings.HasPrefix(expr, "://") {
		expr = "https" + expr
	}
	return strings.Replace(expr, "/$", "$", 1)
}

// listed are origins, and patterns with a mark, that an expression lets in, and whether
// these are all. Where names below a host are strangers', it stays an expression, for
// which cors is stricter.
func listed(expr string) (texts []string, complete bool) {
	if !(claim{value: expr, regexp: true}).isOpen(true) {
		expr = anyDepth.ReplaceAllString(expr, "${1}"+depth+"${2}")
	}
	return origin.Samples(expr)
}

// openTo are those of some origins that an expression lets in which cors refuses:
// strangers can have a name that it matches.
func (in *intent) openTo(origins []string) (some []string) {
	for _, o := range in.origins {
		for _, g := range origins {
			if o.covers(g) && o.isOpen(in.credentials) {
				some = appendNew(some, g)
			}
		}
	}
	return some
}

// replace puts origins where nothing says whom it is for, or in place of the expressions
// that cors refuses.
func (in *intent) replace(given []string, open bool) {
	in.everybody, in.reflects, in.unknown = false, false, nil
	in.origins = slices.DeleteFunc(in.origins, func(o claim) bool { return !open || o.isOpen(in.credentials) })
	for _, o := range given {
		in.claim(claim{value: o})
	}
}

// maxUsefulAge is how long any browser keeps a preflight at most, in seconds.
const maxUsefulAge = 24 * 60 * 60
