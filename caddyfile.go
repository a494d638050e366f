package cors

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
)

func init() {
	httpcaddyfile.RegisterDirective("cors", parseDirective)
	// Before everything that may answer, refuse or redirect: a preflight must
	// reach this handler first, and the answers of all others must pass
	// through it. request_body is the first of them; it answers 413 itself.
	httpcaddyfile.RegisterDirectiveOrder("cors", httpcaddyfile.Before, "request_body")
}

// parseDirective is what httpcaddyfile.RegisterHandlerDirective would do, but
// remembers the matcher: it takes the first word of `cors *`.
func parseDirective(h httpcaddyfile.Helper) ([]httpcaddyfile.ConfigValue, error) {
	h.Next() // the directive's name
	first := ""
	if h.NextArg() {
		first = h.Val()
		h.Prev()
	}
	matcher, err := h.ExtractMatcherSet()
	if err != nil {
		return nil, err
	}
	handler := new(Handler)
	b := block{Dispenser: h.Dispenser, handler: handler, places: make(map[string][]place)}
	if matcher != nil || first == wildcard {
		b.matcher = first
	}
	if err := b.parse(); err != nil {
		return nil, err
	}
	return h.NewRoute(matcher, handler), nil
}

// UnmarshalCaddyfile reads the directive:
//
//	cors [<matcher>] [<origins...>] {
//		origins           <origins...>
//		origin_regexp     <expressions...>
//		origins_from      <source> [<args...>] [{ ... }]
//		except            <origins...>
//		for <origins...> {
//			credentials | methods | headers | expose | max_age  ...
//		}
//		credentials       [true|false]
//		methods           <methods...> | * | none
//		headers           <request headers...> | * | none
//		expose            <response headers...> | *
//		max_age           <duration> | off
//		preflight_status  <200-299>
//		preflight         answer | forward
//		upstream          override | keep
//		timing
//		enforce           requests | websockets ...
//		report_only
//		debug
//		name              <policy name>
//		dangerously_allow null_origin | insecure_origins | public_suffixes | any_origin_regexp ...
//	}
//
// Options that take a list may be repeated; all others stand once. The names
// of the Caddy v1 plugin are understood. The error names every mistake of the
// block, each with its file and line.
func (h *Handler) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	b := block{Dispenser: d, handler: h, places: make(map[string][]place)}
	return b.parse()
}

// block is the state of reading one directive.
type block struct {
	*caddyfile.Dispenser

	handler *Handler
	rights  *Rights // of the policy, or of the `for` that is being read
	prefix  string  // of option names in that `for`
	matcher string  // the request matcher, where there is one
	start   place   // the directive's name
	seen    int     // tokens read, to put complaints in the order of the file
	places  map[string][]place
	found   problems
	raw     []string // errors of sources, which say themselves where they are
	lost    bool     // a mistake swallowed origins, so their absence is no second one
}

// place is where a value stands.
type place struct {
	token caddyfile.Token
	order int
}

// optionParsers has a parser for every option. It is filled in by init,
// because the parsers themselves look options up.
var optionParsers map[string]func(b *block, name string)

func init() {
	optionParsers = map[string]func(b *block, name string){
		"origins":           listOption(func(h *Handler) *[]string { return &h.Origins }),
		"origin_regexp":     listOption(func(h *Handler) *[]string { return &h.OriginRegexp }),
		"except":            listOption(func(h *Handler) *[]string { return &h.Except }),
		"for":               (*block).forOrigins,
		"credentials":       (*block).credentials,
		"methods":           rightsOption(func(r *Rights) *[]string { return &r.Methods }),
		"headers":           rightsOption(func(r *Rights) *[]string { return &r.Headers }),
		"expose":            rightsOption(func(r *Rights) *[]string { return &r.Expose }),
		"max_age":           (*block).maxAge,
		"preflight_status":  (*block).preflightStatus,
		"preflight":         wordOption(func(h *Handler) *string { return &h.Preflight }),
		"upstream":          wordOption(func(h *Handler) *string { return &h.Upstream }),
		"timing":            flagOption(func(h *Handler) *bool { return &h.Timing }),
		"report_only":       flagOption(func(h *Handler) *bool { return &h.ReportOnly }),
		"debug":             flagOption(func(h *Handler) *bool { return &h.Debug }),
		"enforce":           listOption(func(h *Handler) *[]string { return &h.Enforce }),
		"origins_from":      (*block).originsFrom,
		"name":              wordOption(func(h *Handler) *string { return &h.Name }),
		"dangerously_allow": listOption(func(h *Handler) *[]string { return &h.DangerouslyAllow }),
	}
}

// aliases are the names of the Caddy v1 plugin and its imitators.
var aliases = map[string]string{
	"origin":            "origins",
	"allowed_origins":   "origins",
	"allowed_methods":   "methods",
	"allowed_headers":   "headers",
	"exposed_headers":   "expose",
	"expose_headers":    "expose",
	"allow_credentials": "credentials",
}

func optionNames() []string { return slices.Sorted(maps.Keys(optionParsers)) }

func (b *block) parse() error {
	b.Next()
	b.start = place{token: b.Token()}
	b.rights = &b.handler.Rights
	for b.NextArg() {
		b.handler.Origins = append(b.handler.Origins, b.Val())
		b.here("origins")
	}
	for nesting := b.Nesting(); b.NextBlock(nesting); {
		b.option()
	}
	b.handler.Rights.spellNone()
	for i := range b.handler.For {
		b.handler.For[i].spellNone()
	}
	if err := b.check(); err != nil {
		return err
	}
	return nil
}

// spellNone: `none` is a word of the Caddyfile; in JSON an empty list says it.
func (r *Rights) spellNone() {
	for _, l := range []*[]string{&r.Methods, &r.Headers} {
		if len(*l) == 1 && (*l)[0] == "none" {
			*l = []string{}
		}
	}
}

// option reads one line of the block.
func (b *block) option() {
	name := b.Val()
	if canonical, ok := aliases[name]; ok {
		name = canonical
	}
	parse, ok := optionParsers[name]
	switch {
	case !ok:
		meant, hint := b.nearest(name)
		b.lost = b.lost || namesOrigins(meant)
		b.complain("unknown option %q; %s", name, hint)
	case b.prefix != "" && !slices.Contains(forOptionNames, name):
		b.complain("%q belongs outside of the `for`; inside it stand %s", name, strings.Join(forOptionNames, ", "))
	default:
		parse(b, b.prefix+name)
		b.skipBlock(name)
		return
	}
	b.RemainingArgs()
	b.skipBlock("")
}

// forOptionNames are the options that a `for` can change.
var forOptionNames = []string{"credentials", "methods", "headers", "expose", "max_age"}

// forOrigins reads a `for`: origins, and a block of rights.
func (b *block) forOrigins(string) {
	i := len(b.handler.For)
	prefix := forPrefix(i)
	b.handler.For = append(b.handler.For, For{})
	b.here(prefix)
	for b.NextArg() {
		b.handler.For[i].Origins = append(b.handler.For[i].Origins, b.Val())
		b.here(prefix + "origins")
	}
	b.rights, b.prefix = &b.handler.For[i].Rights, prefix
	for nesting := b.Nesting(); b.NextBlock(nesting); {
		b.option()
	}
	b.rights, b.prefix = &b.handler.Rights, ""
}

// nearest returns the option that was perhaps meant, and a hint in words.
func (b *block) nearest(name string) (option, hint string) {
	words := append(slices.Sorted(maps.Keys(aliases)), optionNames()...)
	if w := didYouMean(name, words); w != "" {
		if canonical, ok := aliases[w]; ok {
			w = canonical
		}
		return w, "did you mean " + w + "?"
	}
	return "", "the options are " + strings.Join(optionNames(), ", ")
}

// namesOrigins tells the options that can allow an origin.
func namesOrigins(option string) bool {
	switch option {
	case "origins", "origin_regexp", "origins_from", "for":
		return true
	}
	return false
}

// skipBlock passes over a block where there must be none.
func (b *block) skipBlock(option string) {
	for nesting := b.Nesting(); b.NextBlock(nesting); {
		if option != "" {
			b.complain("%s takes no block; remove the braces", option)
			option = ""
		}
	}
}

// here notes that the current token is the next value of an option.
func (b *block) here(option string) source {
	b.seen++
	b.places[option] = append(b.places[option], place{b.Token(), b.seen})
	return source{option, len(b.places[option]) - 1}
}

// complain notes a mistake at the current token.
func (b *block) complain(format string, args ...any) {
	b.found.mistake(b.here("?"), format, args...)
}

// listOption parses the values of an option that adds up.
func listOption(field func(*Handler) *[]string) func(*block, string) {
	return func(b *block, name string) { b.list(name, field(b.handler)) }
}

func rightsOption(field func(*Rights) *[]string) func(*block, string) {
	return func(b *block, name string) { b.list(name, field(b.rights)) }
}

func (b *block) list(name string, values *[]string) {
	n := len(*values)
	for b.NextArg() {
		if _, isOption := optionParsers[b.Val()]; isOption && len(*values) > n && !isPlainWord(b.Val()) {
			b.complain("%q is an option, not one of the values of %s: start a new line for each option", b.Val(), plainName(name))
			b.RemainingArgs()
			return
		}
		*values = append(*values, b.Val())
		b.here(name)
	}
	if len(*values) == n {
		b.lost = b.lost || namesOrigins(name)
		b.complain("%s needs at least one value; if it comes from {$NAME}, that variable is empty", plainName(name))
	}
}

// plainName is the name of an option as it is written in a block.
func plainName(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

// isPlainWord tells options whose names could be those of headers.
func isPlainWord(s string) bool {
	switch s {
	case "name", "timing", "upstream", "preflight":
		return true
	}
	return false
}

// once notes an option that may stand only once, and reports whether it does.
func (b *block) once(name string) bool {
	if earlier := b.places[name]; len(earlier) > 0 {
		b.complain("%s is given twice (lines %d and %d); remove one", plainName(name), earlier[0].token.Line, b.Line())
		b.RemainingArgs()
		return false
	}
	b.here(name)
	return true
}

// word reads the single value of an option.
func (b *block) word(name string) (string, bool) {
	if !b.once(name) {
		return "", false
	}
	args := b.RemainingArgs()
	if len(args) != 1 {
		b.complain("%s needs one value, not %d", plainName(name), len(args))
		return "", false
	}
	return args[0], true
}

func wordOption(field func(*Handler) *string) func(*block, string) {
	return func(b *block, name string) {
		if w, ok := b.word(name); ok {
			if w == "" {
				b.complain("%s is empty; write a value or remove the line", name)
			}
			*field(b.handler) = w
		}
	}
}

func (b *block) credentials(name string) {
	if !b.once(name) {
		return
	}
	args := b.RemainingArgs()
	switch {
	case len(args) == 0 || len(args) == 1 && args[0] == "true":
		b.rights.Credentials = new(true)
	case len(args) == 1 && args[0] == "false":
		b.rights.Credentials = new(false)
	case len(args) == 1 && (args[0] == "include" || args[0] == "omit" || args[0] == "same-origin"):
		b.complain("%q belongs in the page's fetch call; here write just `credentials`, or nothing", args[0])
	default:
		b.complain("credentials takes true, false or nothing, not %q", strings.Join(args, " "))
	}
}

// flagOption parses an option that has no value.
func flagOption(field func(*Handler) *bool) func(*block, string) {
	return func(b *block, name string) {
		if !b.once(name) {
			return
		}
		if args := b.RemainingArgs(); len(args) > 0 {
			b.complain("%s takes no value; remove %q", name, strings.Join(args, " "))
		}
		*field(b.handler) = true
	}
}

// originsFrom reads a guest module with its arguments and block.
func (b *block) originsFrom(name string) {
	lost := b.lost
	b.lost = true // until the source is read
	if !b.NextArg() {
		b.complain("origins_from needs a source; write for example `origins_from file /etc/caddy/origins.txt`")
		return
	}
	b.here(name)
	word := b.Val()
	id := originsNamespace + "." + word
	segment := b.NewFromNextSegment()
	info, err := caddy.GetModule(id)
	if err != nil {
		b.complain("there is no source %q; choose %s, or build Caddy with the module %s", word, strings.Join(sourceNames(), ", "), id)
		return
	}
	source := info.New()
	reader, ok := source.(caddyfile.Unmarshaler)
	if !ok {
		b.complain("the source %q cannot be configured in a Caddyfile; use JSON", word)
		return
	}
	if err := reader.UnmarshalCaddyfile(segment); err != nil {
		b.places[name] = b.places[name][:len(b.places[name])-1]
		b.raw = append(b.raw, err.Error())
		return
	}
	b.handler.OriginsFromRaw = append(b.handler.OriginsFromRaw,
		caddyconfig.JSONModuleObject(source, "source", info.ID.Name(), nil))
	b.lost = lost
}

// originsNamespace is where sources are registered.
const originsNamespace = "http.cors.origins"

func sourceNames() (names []string) {
	for _, m := range caddy.GetModules(originsNamespace) {
		names = append(names, m.ID.Name())
	}
	return names
}

func (b *block) preflightStatus(name string) {
	w, ok := b.word(name)
	if !ok {
		return
	}
	status, err := strconv.Atoi(w)
	if err != nil {
		b.complain("preflight_status %q is not a number; write one from 200 to 299, e.g. 204", w)
		return
	}
	if status == 0 { // would be the default
		b.complain("preflight_status 0 is not a success, and browsers accept no other: choose one from 200 to 299")
		return
	}
	b.handler.PreflightStatus = status
}

func (b *block) maxAge(name string) {
	w, ok := b.word(name)
	if !ok {
		return
	}
	if w == "off" {
		b.rights.MaxAge = new(caddy.Duration(-time.Second))
		return
	}
	d, err := parseMaxAge(w)
	if err != nil {
		b.complain("%v", err)
		return
	}
	b.rights.MaxAge = new(caddy.Duration(d))
}

func parseMaxAge(w string) (time.Duration, error) {
	if strings.HasPrefix(w, "-") {
		return 0, fmt.Errorf("max_age %s must not be negative; write 0s to stop browsers from keeping preflight answers, or off to send no header", w)
	}
	d, err := caddy.ParseDuration(w)
	if err == nil {
		return d, nil
	}
	if strings.Trim(w, "0123456789") == "" {
		if _, err := strconv.ParseInt(w+"000000000", 10, 64); err != nil {
			return 0, fmt.Errorf("max_age %s is too large to read; use at most 24h", w)
		}
		return 0, fmt.Errorf("max_age %s has no unit; write %ss", w, w)
	}
	return 0, fmt.Errorf("max_age %q is not a duration; write for example 10m or 600s", w)
}

// check compiles the policy for its mistakes, so that they are reported while
// lines are known.
func (b *block) check() error {
	o, filling := b.handler.options(later)
	o.unknown = o.unknown || b.lost
	_, compiling := compile(&o)
	all := slices.Concat(b.found, filling, compiling).mistakes()
	all.sortBy(func(s source) int { return b.place(s).order })
	if len(all)+len(b.raw) == 0 {
		return nil
	}
	lines := make([]string, 0, len(all)+len(b.raw))
	for _, p := range all {
		if p.from.option == "origins" && len(b.places["origins"]) == 0 {
			p.text += b.eaten()
		}
		at := caddyfile.NewDispenser([]caddyfile.Token{b.place(p.from).token})
		at.Next()
		lines = append(lines, at.Err(p.text).Error())
	}
	lines = append(lines, b.raw...)
	return fmt.Errorf("%s", strings.Join(lines, "\n"))
}

// place finds where a value stands, or else the directive.
func (b *block) place(s source) place {
	if places := b.places[s.option]; s.index < len(places) {
		return places[s.index]
	}
	return b.start
}

// eaten explains where the only word of the directive's line went.
func (b *block) eaten() string {
	switch b.matcher {
	case "":
		return "; if there is a {$NAME} after cors, that variable is empty"
	case wildcard:
		return "; the lone `*` after cors is Caddy's request matcher (every path), not an origin: write `cors * *`, or `origins *` in a block"
	default:
		return fmt.Sprintf("; %q after cors is a request matcher, not an origin", b.matcher)
	}
}

// Interface guard.
var _ caddyfile.Unmarshaler = (*Handler)(nil)
