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
	out := copyBlocks(blocks)
	for i, block := range out {
		switch {
		case block.IsNamedRoute:
			for j, s := range block.Segments {
				block.Segments[j] = m.inBlock(s, "named_route", nil)
			}
		case len(block.Keys) > 0: // else global options
			out[i].Segments = m.segments(block.Segments, nil)
		}
	}
	return out
}

// copyBlocks copies what Caddy's adapter changes.
func copyBlocks(blocks []caddyfile.ServerBlock) []caddyfile.ServerBlock {
	all := slices.Clone(blocks)
	for i := range all {
		all[i].Keys = slices.Clone(all[i].Keys)
		all[i].Segments = slices.Clone(all[i].Segments)
		for j, s := range all[i].Segments {
			all[i].Segments[j] = slices.Clone(s)
		}
	}
	return all
}

// segments marks the directives of one block.
func (m *marking) segments(segments []caddyfile.Segment, defs map[string]string) []caddyfile.Segment {
	defs = withDefinitions(segments, defs)
	out := make([]caddyfile.Segment, 0, len(segments))
	for _, s := range segments {
		switch name := s.Directive(); {
		case strings.HasPrefix(name, "@"):
			out = append(out, s)
		case slices.Contains(m.skip, name):
			out = append(out, m.inBlock(s, name, defs))
		default:
			number := len(m.marks)
			m.marks = append(m.marks, placeOf(s, defs))
			wrapped := m.add(nil, "route", "{")
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
	return changeBlock(s, func(body []caddyfile.Segment) []caddyfile.Segment {
		switch {
		case name == "named_route":
			// Caddy keeps only the first of several handlers without a matcher.
			return slices.Concat([]caddyfile.Segment{m.add(nil, "route", "{")}, m.segments(body, defs), []caddyfile.Segment{m.add(nil, "}")})
		case nested[name]:
			return m.segments(body, defs)
		case withResponses[name]:
			defs = withDefinitions(body, defs)
			for i, option := range body {
				if option.Directive() == "handle_response" {
					body[i] = m.inBlock(option, "handle_response", defs)
				}
			}
		}
		return body
	})
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

// changeBlock changes what is in the block of a directive, if it has one.
func changeBlock(s caddyfile.Segment, change func([]caddyfile.Segment) []caddyfile.Segment) caddyfile.Segment {
	d := caddyfile.NewDispenser(s)
	d.Next()
	n := 1 + len(d.RemainingArgs())
	if n >= len(s) || s[n].Text != "{" || s[len(s)-1].Text != "}" {
		return s
	}
	var body []caddyfile.Segment
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		body = append(body, d.NextSegment())
	}
	return slices.Concat(s[:n+1], slices.Concat(change(body)...), s[len(s)-1:])
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
