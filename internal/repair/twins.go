package repair

import (
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// Two addresses are twins where the same configuration answers them, but for the
// names of hosts, paths and readers: the requests of readers and strangers come by
// handlers that are written alike, in the old configuration and in the new one,
// and are answered alike, and nothing in their sites looks at more of a request
// than at its address, its method and its origin. What is proved for one of them,
// without a loss or a note, is proved for the other.

// twin is the way of the requests to an address, as a text that twins share.
// Empty: it has none.
func (p *proof) twin(c *claimed, address string, from []string) string {
	known := address + " " + strings.Join(from, " ")
	names := p.names[known]
	if names == nil {
		names = namesOf(p.inside(address), address)
		p.names[known] = names
	}
	going := once(p.goings, known, func() string { return p.going(names, address, from) })
	if going == "" {
		return ""
	}
	var b strings.Builder
	b.WriteString(going)
	for _, o := range p.inside(address) {
		p.writeWord(&b, names, fmt.Sprint(o == c, slices.Contains(c.policy.inner, o.policy), o.text()))
	}
	return b.String()
}

// going is what the requests of some origins come by, without names, and what they
// are answered.
func (p *proof) going(names *strings.Replacer, address string, from []string) string {
	var b strings.Builder
	for _, s := range []*stage{p.before, p.after} {
		at := s.serves(baseOf(address))
		if at == nil || s.known(at.site).odd {
			return ""
		}
		p.writeWord(&b, names, s.known(at.site).after)
		p.writeWord(&b, names, plainAnswer(s, rehearsal.Question{Method: http.MethodGet, URL: address, SignedIn: true}))
		for i, origin := range from {
			fmt.Fprint(&b, "\n", i)
			for q := range p.waysOf(address, origin) {
				a, err := s.Ask(q)
				if err != nil {
					return ""
				}
				for _, h := range a.Ran {
					p.writeWord(&b, names, s.config(h))
				}
				p.writeWord(&b, names, fmt.Sprint(a.Status, a.Upstream, a.Authentication, a.Silent, fieldsOf(a.Header)))
			}
		}
	}
	return b.String()
}

// writeWord writes a number for a text without names.
func (p *proof) writeWord(b *strings.Builder, names *strings.Replacer, text string) {
	text = names.Replace(text)
	number, ok := p.words[text]
	if !ok {
		number = len(p.words)
		p.words[text] = number
	}
	b.WriteString(" " + strconv.Itoa(number))
}

// namesOf replaces what may differ: the host, the beginning of the path, and the
// hosts of origins that are written out. Of those, how many labels they have, and
// the last one, may not.
func namesOf(inside []*claimed, address string) *strings.Replacer {
	var pairs []string
	add := func(kind, name string) {
		labels := strings.Split(name, ".")
		last := labels[len(labels)-1]
		if strings.Trim(last, "0123456789]") != "" && !slices.Contains(pairs, name) {
			pairs = append(pairs, name, fmt.Sprint("\x00", kind, len(pairs), " ", len(labels), " ", last, "\x00"))
		}
	}
	u, err := url.Parse(address)
	if err != nil {
		return strings.NewReplacer()
	}
	add("host", u.Hostname())
	for _, c := range inside {
		for _, r := range c.draft.readers {
			if o, err := url.Parse(r.origin); err == nil && !r.everybody && !r.of.regexp && !strings.Contains(r.of.value, "*") {
				add("reader", o.Hostname())
			}
		}
	}
	if first, rest, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/"); rest != "" {
		pairs = append(pairs, "/"+first+"/", "/\x00path\x00/", "/"+first+`"`, "/\x00path\x00\"")
	}
	return strings.NewReplacer(pairs...)
}

// text is what a proof knows of a claim.
func (c *claimed) text() string {
	var b strings.Builder
	fmt.Fprintln(&b, c.keep, c.always, len(c.counts), c.policy.of != nil, len(c.policy.scope), c.written)
	for _, r := range c.draft.readers {
		fmt.Fprintln(&b, r.origin, r.credentials, r.everybody, r.of.value, r.of.regexp, r.methods, r.methods == nil, r.headers, r.headers == nil)
	}
	for _, l := range c.policy.lines {
		fmt.Fprintln(&b, l.verb, l.field, l.value, l.ifMissing, l.onlyOptions(), l.key() == "", l.key() == c.policy.key)
	}
	return b.String()
}

// fieldsOf are the fields of an answer that a browser looks at.
func fieldsOf(header http.Header) (fields []string) {
	for name, values := range header {
		if httpwords.IsCORSResponseHeader(name) || name == httpwords.Vary || name == "Location" {
			fields = append(fields, name+": "+strings.Join(values, ", "))
		}
	}
	slices.Sort(fields)
	return fields
}

// waysOf are the requests that show which way an address goes, for one origin:
// of methods, which no matcher tells apart, two are enough.
func (p *proof) waysOf(address, origin string) iter.Seq[rehearsal.Question] {
	methods := []string{http.MethodGet, http.MethodPut, http.MethodPost, http.MethodDelete, http.MethodPatch}
	isAlike := func(s *stage) bool {
		at := s.serves(baseOf(address))
		return at != nil && !s.known(at.site).methods
	}
	if isAlike(p.before) && isAlike(p.after) {
		methods = methods[:2]
	}
	return func(yield func(rehearsal.Question) bool) {
		for _, method := range methods {
			from := [2]string{"Origin", origin}
			if !yield(rehearsal.Question{Method: method, URL: address, Headers: [][2]string{from}, SignedIn: true}) ||
				!yield(rehearsal.Question{Method: http.MethodOptions, URL: address, Headers: [][2]string{from, {"Access-Control-Request-Method", method}}}) {
				return
			}
		}
	}
}
