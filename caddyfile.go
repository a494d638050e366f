package cors

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/placeholder"
	"github.com/caddy-cors/caddy-cors/internal/policy"
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
	b := block{Dispenser: h.Dispenser, handler: handler, locations: make(map[string][]location)}
	if matcher != nil || first == httpwords.Wildcard {
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
	b := block{Dispenser: d, handler: h, locations: make(map[string][]location)}
	return b.parse()
}

// block is the state of reading one directive.
type block struct {
	*caddyfile.Dispenser

	handler     *Handler
	permissions *Permissions // of the policy, or of the `for` that is being read
	prefix      string       // of option names in that `for`
	matcher     string       // the request matcher, where there is one
	start       location     // the directive's name
	seen        int          // tokens read, to put complaints in the order of the file
	locations   map[string][]location
	found       policy.Problems
	raw         []string // errors of sources, which say themselves where they are
	lost        bool     // a mistake swallowed origins, so their absence is no second one
}

// location is where a value stands: its token, and its turn among the tokens read.
type location struct {
	token caddyfile.Token
	order int
}

func (b *block) parse() error {
	b.Next()
	b.start = location{token: b.Token()}
	b.permissions = &b.handler.Permissions
	for b.NextArg() {
		b.handler.Origins = append(b.handler.Origins, b.Val())
		b.here("origins")
	}
	for nesting := b.Nesting(); b.NextBlock(nesting); {
		b.option()
	}
	b.handler.spellNone()
	for i := range b.handler.For {
		b.handler.For[i].spellNone()
	}
	return b.check()
}

// spellNone: `none` is a word of the Caddyfile; in JSON an empty list says it.
func (r *Permissions) spellNone() {
	for _, l := range []*[]string{&r.Methods, &r.Headers} {
		if len(*l) == 1 && strings.EqualFold((*l)[0], "none") {
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

// nearest returns the option that was perhaps meant, and a hint in words.
func (b *block) nearest(name string) (option, hint string) {
	words := append(slices.Sorted(maps.Keys(aliases)), optionNames()...)
	if w := policy.DidYouMean(name, words); w != "" {
		if canonical, ok := aliases[w]; ok {
			w = canonical
		}
		return w, "did you mean " + w + "?"
	}
	return "", "the options are " + strings.Join(optionNames(), ", ")
}

// namesOrigins reports whether an option can allow an origin.
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
func (b *block) here(option string) policy.Location {
	b.seen++
	b.locations[option] = append(b.locations[option], location{b.Token(), b.seen})
	return policy.Location{Option: option, Index: len(b.locations[option]) - 1}
}

// complain notes a mistake at the current token.
func (b *block) complain(format string, args ...any) {
	b.found.Mistake(b.here("?"), format, args...)
}

// check compiles the policy for its mistakes, so that they are reported while
// lines are known.
func (b *block) check() error {
	o, filling := b.handler.options(placeholder.Later)
	o.Unknown = o.Unknown || b.lost
	_, compiling := policy.Compile(&o)
	all := slices.Concat(b.found, filling, compiling).Mistakes()
	all.SortBy(func(at policy.Location) int { return b.locate(at).order })
	if len(all)+len(b.raw) == 0 {
		return nil
	}
	lines := make([]string, 0, len(all)+len(b.raw))
	for _, p := range all {
		if p.At.Option == "origins" && len(b.locations["origins"]) == 0 {
			p.Text += b.eaten()
		}
		at := caddyfile.NewDispenser([]caddyfile.Token{b.locate(p.At).token})
		at.Next()
		lines = append(lines, at.Err(p.Text).Error())
	}
	lines = append(lines, b.raw...)
	return fmt.Errorf("%s", strings.Join(lines, "\n"))
}

// locate finds where a value stands, or else the directive.
func (b *block) locate(at policy.Location) location {
	if all := b.locations[at.Option]; at.Index < len(all) {
		return all[at.Index]
	}
	return b.start
}

// eaten explains where the only word of the directive's line went.
func (b *block) eaten() string {
	switch b.matcher {
	case "":
		return "; if there is a {$NAME} after cors, that variable is empty"
	case httpwords.Wildcard:
		return "; the lone `*` after cors is Caddy's request matcher (every path), not an origin: write `cors * *`, or `origins *` in a block"
	default:
		return fmt.Sprintf("; %q after cors is a request matcher, not an origin", b.matcher)
	}
}

// Interface guard.
var _ caddyfile.Unmarshaler = (*Handler)(nil)
