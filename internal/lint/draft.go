package lint

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"
)

// exampleOrigin stands for origins that cannot be told from a configuration.
const exampleOrigin = "https://app.example.com"

// draft is the cors block that does what a hand-written policy is meant to do.
type draft struct {
	paths, hosts []string
	more         []string // kinds of matchers that the block leaves out

	any, guess  bool
	origins     []string
	regexps     []string
	insecure    bool
	credentials bool
	methods     []string
	headers     []string
	expose      []string
	maxAge      string

	old *remains
}

// draftFor returns the draft that replaces a hand-written policy. Findings about
// one share it.
func (a *audit) draftFor(sub *subject) *draft {
	p := sub.actual
	if p == nil {
		p = sub.preflight
	}
	if p == nil {
		p = &probe{path: anyPath, host: a.site.host()}
	}
	paths, hosts := placeOf(sub.node)
	more := otherTests(sub.node)
	key := strings.Join(slices.Concat([]string{p.path, p.host, ""}, paths, []string{""}, hosts, []string{""}, more), " ")
	d, ok := a.drafts[key]
	if !ok {
		d = a.draft(*p)
		d.paths, d.hosts, d.more = paths, hosts, more
		a.drafts[key] = d
	}
	return d
}

// draft gathers what all hand-written lines say that meet the same requests as
// a probe, whatever their method and origin.
func (a *audit) draft(p probe) *draft {
	d := &draft{old: new(remains)}
	values := make(map[string][]string)
	for _, w := range a.writers {
		if !w.node.fits(p) {
			continue
		}
		for _, o := range w.node.ops {
			if isCORS(o.name) && o.verb != remove && o.verb != replace {
				values[o.name] = append(values[o.name], o.value)
			}
		}
	}
	d.credentials = slices.ContainsFunc(values[allowCredentials], func(v string) bool { return strings.EqualFold(v, "true") })
	for _, g := range a.grants {
		if g.node.fits(p) {
			d.addGrant(a, g)
		}
	}
	d.settle()
	d.methods = listMethods(values[allowMethods])
	d.headers = listNames(values[allowHeaders], isForbiddenRequestHeader)
	d.expose = listNames(values[exposeHeaders], isPointlessToExpose)
	d.maxAge = age(values[maxAge])
	a.collect(d.old, p)
	return d
}

// settle drops what credentials forbid, and falls back to an example.
func (d *draft) settle() {
	if d.any && d.credentials {
		d.any, d.guess = false, true
	}
	if d.any {
		d.origins, d.regexps, d.insecure, d.guess = nil, nil, false, false
		return
	}
	d.origins = uncovered(d.origins)
	if len(d.origins)+len(d.regexps) > 0 {
		d.guess = false
		return
	}
	d.origins, d.guess = []string{exampleOrigin}, true
}

// fits tells whether a node meets requests like a probe, if their method and
// origin are right.
func (n *node) fits(p probe) bool {
	for _, c := range n.chain() {
		ok := len(c.match) == 0
		for _, s := range c.match {
			ok = ok || !slices.ContainsFunc(s, func(t test) bool { return !t.aboutCORS() && t.eval(&p) == no })
		}
		if !ok {
			return false
		}
		if cut := c.strips(); cut != "" {
			p.path = strings.TrimPrefix(p.path, cut)
		}
	}
	return true
}

// aboutCORS tells the tests that tell apart preflights and origins.
func (t *test) aboutCORS() bool {
	switch t.kind {
	case "method", "expression":
		return true
	case "not":
		return slices.ContainsFunc(t.not, func(s set) bool {
			return slices.ContainsFunc(s, func(t test) bool { return t.aboutCORS() })
		})
	}
	return t.field == headerOrigin || isCORS(t.field)
}

// placeOf returns the paths and hosts that a node is for.
func placeOf(n *node) (paths, hosts []string) {
	prefix := ""
	for _, c := range n.chain() {
		for _, s := range c.match {
			for _, t := range s {
				switch t.kind {
				case "path":
					paths = nil // the innermost says most
					for _, v := range t.values {
						paths = append(paths, prefix+v)
					}
				case "host":
					if n.at.path == "" {
						hosts = t.values
					}
				}
			}
		}
		prefix += c.strips()
	}
	return paths, hosts
}

// otherTests names the matchers on the way to a node that a cors block has no
// place for, and that tell apart other requests than preflights and origins.
func otherTests(n *node) []string {
	var kinds []string
	for _, c := range n.chain() {
		for _, s := range c.match {
			for _, t := range s {
				switch {
				case t.kind == "path" || t.kind == "host", t.aboutCORS() && t.kind != "expression" || len(t.parts) > 0,
					slices.Contains(neverInPreflights, t.field):
				default:
					kinds = appendNew(kinds, t.kind)
				}
			}
		}
	}
	return kinds
}

// listMethods returns the words of the methods option; nil is the default.
func listMethods(values []string) []string {
	var out []string
	usual := 0
	for _, v := range values {
		if strings.Contains(v, "*") || strings.Contains(v, "{") {
			return []string{"*"}
		}
		for _, m := range list(v) {
			m = strings.ToUpper(m)
			switch m {
			case "OPTIONS", "CONNECT", "TRACE", "TRACK": // no page needs them
				continue
			case "PUT", "PATCH", "DELETE":
				usual++
			}
			if isToken(m) && !slices.Contains(out, m) {
				out = append(out, m)
			}
		}
	}
	extra := slices.DeleteFunc(slices.Clone(out), func(m string) bool {
		return slices.Contains([]string{"GET", "HEAD", "POST"}, m)
	})
	switch {
	case len(out) == 0, len(extra) == 3 && usual >= 3:
		return nil
	case len(extra) == 0:
		return []string{"none"}
	}
	return out
}

// listNames returns names of headers; a list that covers everything is nil,
// because that is the default of the headers option, but for expose.
func listNames(values []string, pointless func(lower string) bool) []string {
	var out []string
	for _, v := range values {
		for _, name := range list(v) {
			lower := strings.ToLower(name)
			switch {
			case name == "*" || strings.Contains(name, "{"):
				return []string{"*"}
			case !isToken(name) || strings.Contains(name, "*") || pointless(lower):
				continue
			case !slices.ContainsFunc(out, func(s string) bool { return strings.EqualFold(s, name) }):
				out = append(out, name)
			}
		}
	}
	return out
}

// age returns the value of max_age, or "" for the default.
func age(values []string) string {
	for _, v := range values {
		if n, err := strconv.ParseInt(v, 10, 32); err == nil && n >= 0 {
			return strconv.FormatInt(min(n, maxUsefulAge), 10) + "s"
		}
		if d, err := caddy.ParseDuration(v); err == nil && d >= 0 && d%time.Second == 0 {
			return v
		}
	}
	return ""
}
