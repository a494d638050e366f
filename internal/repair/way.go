package repair

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/matrix"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// Two addresses are twins where the same configuration answers them, but for the
// names of hosts, paths and readers: the requests of readers and strangers come by
// handlers that are written alike, in the old configuration and in the new one,
// and are answered alike, and nothing in their sites looks at more of a request
// than at its address, its method and its origin. What is proved for one of them,
// without a loss or a note, is proved for the other.

// way is which handlers the requests to an address come by, what they are answered,
// and which policies are for them, as a text that twins share. An address that has
// no twins shares it with others of its site where just the same handlers run.
func (p *proof) way(c *claimed, address string) string {
	inside, from := p.inside(address), append(c.walkers(), "")
	odd := func(s *stage) bool { at := s.serves(address); return at == nil || at.odd }
	names := namesOf(inside, address)
	var own strings.Builder
	for _, o := range inside {
		fmt.Fprint(&own, o == c, slices.Contains(c.policy.inner, o.policy), o.text())
	}
	if nested := p.before.nested(address); odd(p.before) || odd(p.after) || nested != "" {
		names = strings.NewReplacer()
		own.Reset()
		own.WriteString(nested)
		for _, o := range slices.Concat(inside, []*claimed{c}) {
			fmt.Fprintf(&own, "%p ", o)
		}
	}
	going := p.once("way", address, strings.Join(from, " "), func() string {
		return names.Replace(p.before.going(address, from) + p.after.going(address, from))
	})
	return going + names.Replace(own.String())
}

// going is what the requests of some origins come by, and what they are answered.
func (s *stage) going(address string, from []string) string {
	at := s.serves(address)
	if at == nil {
		return s.err.Error()
	}
	if !at.apart {
		from = []string{matrix.Stranger} // as any other, and as nobody
	}
	var b strings.Builder
	b.WriteString(at.after)
	known := map[*rehearsal.Handler]int{}
	for _, origin := range from {
		for _, method := range at.methods {
			for _, preflight := range []bool{false, true} {
				a, err := s.Ask(asked(address, origin, method, preflight))
				if err != nil {
					fmt.Fprintln(&b, err)
					continue
				}
				at.trace(&b, a.Ran, known)
				fmt.Fprintln(&b, a.Status, a.Upstream, a.Authentication, a.Silent, a.Header)
			}
		}
	}
	return random.ReplaceAllString(b.String(), "")
}

// trace writes handlers: their configuration the first time, and then a number.
func (p *place) trace(b *strings.Builder, ran []*rehearsal.Handler, known map[*rehearsal.Handler]int) {
	for _, h := range ran {
		switch {
		case p.odd:
			known[h] = h.ID
		case known[h] == 0:
			known[h] = len(known) + 1
			b.WriteString(p.configs[h])
		}
		fmt.Fprint(b, " ", known[h])
	}
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
	fmt.Fprintf(&b, "%#v\n", c.draft.readers)
	for _, l := range c.policy.lines {
		fmt.Fprintln(&b, l.verb, l.field, l.value, l.ifMissing, l.onlyOptions(), l.key() == "", l.key() == c.policy.key)
	}
	return b.String()
}
