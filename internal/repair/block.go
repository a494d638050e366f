package repair

import (
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// fill writes the origins of an intent, and what they may do.
func (d *draft) fill(in *intent) {
	for _, o := range in.origins {
		d.head = append(d.head, o)
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
	if in.methods != nil && (in.everybody || !isUsual(in.methods)) {
		d.option("methods", orNone(unsafe(in.methods)))
	}
	if in.headers != nil {
		d.option("headers", orNone(in.headers))
	}
	d.option("expose", in.expose)
	d.option("max_age", strings.Fields(in.maxAge))
}

// perhapsFor writes a `for` block, if an origin can stand in it.
func (d *draft) perhapsFor(in *intent) {
	block := &draft{}
	for _, o := range in.origins {
		switch {
		case !o.regexp:
			block.head = append(block.head, o)
			d.read(o, in)
		case in.credentials:
			d.refused = "pages that " + o.value + " lets in have credentials, and others have none: an expression has no place in `for`; list the origins"
		default:
			d.notes = append(d.notes, "pages that "+o.value+" lets in have no more rights than all others: an expression has no place in `for`")
		}
	}
	if len(block.head) > 0 {
		block.rights(in)
		d.fors = append(d.fors, block)
	}
}

func (d *draft) read(o claim, in *intent) {
	for _, s := range o.samples() {
		if slices.ContainsFunc(in.except, func(e string) bool { return claim{value: e}.covers(s) }) {
			continue
		}
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
	all := appendNew([]string{"GET", "HEAD", "POST"}, methods...)
	slices.Sort(all)
	return slices.Equal(all, []string{"DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"})
}

// text writes a block: origins, then options.
func (d *draft) text(head string, spell func(claim) string) []string {
	var body []string
	for _, o := range d.head {
		word := spell(o)
		if o.regexp {
			body = append(body, "origin_regexp "+quote(word))
		} else {
			head += " " + word
		}
	}
	body = append(body, d.body...)
	for _, block := range d.fors {
		body = append(body, block.text("for", spell)...)
	}
	return braced(head, body)
}
