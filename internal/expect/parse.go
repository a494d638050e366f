package expect

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/check"
	"github.com/caddy-cors/caddy-cors/internal/origin"
)

// DefaultFile is the file that is read where none is named.
const DefaultFile = "cors.expect"

// read reads a file of expectations.
func read(file string) ([]Expectation, error) {
	body, err := os.ReadFile(filepath.Clean(file))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("there is no file %q; name one that has the expectations, or let `caddy cors test --init` write it", file)
	}
	if err != nil {
		return nil, err
	}
	return Parse(file, body)
}

// Parse reads expectations. The grammar is that of a Caddyfile, with URLs in
// the place of sites: snippets, imports and {$ENV} work too. The error names
// all mistakes.
func Parse(name string, body []byte) ([]Expectation, error) {
	blocks, err := caddyfile.Parse(name, body)
	if err != nil {
		return nil, err
	}
	var p parser
	for _, b := range blocks {
		p.block(b)
	}
	if len(p.all) == 0 && len(p.errs) == 0 {
		p.errs = append(p.errs, fmt.Errorf("%s: there is no expectation in it; write for example\n\n"+
			"\thttps://api.example.com/items {\n\t\tallow https://app.example.com\n\t\trefuse https://stranger.example\n\t}", name))
	}
	return p.all, errors.Join(p.errs...)
}

type parser struct {
	all  []Expectation
	errs []error
}

// wrong notes a mistake at a token.
func (p *parser) wrong(t caddyfile.Token, format string, args ...any) {
	p.errs = append(p.errs, fmt.Errorf("%s:%d: %w", t.File, t.Line, fmt.Errorf(format, args...)))
}

// block reads the expectations about some URLs.
func (p *parser) block(b caddyfile.ServerBlock) {
	switch {
	case b.IsNamedRoute:
		p.wrong(b.Keys[0], "a named route has no place here; write a snippet, (%s), to import lines", strings.Trim(b.Keys[0].Text, "&()"))
		return
	case len(b.Keys) == 0:
		p.wrong(b.Segments[0][0], "expectations stand in the block of a URL; write for example `https://api.example.com/items {` in front of them")
		return
	}
	for _, key := range b.Keys {
		p.url(key)
	}
	if len(b.Segments) == 0 {
		p.wrong(b.Keys[0], "nothing is expected of %q; write `allow <origin>` or `refuse <origin>` in its block", b.Keys[0].Text)
	}
	for _, s := range b.Segments {
		p.expectation(b.Keys, s)
	}
}

func (p *parser) url(key caddyfile.Token) {
	err := check.ValidateURL(key.Text)
	switch {
	case err == nil && strings.Contains(key.Text, "*"):
		p.wrong(key, "%q is a pattern, and a page asks for one URL: write one that it stands for, such as %s", key.Text, unstarred(key.Text))
	case err != nil && !strings.Contains(key.Text, "://") && strings.Contains(key.Text, "."):
		p.wrong(key, "%q has no scheme; write https://%s, the URL that pages ask for", key.Text, strings.TrimLeft(key.Text, "/"))
	case err != nil:
		p.wrong(key, "%w", err)
	}
}

// unstarred is something that a pattern stands for.
func unstarred(s string) string {
	s = strings.ReplaceAll(strings.TrimSuffix(s, ":*"), "://**.", "://any.")
	s = strings.ReplaceAll(s, "://*", "://any")
	return strings.ReplaceAll(s, "*", "")
}

// expectation reads one line, with its block, about all URLs of the block
// around it.
func (p *parser) expectation(urls []caddyfile.Token, s caddyfile.Segment) {
	d := caddyfile.NewDispenser(s)
	d.Next()
	verb := d.Token()
	if verb.Text != "allow" && verb.Text != "refuse" {
		p.wrong(verb, "unknown expectation %q; write `allow <origins...>` or `refuse <origins...>`", verb.Text)
		return
	}
	var origins []caddyfile.Token
	for d.NextArg() {
		origins = append(origins, d.Token())
	}
	if len(origins) == 0 {
		p.wrong(verb, "%s names no origin; write for example `%s https://app.example.com`", verb.Text, verb.Text)
	}
	o := options{Expectation: Expectation{File: verb.File, Line: verb.Line, Allow: verb.Text == "allow"}}
	for d.NextBlock(0) {
		p.option(&o, d)
	}
	if len(o.methods) == 0 {
		o.methods = []string{http.MethodGet}
	}
	for _, url := range urls {
		if e := (&Expectation{URL: url.Text}); e.isSocket() && o.chosen.Text != "" {
			p.wrong(o.chosen, "%q is a WebSocket, whose page chooses neither method nor headers and reads none; take `%s` out", url.Text, o.chosen.Text)
		}
		for _, at := range origins {
			p.add(&o, url.Text, at)
		}
	}
	for _, at := range origins {
		p.origin(at)
	}
}

func (p *parser) add(o *options, url string, at caddyfile.Token) {
	for _, method := range o.methods {
		e := o.Expectation
		e.URL, e.Origin, e.Method = url, at.Text, method
		p.all = append(p.all, e)
	}
}

// origin checks the origin of a page.
func (p *parser) origin(at caddyfile.Token) {
	text := at.Text
	if text == "null" {
		return
	}
	if text == "*" {
		p.wrong(at, `"*" is no origin that a page has; write that of a stranger, such as https://stranger.example`)
		return
	}
	pattern, err := origin.ParsePattern(text)
	switch {
	case err != nil:
		p.wrong(at, "%w", err)
	case pattern.Depth != origin.Exact || pattern.AnyPort:
		p.wrong(at, "%q is a pattern, and a page has one origin: write one that it covers, such as %s", text, sample(pattern))
	default:
		if _, err := browser.ParseOrigin(text); err != nil {
			p.wrong(at, "%w", err)
		}
	}
}

// sample is an origin that a pattern covers.
func sample(p origin.Pattern) string {
	host := p.Host
	switch p.Depth {
	case origin.OneLabel, origin.AnyDepth:
		host = "any." + host
	case origin.InLabel:
		host = strings.Replace(p.Label, "*", "any", 1) + "." + host
	case origin.Exact:
	}
	text := p.Scheme + "://" + host
	if p.Port != "" {
		text += ":" + p.Port
	}
	if p.AnyPort {
		text += ":3000"
	}
	return text
}
