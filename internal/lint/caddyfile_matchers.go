package lint

import (
	"net/http"
	"strings"
)

// readMatcher reads the definition of a named matcher.
func readMatcher(d directive) matcher {
	if d.quoted {
		return matcher{set{readExpression(strings.Join(d.args, " "), d.at)}}
	}
	var s set
	if len(d.args) > 0 {
		s = s.with(directive{name: d.args[0], at: d.at, args: d.args[1:], block: d.block})
	} else {
		for _, line := range d.block {
			s = s.with(line)
		}
	}
	return matcher{s}
}

// with adds a line of a matcher's definition. Lines of one kind are joined:
// their values are alternatives, but for `not`, where each one refuses.
func (s set) with(d directive) set {
	t := readTest(d)
	for i := range s {
		if s[i].kind != t.kind || s[i].field != t.field {
			continue
		}
		switch t.kind {
		case "not":
			s[i].not = append(s[i].not, t.not...)
			return s
		case "method", "path", "host", "header":
			s[i].values = append(s[i].values, t.values...)
			return s
		}
	}
	return append(s, t)
}

func readTest(d directive) test {
	t := test{kind: d.name, values: d.args, at: d.at}
	switch d.name {
	case "not":
		t.values = nil
		t.not = readMatcher(directive{args: d.args, at: d.at, block: d.block, quoted: d.quoted})
	case "expression":
		return readExpression(strings.Join(d.args, " "), d.at)
	case "header":
		t.header(d.args)
	case "header_regexp":
		if len(d.args) == 3 { // with a name in front
			d.args = d.args[1:]
		}
		t.header(d.args)
	}
	return t
}

// header reads the field and the value of a header matcher.
func (t *test) header(args []string) {
	t.values = nil
	if len(args) == 0 {
		return
	}
	field, absent := strings.CutPrefix(args[0], "!")
	t.field, t.absent = http.CanonicalHeaderKey(field), absent
	for _, v := range args[1:] {
		t.values = append(t.values, fullPlaceholder.Replace(v))
	}
}

// wordMatcher is the matcher of a directive's first word.
func wordMatcher(word string, named map[string]matcher, at place) matcher {
	switch {
	case word == "" || word == "*":
		return nil
	case strings.HasPrefix(word, "/"):
		return matcher{set{{kind: "path", values: []string{word}, at: at}}}
	}
	if m, ok := named[word]; ok {
		return m
	}
	// Caddy will refuse the file; here it must not match everything.
	return matcher{set{{kind: "unknown", at: at}}}
}
