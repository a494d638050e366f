package rehearsal

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
)

// maxLeftOut bounds how many directives of a Caddyfile are left out.
const maxLeftOut = 50

// tolerated makes ready what Caddy can adapt of a Caddyfile: the directives that
// its errors name are left out, one by one. The first error goes along.
func tolerated(name string, body []byte, o Options, first error) (*Rehearsal, error) {
	blocks, ok := parsed(name, body)
	if !ok {
		return nil, first
	}
	for range maxLeftOut {
		config, _, err := httpcaddyfile.ServerType{}.Setup(copyBlocks(blocks), nil)
		if err != nil {
			if !leaveOut(blocks, err) {
				return nil, first
			}
			continue
		}
		raw, err := json.Marshal(config)
		if err != nil {
			return nil, first
		}
		r, _ := prepare(raw, placesIn(blocks), o)
		if r == nil {
			return nil, first
		}
		r.sources = map[string][]byte{name: body}
		return r, first
	}
	return nil, first
}

// parsed reads a Caddyfile without the lines that cannot be read, such as an import
// of a file that is not there.
func parsed(name string, body []byte) (blocks []caddyfile.ServerBlock, ok bool) {
	lines := bytes.SplitAfter(body, []byte("\n"))
	for range maxLeftOut {
		blocks, err := caddyfile.Parse(name, bytes.Join(lines, nil))
		if err == nil {
			return blocks, true
		}
		gone := false
		for _, m := range placeInError.FindAllStringSubmatch(err.Error(), -1) {
			if n, _ := strconv.Atoi(m[2]); strings.HasSuffix(name, m[1]) && n > 0 && n <= len(lines) && len(bytes.TrimSpace(lines[n-1])) > 0 {
				lines[n-1], gone = []byte("\n"), true
				break
			}
		}
		if !gone {
			return nil, false
		}
	}
	return nil, false
}

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

var placeInError = regexp.MustCompile(`([^\s:,]+):(\d+)`)

var unknownName = regexp.MustCompile(`(?:unrecognized directive|unrecognized matcher name): (\S+)`)

var unknownMatcher = regexp.MustCompile(`getting matcher module '([^']+)'`)

// leaveOut takes the directives away that an error names.
func leaveOut(blocks []caddyfile.ServerBlock, err error) bool {
	if m := unknownMatcher.FindStringSubmatch(err.Error()); m != nil && fromAll(blocks, func(s caddyfile.Segment) bool { return defines(s, m[1]) }) {
		return true
	}
	if m := unknownName.FindStringSubmatch(err.Error()); m != nil && fromAll(blocks, func(s caddyfile.Segment) bool { return names(s, m[1]) }) {
		return true
	}
	for _, m := range placeInError.FindAllStringSubmatch(err.Error(), -1) {
		line, _ := strconv.Atoi(m[2])
		for i := range blocks {
			for j, s := range blocks[i].Segments {
				rest, found := without(s, m[1], line)
				if !found {
					continue
				}
				blocks[i].Segments[j] = rest
				if len(rest) == 0 {
					blocks[i].Segments = slices.Delete(blocks[i].Segments, j, j+1)
				}
				return true
			}
		}
	}
	return false
}

// defines reports whether a directive is a matcher of a kind.
func defines(s caddyfile.Segment, kind string) bool {
	return strings.HasPrefix(s.Directive(), "@") && slices.ContainsFunc(s, func(t caddyfile.Token) bool { return t.Text == kind })
}

// names reports whether a directive has a name, or a matcher of that name.
func names(s caddyfile.Segment, name string) bool {
	return s.Directive() == name || len(s) > 1 && s[1].Text == name && name[0] == '@'
}

// fromAll leaves directives out of all blocks.
func fromAll(blocks []caddyfile.ServerBlock, those func(caddyfile.Segment) bool) (found bool) {
	for i := range blocks {
		rest, gone := withoutThose(blocks[i].Segments, those)
		blocks[i].Segments, found = rest, found || gone
	}
	return found
}

// without is a directive without what stands on a line: all of it, or one of
// the directives in its block.
func without(s caddyfile.Segment, file string, line int) (rest caddyfile.Segment, found bool) {
	at := func(t caddyfile.Token) bool { return t.Line == line && strings.HasSuffix(t.File, file) }
	if !slices.ContainsFunc(s, at) {
		return s, false
	}
	head, body, ok := split(s)
	if !ok || slices.ContainsFunc(head, at) || !nested[s.Directive()] {
		return nil, true
	}
	out := append(slices.Clone(head), s[len(head)])
	for _, inner := range body {
		rest, gone := without(inner, file, line)
		found = found || gone
		out = append(out, rest...)
	}
	return append(out, s[len(s)-1]), found
}

// withoutThose leaves directives out, at any depth.
func withoutThose(segments []caddyfile.Segment, those func(caddyfile.Segment) bool) (rest []caddyfile.Segment, found bool) {
	for _, s := range segments {
		if those(s) {
			found = true
			continue
		}
		if head, body, ok := split(s); ok && nested[s.Directive()] {
			inner, gone := withoutThose(body, those)
			found = found || gone
			out := append(slices.Clone(head), s[len(head)])
			for _, b := range inner {
				out = append(out, b...)
			}
			s = append(out, s[len(s)-1])
		}
		rest = append(rest, s)
	}
	return rest, found
}
