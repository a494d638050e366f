package rehearsal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
)

// maxLeftOut bounds how many directives of a Caddyfile are left out.
const maxLeftOut = 50

// LeftOut is what Caddy cannot load, and was left out: a directive, an option of one,
// a line, or what a module is missing for.
type LeftOut struct {
	Place
	At  int // the line that Caddy names, if it names one
	Err error
	// Body is all that was left out, and Sites are the addresses of the site it stood
	// in. Empty: that is not known.
	Body  string
	Sites []string
}

// tolerance is a Caddyfile of which ever more is left out.
type tolerance struct {
	blocks []caddyfile.ServerBlock
	gone   []LeftOut
}

// tolerated makes ready what Caddy can adapt of a Caddyfile: the directives that
// its errors name are left out, one by one. The first error goes along.
func tolerated(name string, body []byte, o Options, first error) (*Rehearsal, error) {
	var t tolerance
	if !t.parse(name, body) {
		return nil, first
	}
	for range maxLeftOut {
		config, _, err := httpcaddyfile.ServerType{}.Setup(copyBlocks(t.blocks), nil)
		if err != nil {
			if !t.leaveOut(err) {
				return nil, first
			}
			continue
		}
		raw, err := json.Marshal(config)
		if err != nil {
			return nil, first
		}
		r, _ := prepare(raw, placesIn(t.blocks), o)
		if r == nil {
			return nil, first
		}
		r.sources, r.LeftOut = map[string][]byte{name: body}, append(t.gone, r.LeftOut...)
		return r, first
	}
	return nil, first
}

// parse reads a Caddyfile without the lines that cannot be read, such as an import
// of a file that is not there.
func (t *tolerance) parse(name string, body []byte) bool {
	lines := bytes.SplitAfter(body, []byte("\n"))
	for range maxLeftOut {
		blocks, err := caddyfile.Parse(name, bytes.Join(lines, nil))
		if err == nil {
			t.blocks = blocks
			return true
		}
		gone := false
		for _, m := range placeInError.FindAllStringSubmatch(err.Error(), -1) {
			if n, _ := strconv.Atoi(m[2]); strings.HasSuffix(name, m[1]) && n > 0 && n <= len(lines) && len(bytes.TrimSpace(lines[n-1])) > 0 {
				place := Place{File: name, Line: n, Text: string(bytes.TrimSpace(lines[n-1]))}
				t.gone = append(t.gone, LeftOut{Place: place, At: n, Err: err, Body: place.Text})
				lines[n-1], gone = []byte("\n"), true
				break
			}
		}
		if !gone {
			return false
		}
	}
	return false
}

var placeInError = regexp.MustCompile(`([^\s:,]+):(\d+)`)

var unknownName = regexp.MustCompile(`(?:unrecognized directive|unrecognized matcher name): (\S+)`)

var unknownMatcher = regexp.MustCompile(`getting matcher module '([^']+)'`)

var twiceDefined = regexp.MustCompile(`ambiguous site definition: (\S+)`)

// leaveOut takes away what an error names.
func (t *tolerance) leaveOut(err error) bool {
	if m := twiceDefined.FindStringSubmatch(err.Error()); m != nil && t.setApart(m[1]) {
		return true
	}
	if m := unknownMatcher.FindStringSubmatch(err.Error()); m != nil && t.without(err, 0, func(s caddyfile.Segment, _ bool) bool { return defines(s, m[1]) }) {
		return true
	}
	if m := unknownName.FindStringSubmatch(err.Error()); m != nil && t.without(err, 0, func(s caddyfile.Segment, option bool) bool { return !option && names(s, m[1]) }) {
		return true
	}
	for _, m := range placeInError.FindAllStringSubmatch(err.Error(), -1) {
		line, _ := strconv.Atoi(m[2])
		at := func(t caddyfile.Token) bool { return t.Line == line && strings.HasSuffix(t.File, m[1]) }
		if t.without(err, line, func(s caddyfile.Segment, _ bool) bool { return slices.ContainsFunc(s, at) }) {
			return true
		}
	}
	return false
}

// setApart gives the sites of an address that has several an interface each, which
// Caddy takes, and no question sees.
func (t *tolerance) setApart(address string) (changed bool) {
	first := true
	for i := range t.blocks {
		b := &t.blocks[i]
		if !slices.Contains(b.GetKeysText(), address) {
			continue
		}
		own := func(s caddyfile.Segment) bool { return s.Directive() == "bind" && s[0].File == markName }
		if first || slices.ContainsFunc(b.Segments, own) {
			first = false
			continue
		}
		b.Segments = slices.DeleteFunc(b.Segments, func(s caddyfile.Segment) bool { return s.Directive() == "bind" })
		var m marking
		b.Segments = append(b.Segments, m.add(nil, "bind", fmt.Sprintf("127.1.%d.%d", i/256, i%256)))
		changed = true
	}
	return changed
}

// defines reports whether a directive is a matcher of a kind.
func defines(s caddyfile.Segment, kind string) bool {
	return strings.HasPrefix(s.Directive(), "@") && slices.ContainsFunc(s, func(t caddyfile.Token) bool { return t.Text == kind })
}

// names reports whether a directive has a name, or a matcher of that name.
func names(s caddyfile.Segment, name string) bool {
	return s.Directive() == name || len(s) > 1 && s[1].Text == name && name[0] == '@'
}

// without leaves directives, and options of those with responses in them, out of all
// blocks, at any depth. The innermost goes first.
func (t *tolerance) without(err error, line int, those func(s caddyfile.Segment, option bool) bool) bool {
	before := len(t.gone)
	var sites []string
	var rest func(segments []caddyfile.Segment, options bool) []caddyfile.Segment
	rest = func(segments []caddyfile.Segment, options bool) (left []caddyfile.Segment) {
		for _, s := range segments {
			if name := s.Directive(); nested[name] || withResponses[name] {
				s = changeBlock(s, func(body []caddyfile.Segment) []caddyfile.Segment { return rest(body, withResponses[name]) })
			}
			if those(s, options) {
				t.gone = append(t.gone, LeftOut{Place: placeOf(s, nil), At: line, Err: err, Body: textOf(s), Sites: sites})
				continue
			}
			left = append(left, s)
		}
		return left
	}
	for i := range t.blocks {
		sites = t.blocks[i].GetKeysText()
		t.blocks[i].Segments = rest(t.blocks[i].Segments, false)
	}
	return len(t.gone) > before
}
