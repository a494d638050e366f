package rehearsal

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

// marking puts numbers into the tokens of a Caddyfile.
type marking struct {
	skip  []string // directives that stand in no route
	marks []Place
	line  int
}

// nested are the directives with directives in their block; in a proxy and in
// `intercept` they are in the block of one of its options.
var nested = map[string]bool{
	"handle": true, "handle_path": true, "route": true, "handle_errors": true, "handle_response": true, "named_route": true,
}

var withResponses = map[string]bool{"reverse_proxy": true, "php_fastcgi": true, "forward_auth": true, "intercept": true}

func (m *marking) blocks(blocks []caddyfile.ServerBlock) []caddyfile.ServerBlock {
	out := make([]caddyfile.ServerBlock, len(blocks))
	for i, block := range blocks {
		out[i] = block
		out[i].Keys = slices.Clone(block.Keys)
		switch {
		case block.IsNamedRoute:
			out[i].Segments = nil
			for _, s := range block.Segments {
				out[i].Segments = append(out[i].Segments, m.inBlock(s, "", nil))
			}
		case len(block.Keys) > 0:
			out[i].Segments = m.segments(block.Segments, nil)
		default: // global options
			out[i].Segments = nil
			for _, s := range block.Segments {
				out[i].Segments = append(out[i].Segments, slices.Clone(s))
			}
		}
	}
	return out
}

// segments marks the directives of one block.
func (m *marking) segments(segments []caddyfile.Segment, defs map[string]string) []caddyfile.Segment {
	defs = withDefinitions(segments, defs)
	out := make([]caddyfile.Segment, 0, len(segments))
	for _, s := range segments {
		switch name := s.Directive(); {
		case strings.HasPrefix(name, "@"):
			out = append(out, slices.Clone(s))
		case slices.Contains(m.skip, name):
			out = append(out, m.inBlock(s, name, defs))
		default:
			number := len(m.marks)
			m.marks = append(m.marks, placeOf(s, defs))
			var wrapped caddyfile.Segment
			wrapped = m.add(wrapped, "route", "{")
			wrapped = m.add(wrapped, "vars", markName, strconv.Itoa(number))
			wrapped = append(wrapped, m.inBlock(s, name, defs)...)
			wrapped = m.add(wrapped, "}")
			out = append(out, wrapped)
		}
	}
	return out
}

// inBlock marks what is in the directive's block, if those are directives.
func (m *marking) inBlock(s caddyfile.Segment, name string, defs map[string]string) caddyfile.Segment {
	if name == "" {
		name = "named_route"
	}
	if !nested[name] && !withResponses[name] {
		return slices.Clone(s)
	}
	head, body, ok := split(s)
	if !ok {
		return slices.Clone(s)
	}
	out := append(slices.Clone(head), s[len(head)]) // with its brace
	if name == "named_route" {
		// Caddy keeps only the first of several handlers without a matcher.
		out = m.add(out, "route", "{")
	}
	if nested[name] {
		body = m.segments(body, defs)
	} else {
		defs = withDefinitions(body, defs)
		for i, option := range body {
			if option.Directive() == "handle_response" {
				body[i] = m.inBlock(option, "handle_response", defs)
			}
		}
	}
	for _, inner := range body {
		out = append(out, inner...)
	}
	if name == "named_route" {
		out = m.add(out, "}")
	}
	return append(out, s[len(s)-1])
}

// add appends the words of one line of our own: a file of another name is
// always another line.
func (m *marking) add(to caddyfile.Segment, words ...string) caddyfile.Segment {
	m.line++
	for _, w := range words {
		to = append(to, caddyfile.Token{File: markName, Line: m.line, Text: w})
	}
	return to
}

// split takes a directive with a block apart.
func split(s caddyfile.Segment) (head caddyfile.Segment, body []caddyfile.Segment, ok bool) {
	d := caddyfile.NewDispenser(s)
	d.Next()
	n := 1
	for d.NextArg() {
		n++
	}
	if n >= len(s) || s[n].Text != "{" || s[len(s)-1].Text != "}" {
		return nil, nil, false
	}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		body = append(body, d.NextSegment())
	}
	return s[:n], body, true
}

func withDefinitions(segments []caddyfile.Segment, defs map[string]string) map[string]string {
	own := map[string]string{}
	maps.Copy(own, defs)
	for _, s := range segments {
		if name := s.Directive(); strings.HasPrefix(name, "@") {
			own[name] = textOf(s)
		}
	}
	return own
}

func placeOf(s caddyfile.Segment, defs map[string]string) Place {
	n := 1
	for n < len(s) && s[n].File == s[0].File && s[n].Line == s[0].Line && s[n].Text != "{" {
		n++
	}
	p := Place{File: s[0].File, Line: s[0].Line, Text: textOf(s[:n]), tokens: s}
	if n > 1 {
		p.Matcher = defs[s[1].Text]
	}
	return p
}

// textOf writes tokens as in a file, on one line.
func textOf(s caddyfile.Segment) string {
	words := make([]string, 0, len(s))
	for _, t := range s {
		word := t.Text
		if word == "" || strings.ContainsAny(word, " \t\n\"") {
			word = strconv.Quote(word)
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}
