package expect

import (
	"maps"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/policy"
)

// options are the lines of a block.
type options struct {
	Expectation

	methods []string
	chosen  caddyfile.Token // the first line that has no meaning for a WebSocket
}

var optionNames = []string{"credentials", "expose", "header", "method", "upstream"}

func (p *parser) option(o *options, d *caddyfile.Dispenser) {
	name := d.Token()
	var args []caddyfile.Token
	for d.NextArg() {
		args = append(args, d.Token())
	}
	if nesting := d.Nesting(); d.NextBlock(nesting) {
		p.wrong(name, "%q has no block here", name.Text)
		for d.NextBlock(nesting) {
			d.RemainingArgs()
		}
		return
	}
	if o.chosen.Text == "" && slices.Contains([]string{"method", "header", "expose"}, name.Text) {
		o.chosen = name
	}
	switch name.Text {
	case "credentials":
		if len(args) > 0 {
			p.wrong(args[0], "credentials takes no value, got %q; leave the line out where the page asks without", args[0].Text)
		}
		o.Credentials = true
	case "method":
		p.method(o, name, args)
	case "header":
		p.header(o, name, args)
	case "expose":
		p.expose(o, name, args)
	case "upstream":
		p.upstream(o, name, args)
	default:
		hint := "the options are " + strings.Join(optionNames, ", ")
		if near := policy.DidYouMean(name.Text, optionNames); near != "" {
			hint = "did you mean " + near + "?"
		}
		p.wrong(name, "unknown option %q; %s", name.Text, hint)
	}
}

func (p *parser) method(o *options, name caddyfile.Token, args []caddyfile.Token) {
	if len(args) == 0 {
		p.wrong(name, "method names none; write for example `method PUT`")
	}
	for _, a := range args {
		switch m := browser.NormalizeMethod(a.Text); {
		case !browser.IsMethod(m):
			p.wrong(a, "%q is not an HTTP method; write for example PUT, and several with spaces between", a.Text)
		case browser.IsForbiddenMethod(m):
			p.wrong(a, "browsers send no page's %s, so nothing can be seen of it; take it out", m)
		default:
			o.methods = append(o.methods, m)
		}
	}
}

func (p *parser) header(o *options, name caddyfile.Token, args []caddyfile.Token) {
	if len(args) == 0 || len(args) > 2 {
		p.wrong(name, "header takes a name and a value, one header a line; write for example `header Content-Type application/json`")
		return
	}
	field, value := args[0].Text, "1"
	if len(args) == 2 {
		value = args[1].Text
	}
	switch {
	case strings.HasSuffix(field, ":"):
		p.wrong(args[0], "%q has a colon, which is none of the name; write `header %s %s`", field, strings.TrimSuffix(field, ":"), value)
	case !browser.IsMethod(field): // methods and names are both tokens
		p.wrong(args[0], "%q is not the name of a header; write for example `header X-Token 1`", field)
	case strings.ContainsAny(value, "\r\n\x00"):
		p.wrong(args[1], "the value %q has a line break or a NUL in it; remove it", value)
	case strings.EqualFold(field, "Cookie"):
		p.wrong(args[0], "no page sets %q itself; write `credentials`, with which browsers send cookies", field)
	case browser.IsForbiddenRequestHeader(field, value):
		p.wrong(args[0], "no page may set %q, and browsers drop it without a word; take it out", field)
	default:
		o.Headers = append(o.Headers, [2]string{field, value})
	}
}

func (p *parser) expose(o *options, name caddyfile.Token, args []caddyfile.Token) {
	switch {
	case !o.Allow:
		p.wrong(name, "a page that is refused reads no header; take `expose` out, or write it under `allow`")
		return
	case len(args) == 0:
		p.wrong(name, "expose names no response header; write for example `expose X-Total-Count`")
	}
	for _, a := range args {
		switch {
		case a.Text == "*" || !browser.IsMethod(a.Text):
			p.wrong(a, "%q is not the name of a response header; write for example `expose X-Total-Count`", a.Text)
		case !browser.Exposes(browser.Headers{{"Access-Control-Expose-Headers", a.Text}}, "", a.Text):
			p.wrong(a, "no page can ever read %q; take it out", a.Text)
		default:
			o.Expose = append(o.Expose, a.Text)
		}
	}
}

func (p *parser) upstream(o *options, name caddyfile.Token, args []caddyfile.Token) {
	words := slices.Sorted(maps.Keys(upstreams))
	if len(args) != 1 || o.Upstream != "" {
		p.wrong(name, "upstream takes one word, once: %s", strings.Join(words, ", "))
		return
	}
	if !slices.Contains(words, args[0].Text) {
		p.wrong(args[0], "unknown upstream %q; choose from %s", args[0].Text, strings.Join(words, ", "))
		return
	}
	o.Upstream = args[0].Text
}

func joined(words []string) string { return strings.Join(words, " ") }
