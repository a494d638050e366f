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
	if m := unknownMatcher.FindStringSubmatch(err.Error()); m != nil && fromAll(blocks, m[1], withoutMatcher) {
		return true
	}
	if m := unknownName.FindStringSubmatch(err.Error()); m != nil && fromAll(blocks, m[1], withoutName) {
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

// fromAll leaves something of a name out of all blocks.
func fromAll(blocks []caddyfile.ServerBlock, name string, without func([]caddyfile.Segment, string) ([]caddyfile.Segment, bool)) (found bool) {
	for i := range blocks {
		rest, gone := without(blocks[i].Segments, name)
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

// withoutMatcher leaves out the definitions of matchers that are of a kind. Lines with
// their names are then left out as well.
func withoutMatcher(segments []caddyfile.Segment, kind string) (rest []caddyfile.Segment, found bool) {
	for _, s := range segments {
		ofKind := slices.ContainsFunc(s, func(t caddyfile.Token) bool { return t.Text == kind })
		if strings.HasPrefix(s.Directive(), "@") && ofKind {
			found = true
			continue
		}
		if head, body, ok := split(s); ok && ofKind && nested[s.Directive()] {
			inner, gone := withoutMatcher(body, kind)
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

// withoutName leaves out all directives of a name, or with a matcher of it.
func withoutName(segments []caddyfile.Segment, name string) (rest []caddyfile.Segment, found bool) {
	for _, s := range segments {
		if s.Directive() == name || len(s) > 1 && s[1].Text == name && name[0] == '@' {
			found = true
			continue
		}
		if head, body, ok := split(s); ok && nested[s.Directive()] {
			inner, gone := withoutName(body, name)
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
