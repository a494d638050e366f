package repair

import (
	"cmp"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/matrix"
)

// reader is a page that must be able to read.
type reader struct {
	origin      string
	credentials bool
	everybody   bool // it stands for every page
	of          claim
	methods     []string // what it may send beyond the safelisted; nil: the usual
	headers     []string
}

// draft is what replaces a policy.
type draft struct {
	head    []claim  // origins, expressions among them
	body    []string // options
	fors    []*draft // blocks for some origins
	readers []reader
	notes   []string
	chosen  bool   // of the pages that an expression lets in, some were chosen
	refused string // why it cannot be written
}

// with adds options.
func (d *draft) with(options []string) *draft {
	more := *d
	more.body = slices.Concat(d.body, options)
	return &more
}

// draft writes the cors block for a policy, or reads the one that is there. The
// reason says why there is none.
func (p *policy) draft(before *stage, given []string) (d *draft, reason string) {
	switch ds := p.directives(); {
	case len(ds) > 1:
		return nil, "several cors directives stand in one place, and the first one decides; leave one of them, and run lint again"
	case len(ds) == 1:
		return directiveDraft(ds[0].node), ""
	}
	if !p.allows(func(l *line) bool { return !l.onError() }) {
		return nil, "it is for errors only, and nothing says whom the other answers are for: put a `cors` with the origins into the site by hand"
	}
	says := &voice{before, p}
	var all []*intent
	for i, part := range p.parts() {
		in := &intent{}
		in.add(part, says)
		in.limit(p.parted())
		if i > 0 {
			in.byMatcher(part, all)
			in.credentials = in.credentials || all[0].credentials
			in.merge(all[0])
		}
		with, reason := in.apart(says)
		if reason != "" {
			return nil, reason
		}
		if all = append(all, in); with != nil {
			all = append(all, with)
		}
	}
	base := all[0]
	d = &draft{}
	if reason := d.readGiven(all, given); reason != "" {
		return nil, reason
	}
	if slices.ContainsFunc(all, func(in *intent) bool { return in.null }) {
		d.notes = append(d.notes, "null is allowed no longer: every sandboxed page sends it")
	}
	if p.errorsForOthers() {
		d.notes = append(d.notes, "whom only the lines for errors let in can read errors no longer")
	}
	if p.onlyPreflights() {
		d.notes = append(d.notes, "the old lines answer preflights only: whom they are for can now read the answers too")
	}
	if base.everybody {
		d.forEverybody(base, all[1:])
	} else {
		d.forNamed(all)
	}
	if d.refused != "" {
		return nil, d.refused
	}
	if slices.ContainsFunc(d.readers, func(r reader) bool { return r.credentials && r.of.insecure() }) {
		d.body = append(d.body, "dangerously_allow insecure_origins")
	}
	return d, ""
}

// directiveDraft reads whom a cors directive lets in.
func directiveDraft(n *node) *draft {
	in := &intent{methods: []string{}, headers: []string{}} // of what it may do, only reading is asked
	lists := slices.Clone(n.args())
	for _, o := range n.children {
		switch o.name() {
		case "origins", "origin", "allowed_origins":
			lists = append(lists, o.words[1:]...)
		case "credentials", "allow_credentials":
			in.credentials = len(o.words) == 1 || o.words[1] == "true"
		}
	}
	d := &draft{}
	for _, o := range splitList(strings.Join(lists, " ")) {
		in.claim(claim{value: o})
		if o == "*" {
			d.readers = append(d.readers, reader{origin: matrix.Anybody, everybody: true, methods: in.methods, headers: in.headers})
		}
	}
	for _, o := range in.origins {
		d.read(o, in)
	}
	return d
}

// readGiven puts the origins that were given with --origin where the
// configuration does not say whom it is for.
func (d *draft) readGiven(all []*intent, given []string) (reason string) {
	none := !slices.ContainsFunc(all, func(in *intent) bool { return in.everybody || in.reflects || len(in.origins)+len(in.unknown) > 0 })
	for i, in := range all {
		vague := in.reflects || len(in.unknown) > 0 && len(in.origins) == 0 || in.everybody && in.credentials && len(given) > 0
		given, open := given, in.openTo(given)
		if open != nil {
			given = open
		}
		if in.varies == "" && !vague && open == nil && (!none || i > 0) {
			continue
		}
		switch {
		case strings.HasPrefix(in.varies, "{$"):
			return "what " + inTicks(in.varies) + " becomes is not known here; write the `cors` by hand"
		case in.varies != "":
			return "what decides about " + quote(in.varies) + " is not the origin alone; write a `cors` for each host or path by hand"
		case len(given) > 0:
			in.replace(given, open != nil)
			if open != nil {
				d.chosen = true
				d.notes = append(d.notes, "of the pages that an expression lets in, only those of --origin can still read: strangers can have a name that it matches")
			}
		case in.reflects:
			return "it repeats whatever origin asks, so it does not say whom it is for; name the origins with --origin"
		case len(in.unknown) == 0:
			return "no origin stands in it; name them with --origin"
		default:
			return unnamed(in.unknown[0])
		}
	}
	return ""
}

// forEverybody: no more than the old lines let every page do.
func (d *draft) forEverybody(base *intent, named []*intent) {
	d.body = append(d.body, "origins *")
	if len(base.except) > 0 {
		d.body = append(d.body, "except "+strings.Join(base.except, " "))
	}
	cookies := base.credentials
	base.credentials, base.methods, base.headers = false, orEmpty(base.methods), orEmpty(base.headers)
	d.rights(base)
	if cookies {
		d.notes = append(d.notes, "`*` goes without credentials: no browser lets a page with cookies read an answer for *")
		for _, in := range named {
			in.credentials = true
		}
	}
	d.readers = append(d.readers, reader{origin: matrix.Anybody, everybody: true, methods: base.methods, headers: base.headers})
	for _, in := range named {
		in.everybody = true // so all is written: what all pages may do is not what these inherit
		if in.methods == nil {
			in.methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}
		}
		switch {
		case in.headers != nil:
		case in.credentials: // a * beside credentials echoes every name, and is a warning
			in.headers = []string{"Content-Type", "Authorization"}
		default:
			in.headers = []string{"*", "Authorization"}
		}
		d.perhapsFor(in)
	}
}

// forNamed: origins that stand in the lines, in one block. Those with
// credentials have a `for` if others have none.
func (d *draft) forNamed(all []*intent) {
	var with, without intent
	except := exceptOf(all)
	for _, in := range all {
		in.except = except
		to := &without
		if in.credentials {
			to = &with
		}
		to.merge(in)
		for _, o := range in.origins {
			to.origins = appendClaim(to.origins, o)
		}
	}
	without.origins = slices.DeleteFunc(without.origins, func(o claim) bool {
		return slices.ContainsFunc(with.origins, func(w claim) bool { return w.value == o.value })
	})
	with.credentials, with.except, without.except = true, except, except
	main := &without
	if len(without.origins) == 0 {
		main = &with
	}
	main.merge(all[0])
	with.plain()
	if slices.ContainsFunc(main.origins, func(o claim) bool { return o.regexp && o.insecure() }) {
		// Whoever sits in between can be any of these: no more than before.
		main.methods, main.headers = orEmpty(main.methods), orEmpty(main.headers)
	}
	d.fill(main)
	d.option("except", except)
	if main == &without && len(with.origins) > 0 {
		d.perhapsFor(&with)
	}
}

// byMatcher reads whom a part of a policy is for where no line of it names an origin.
func (in *intent) byMatcher(part []*line, others []*intent) {
	if slices.ContainsFunc(part, (*line).isOrigin) {
		return
	}
	in.claim(part[0].named()...)
	in.credentials = in.credentials || slices.ContainsFunc(others, in.isAmong)
}

// isAmong reports whether another intent gives credentials to all that one is for.
func (in *intent) isAmong(other *intent) bool {
	return other.credentials && !slices.ContainsFunc(in.origins, func(o claim) bool { return !slices.Contains(other.origins, o) })
}

// exceptOf are the origins that patterns and expressions among some would let in, and
// that a line keeps out. Whom another line names is let in.
func exceptOf(all []*intent) (except []string) {
	var origins []claim
	for _, in := range all {
		origins, except = append(origins, in.origins...), appendNew(except, in.except...)
	}
	return slices.DeleteFunc(except, func(e string) bool {
		named := slices.ContainsFunc(origins, func(o claim) bool { return o.value == e })
		return named || !slices.ContainsFunc(origins, func(o claim) bool {
			return slices.ContainsFunc(claim{value: e}.samples(), o.covers)
		})
	})
}

// plain makes the usual of a * beside credentials: there it is no wildcard to
// browsers (Fetch, section CORS protocol and credentials).
func (in *intent) plain() {
	if slices.Contains(in.methods, "*") && !in.anyMethod {
		in.methods = nil
	}
	if slices.Contains(in.headers, "*") {
		in.headers = nil
	}
}

// merge adds the lists of another audience.
func (in *intent) merge(from *intent) {
	union := func(a, b []string) []string {
		if a == nil {
			return b
		}
		return appendNew(slices.Clip(a), b...)
	}
	in.methods, in.headers, in.expose = union(in.methods, from.methods), union(in.headers, from.headers), union(in.expose, from.expose)
	in.maxAge, in.anyMethod = cmp.Or(in.maxAge, from.maxAge), in.anyMethod || from.anyMethod
}
