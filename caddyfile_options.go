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

	"github.com/caddy-cors/caddy-cors/internal/policy"
	"github.com/caddy-cors/caddy-cors/origins"
)

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
		"methods":           permissionsOption(func(r *Permissions) *[]string { return &r.Methods }),
		"headers":           permissionsOption(func(r *Permissions) *[]string { return &r.Headers }),
		"expose":            permissionsOption(func(r *Permissions) *[]string { return &r.Expose }),
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

// forOptionNames are the options that a `for` can change.
var forOptionNames = []string{"credentials", "methods", "headers", "expose", "max_age"}

// forOrigins reads a `for`: origins, and a block of permissions.
func (b *block) forOrigins(string) {
	i := len(b.handler.For)
	prefix := forPrefix(i)
	b.handler.For = append(b.handler.For, For{})
	b.here(prefix)
	for b.NextArg() {
		b.handler.For[i].Origins = append(b.handler.For[i].Origins, b.Val())
		b.here(prefix + "origins")
	}
	b.permissions, b.prefix = &b.handler.For[i].Permissions, prefix
	for nesting := b.Nesting(); b.NextBlock(nesting); {
		b.option()
	}
	b.permissions, b.prefix = &b.handler.Permissions, ""
}

// listOption parses the values of an option that adds up.
func listOption(field func(*Handler) *[]string) func(*block, string) {
	return func(b *block, name string) { b.list(name, field(b.handler)) }
}

func permissionsOption(field func(*Permissions) *[]string) func(*block, string) {
	return func(b *block, name string) { b.list(name, field(b.permissions)) }
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
		words := strings.Join(policy.Words(name), ", ")
		if words != "" {
			words = " (" + words + ")"
		}
		b.complain("%s needs at least one value%s; if it comes from {$NAME}, that variable is empty", plainName(name), words)
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
	if earlier := b.locations[name]; len(earlier) > 0 {
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
		b.permissions.Credentials = new(true)
	case len(args) == 1 && args[0] == "false":
		b.permissions.Credentials = new(false)
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
	id := origins.Namespace + "." + word
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
		b.locations[name] = b.locations[name][:len(b.locations[name])-1]
		b.raw = append(b.raw, err.Error())
		return
	}
	b.handler.OriginsFromRaw = append(b.handler.OriginsFromRaw,
		caddyconfig.JSONModuleObject(source, "source", info.ID.Name(), nil))
	b.lost = lost
}

func sourceNames() (names []string) {
	for _, m := range caddy.GetModules(origins.Namespace) {
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
		b.permissions.MaxAge = new(caddy.Duration(-time.Second))
		return
	}
	d, err := parseMaxAge(w)
	if err != nil {
		b.complain("%v", err)
		return
	}
	b.permissions.MaxAge = new(caddy.Duration(d))
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
