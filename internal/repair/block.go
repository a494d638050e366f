package repair

import (
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

func (d *draft) fill(in *intent) {
	for _, o := range in.origins {
		if o.regexp {
			d.body = append(d.body, "origin_regexp "+quote(o.text))
		} else {
			d.head = append(d.head, o)
		}
		d.read(o, in)
	}
	d.rights(in)
}

// rights writes what the origins of an intent may do; without a list it is the
// usual.
func (d *draft) rights(in *intent) {
	if in.credentials {
		d.body = append(d.body, "credentials")
	}
	if in.methods != nil && !isUsual(in.methods) {
		d.option("methods", orNone(unsafe(in.methods)))
	}
	if in.headers != nil {
		d.option("headers", orNone(in.headers))
	}
	d.option("expose", in.expose)
	d.option("max_age", strings.Fields(in.maxAge))
}

// perhapsFor writes a `for` block. Its origins may do the usual where no list
// says otherwise.
func (d *draft) perhapsFor(in *intent, usual []string) {
	var names []string
	for _, o := range in.origins {
		if o.regexp {
			d.notes = append(d.notes, "an expression has no place in `for`: "+o.text)
			continue
		}
		names = append(names, o.text)
		d.read(o, in)
	}
	if len(names) == 0 {
		return
	}
	inner := &draft{}
	inner.rights(in)
	for _, u := range usual {
		name, _, _ := strings.Cut(u, " ")
		if !slices.ContainsFunc(inner.body, func(l string) bool { return strings.HasPrefix(l, name+" ") }) {
			inner.body = append(inner.body, u)
		}
	}
	d.body = append(d.body, "for "+strings.Join(names, " ")+" {")
	for _, l := range inner.body {
		d.body = append(d.body, "\t"+l)
	}
	d.body = append(d.body, "}")
}

func (d *draft) read(o claim, in *intent) {
	for _, s := range o.samples() {
		d.readers = append(d.readers, reader{origin: s, credentials: in.credentials, of: o, methods: in.methods, headers: in.headers})
	}
}

func (d *draft) option(name string, words []string) {
	if len(words) > 0 {
		d.body = append(d.body, name+" "+strings.Join(words, " "))
	}
}

func orEmpty(words []string) []string {
	if words == nil {
		return []string{}
	}
	return words
}

func orNone(words []string) []string {
	if len(words) == 0 {
		return []string{"none"}
	}
	return words
}

// unsafe leaves out a list that has only what CORS itself allows.
func unsafe(methods []string) []string {
	if slices.ContainsFunc(methods, func(m string) bool { return !httpwords.IsSafelistedMethod(m) }) {
		return methods
	}
	return nil
}

func isUsual(methods []string) bool {
	return slices.Contains(methods, "PUT") && slices.Contains(methods, "PATCH") && slices.Contains(methods, "DELETE") &&
		len(methods) <= 6 && !slices.ContainsFunc(methods, func(m string) bool {
		return !slices.Contains([]string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}, m)
	})
}

// text writes the block with a matcher.
func (d *draft) text(matcher string, raw bool) []string {
	words := []string{"cors"}
	if matcher != "" {
		words = append(words, matcher)
	}
	for _, o := range d.head {
		if raw {
			words = append(words, o.text)
		} else {
			words = append(words, o.value)
		}
	}
	head := strings.Join(words, " ")
	if len(d.body) == 0 {
		return []string{head}
	}
	lines := []string{head + " {"}
	for _, b := range d.body {
		lines = append(lines, "\t"+b)
	}
	return append(lines, "}")
}
