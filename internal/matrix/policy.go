package matrix

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/origin"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// Anybody is the page that stands for all, where everybody may read.
const Anybody = "https://page.example"

// Stranger is a page that nobody had in mind.
const Stranger = "https://evil.example"

// Policy is what somebody evidently wants: a cors handler, or the lines written
// by hand that count for the same requests.
type Policy struct {
	Handler    *rehearsal.Handler // of cors; nil: by hand
	Operations []*Operation       // by hand
	// Paths are one for each path that the policy is written for. None: all.
	Paths []string
	// Host, if it is not that of the site: matchers inside ask for another.
	Host   string
	Wishes []*Wish
	// Open: it allows whoever asks. Reflects: by sending back what Origin says.
	Open, Reflects bool
	// Lookalikes are origins that the policy may let in though nobody meant them.
	Lookalikes []string
	// Keeps: where the upstream has a word of its own, that counts. Forwards:
	// preflights are the upstream's, too.
	Keeps, Forwards bool
	// MaxAge as it is written.
	MaxAge string

	scope string
}

// Wish is what a policy wants for one origin.
type Wish struct {
	Origin      string     // Anybody for all
	Guess       bool       // made up for a pattern or an expression
	Unsure      bool       // the configuration does not say which origin it is
	Operation   *Operation // that names the origin; nil of a cors handler
	Credentials bool
	Methods     []string // that need a preflight
	Headers     []string // that do
	Expose      []string
}

// By is the handler that a wish of a policy stands in.
func (w *Wish) By(p *Policy) *rehearsal.Handler {
	if w.Operation == nil {
		return p.Handler
	}
	return w.Operation.Handler
}

// maxWishes bounds the origins of one policy that are asked about.
const maxWishes = 8

func policiesOf(s *Site) (all []*Policy) {
	byScope := map[string]*Policy{}
	for _, o := range s.Operations {
		if o.Handler.ErrorRoute || strings.Contains(o.Handler.Path, "/handle_response/") {
			continue
		}
		scope := scopeOf(o.Handler.Matchers)
		p := byScope[scope]
		if p == nil {
			p = &Policy{scope: scope, Paths: samplePaths(o.Handler.Matchers), Host: innerHost(o.Handler.Matchers)}
			byScope[scope] = p
			all = append(all, p)
		}
		p.Operations = append(p.Operations, o)
	}
	for _, p := range all {
		p.readHand(s)
	}
	all = slices.DeleteFunc(all, func(p *Policy) bool { return len(p.Wishes) == 0 })
	for _, h := range s.Handlers {
		if h.Kind == "cors" && !h.ReportOnly && !h.ErrorRoute {
			p := &Policy{Handler: h, scope: scopeOf(h.Matchers), Paths: samplePaths(h.Matchers), Host: innerHost(h.Matchers)}
			p.readCORS(h.Config, s.Host)
			all = append(all, p)
		}
	}
	return all
}

// scopeOf are the matchers on the way, without those that CORS itself is about.
func scopeOf(matchers []any) string {
	var kept []any
	for i, sets := range matchers {
		list, _ := sets.([]any)
		var left []any
		for _, s := range list {
			set, _ := s.(map[string]any)
			one := map[string]any{}
			for name, config := range set {
				if name != "method" && (name != "host" || i > 0) && !aboutCORS(config) && (name != "not" || !strings.Contains(text(config), `"method"`)) {
					one[name] = config
				}
			}
			if len(one) > 0 {
				left = append(left, one)
			}
		}
		if len(left) > 0 {
			kept = append(kept, left)
		}
	}
	return text(kept)
}

// innerHost is the host that matchers below the site's own ask for.
func innerHost(matchers []any) (host string) {
	for _, sets := range matchers[min(1, len(matchers)):] {
		list, _ := sets.([]any)
		for _, set := range list {
			for _, h := range words(dig(set, "host")) {
				host = strings.ReplaceAll(h, "*", "one")
			}
		}
	}
	return host
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

var corsWords = regexp.MustCompile(`(?i)"origin"|header\.origin|access-control-request|"\{method\}|http\.request\.method`)

func aboutCORS(config any) bool { return corsWords.MatchString(text(config)) }

// readHand reads the wishes of lines written by hand.
func (p *Policy) readHand(s *Site) {
	for _, o := range p.Operations {
		if o.Field != httpwords.AllowOrigin || o.Verb == Delete {
			continue
		}
		p.Keeps = p.Keeps || o.Verb == Default
		origins, expressions := guards(o.Handler.Matchers)
		named, filled, unsure := p.named(o, s)
		expressions = append(expressions, filled...)
		switch {
		case len(named) > 0:
		case len(origins)+len(expressions) > 0:
			named = append(origins, samplesOf(expressions)...)
			for _, e := range expressions {
				if len(named) == 0 {
					named = lookalikesOf(e)
				}
			}
		default:
			named = []string{Anybody}
			unsure = unsure || guardedByOrigin(o.Handler.Matchers)
			p.Reflects = p.Reflects || reflects(o.Values)
		}
		if slices.Contains(named, Anybody) {
			p.Open = true
		}
		if reflects(o.Values) || len(filled) > 0 {
			for _, e := range expressions {
				p.Lookalikes = append(p.Lookalikes, lookalikesOf(e)...)
			}
		}
		for _, n := range named {
			p.wish(&Wish{Origin: n, Operation: o, Guess: len(expressions) > 0, Unsure: unsure})
		}
	}
	if len(p.Wishes) == 0 { // no origin, but other fields
		i := slices.IndexFunc(p.Operations, func(o *Operation) bool { return o.Verb != Delete && o.Field != httpwords.Vary })
		if i < 0 {
			return
		}
	}
	for _, w := range p.Wishes {
		p.permit(w)
	}
}

func (p *Policy) wish(w *Wish) {
	i := slices.IndexFunc(p.Wishes, func(v *Wish) bool { return v.Origin == w.Origin })
	switch {
	case i < 0 && len(p.Wishes) < maxWishes:
		p.Wishes = append(p.Wishes, w)
	case i >= 0 && PreflightOnly(p.Wishes[i].Operation.Handler):
		p.Wishes[i].Operation = w.Operation
	}
}

// PreflightOnly: a matcher on the way to a handler lets only OPTIONS pass.
func PreflightOnly(h *rehearsal.Handler) bool {
	return slices.ContainsFunc(h.Matchers, func(sets any) bool {
		list, _ := sets.([]any)
		return slices.ContainsFunc(list, func(set any) bool {
			methods := words(dig(set, "method"))
			return len(methods) == 1 && methods[0] == http.MethodOptions
		})
	})
}

// permit collects what the operations that count for an origin allow it.
func (p *Policy) permit(w *Wish) {
	for _, o := range p.Operations {
		origins, expressions := guards(o.Handler.Matchers)
		if o.Verb == Delete || len(origins) > 0 && len(expressions) == 0 && w.Origin != Anybody && !slices.Contains(origins, w.Origin) {
			continue
		}
		list := splitList(strings.Join(o.Values, ","))
		switch o.Field {
		case httpwords.AllowCredentials:
			w.Credentials = w.Credentials || slices.ContainsFunc(list, func(v string) bool { return strings.EqualFold(v, "true") })
		case httpwords.AllowMethods:
			w.Methods = addNew(w.Methods, wanted(list, "PUT", isUsualMethod)...)
		case httpwords.AllowHeaders:
			w.Headers = addNew(w.Headers, wanted(list, "Content-Type", httpwords.IsToken)...)
		case httpwords.ExposeHeaders:
			w.Expose = addNew(w.Expose, list...)
		case httpwords.MaxAge:
			p.MaxAge = strings.Join(o.Values, " ")
		}
	}
}

// wanted are the words of a list that can be asked about. What stands for all,
// or is not known before a request, becomes one that is usual.
func wanted(list []string, usual string, valid func(string) bool) (all []string) {
	for _, w := range list {
		if usual == http.MethodPut {
			w = strings.ToUpper(w)
		}
		switch {
		case w == "*" || strings.Contains(w, "{"):
			all = addNew(all, usual)
		case valid(w):
			all = addNew(all, w)
		}
	}
	return all
}

func isUsualMethod(m string) bool {
	return httpwords.IsToken(m) && m != http.MethodOptions && !httpwords.IsForbiddenMethod(m)
}

func addNew(list []string, more ...string) []string {
	for _, m := range more {
		if !slices.Contains(list, m) {
			list = append(list, m)
		}
	}
	return list
}

func splitList(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(", \t\n;'\"", r) })
}

var (
	originLike  = regexp.MustCompile(`[a-z][a-z0-9+.-]*://[^\s,;'"{}<>|()]+`)
	placeholder = regexp.MustCompile(`\{[^{}\s]+\}`)
)

// reflects reports whether a value is what the request's Origin says.
func reflects(values []string) bool {
	return slices.ContainsFunc(values, func(v string) bool {
		v = strings.ToLower(v)
		return strings.Contains(v, "{>origin}") || strings.Contains(v, "origin}") || strings.Contains(v, "{re.") || strings.Contains(v, "{http.regexp.")
	})
}

// named are the origins that the value of an operation names: as they stand in
// it, or in what its placeholder is filled from. Where that is an expression, it
// comes instead.
func (p *Policy) named(o *Operation, s *Site) (all, expressions []string, unsure bool) {
	for _, v := range o.Values {
		v = strings.NewReplacer("{http.request.host}", s.Host, "{http.request.hostport}", s.Host, "{http.request.scheme}", "https").Replace(v)
		trimmed := strings.Trim(v, `'" `)
		switch {
		case trimmed == "*":
			all = append(all, Anybody)
		case trimmed == httpwords.NullOrigin:
			all = append(all, httpwords.NullOrigin)
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
			mappings, _ := h.Config["mappings"].([]any)
			for _, m := range mappings {
				for _, input := range words(dig(m, "input")) {
					named = append(named, Repaired(input)...)
				}
				expressions = append(expressions, words(dig(m, "input_regexp"))...)
			}
			open = open || reflects(words(h.Config["defaults"]))
		case h.Kind == "map" || h.Kind == "vars":
			for _, found := range originLike.FindAllString(text(h.Config), maxWishes) {
				named = append(named, Repaired(found)...)
			}
		}
	}
	return append(named, samplesOf(expressions)...), expressions, open
}

// Repaired is the origin that a page of the given address has: without a path,
// in lower case, without a default port. None if it is none.
func Repaired(address string) []string {
	if scheme, rest, ok := strings.Cut(address, "://"); ok {
		rest, _, _ = strings.Cut(rest, "/")
		address = scheme + "://" + rest
	}
	if o, err := browser.ParseOrigin(strings.ReplaceAll(address, "*", "app")); err == nil && o.String() != httpwords.NullOrigin {
		return []string{o.String()}
	}
	return nil
}

// guards are the origins, and the expressions for some, that matchers on the
// way ask for.
func guards(matchers []any) (origins, expressions []string) {
	eachSet(matchers, func(set any) {
		for _, v := range words(dig(set, "header", "Origin")) {
			switch {
			case v == "*": // there is some Origin
			case strings.Contains(v, "*"):
				expressions = append(expressions, glob(v))
			default:
				origins = append(origins, v)
			}
		}
		expressions = append(expressions, words(dig(set, "header_regexp", "Origin", "pattern"))...)
		for _, e := range append(words(dig(set, "expression", "expr")), words(dig(set, "expression"))...) {
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
	})
	return origins, expressions
}

func eachSet(matchers []any, visit func(set any)) {
	for _, sets := range matchers {
		list, _ := sets.([]any)
		for _, set := range list {
			visit(set)
		}
	}
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

// guardedByOrigin: a matcher on the way is about Origin, and which origins it
// wants cannot be read.
func guardedByOrigin(matchers []any) (yes bool) {
	eachSet(matchers, func(set any) {
		if dig(set, "header", "Origin") == nil {
			yes = yes || aboutCORS(set)
		}
	})
	return yes
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

func samplesOf(expressions []string) (all []string) {
	for _, e := range expressions {
		re, err := regexp.Compile(e)
		if err != nil {
			continue
		}
		found, _ := origin.Samples(strings.TrimSuffix(strings.TrimPrefix(e, "^"), "$"))
		for _, f := range found {
			if o, err := browser.ParseOrigin(f); err == nil && o.String() == f && re.MatchString(f) && len(all) < maxWishes/2 {
				all = addNew(all, f)
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
