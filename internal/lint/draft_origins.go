package lint

import (
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/origin"
)

// addGrant adds the origins that a grant is meant for.
func (d *draft) addGrant(a *audit, g *grant) {
	switch k := a.kindOf(g); {
	case !g.audience.everybody():
		for i := range g.audience.tests {
			d.addTest(&g.audience.tests[i])
		}
	case k == star || k == reflection || k == derived && g.audience.open:
		d.any = true
	case k == constant:
		d.addConstant(g.op.value)
	default:
		d.guess = true
	}
}

func (d *draft) addTest(t *test) {
	for _, v := range t.values {
		if t.kind == "header_regexp" {
			d.addRegexp(v)
			continue
		}
		if expr, ok := strings.CutPrefix(v, "~"); ok { // meant as an expression
			d.addRegexp(expr)
			continue
		}
		d.addGlob(v)
	}
}

// addConstant adds what stands in the header itself: one origin, or several.
func (d *draft) addConstant(value string) {
	for _, v := range strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' || r == '|' }) {
		if v == "null" {
			continue
		}
		d.addOrigin(strings.TrimRight(v, "/"))
	}
}

// addGlob adds a value of Caddy's header matcher.
func (d *draft) addGlob(v string) {
	prefix, suffix := strings.HasPrefix(v, "*"), strings.HasSuffix(v, "*")
	inner := strings.Trim(v, "*")
	switch {
	case !prefix && !suffix, strings.HasSuffix(v, ":*"):
		d.addOrigin(strings.TrimRight(v, "/"))
	case prefix && strings.HasPrefix(inner, "."):
		d.addOrigin("https://**" + inner)
	case prefix && strings.HasPrefix(inner, "://"):
		d.addOrigin("https" + inner)
	case prefix:
		d.addOrigin("https://" + inner)
		d.addOrigin("https://**." + inner)
	case strings.HasSuffix(inner, "://"), !strings.Contains(inner, "://"):
		d.any = true
	case strings.Contains(inner, "localhost") && strings.Count(inner, ":") == 1:
		d.addOrigin(inner + ":*")
	default:
		d.addOrigin(strings.TrimRight(inner, ".:/"))
	}
}

// addOrigin adds an origin or a pattern if cors will take it, or else notes
// that there was something that has to be guessed.
func (d *draft) addOrigin(v string) {
	if strings.Contains(v, "{") { // a placeholder; cors fills it in
		d.origins = appendNew(d.origins, v)
		return
	}
	p, err := origin.ParsePattern(v)
	if err != nil {
		p, err = origin.ParsePattern(strings.ToLower(v))
	}
	if err != nil && !strings.Contains(v, "://") {
		p, err = origin.ParsePattern("https://" + v)
	}
	if err != nil {
		d.guess = true
		return
	}
	if _, shared := p.PublicSuffix(); shared && d.credentials {
		d.guess = true
		return
	}
	d.insecure = d.insecure || d.credentials && p.Scheme == "http" && !p.IsLoopback()
	d.origins = appendNew(d.origins, p.String())
}

// addRegexp adds an expression: as a list of origins where it is no more than
// that, or else with its mistakes repaired.
func (d *draft) addRegexp(expr string) {
	fixed := repairRegexp(expr)
	if fixed == "" {
		d.guess = true
		return
	}
	texts, complete := origin.Samples(fixed)
	for _, text := range texts {
		o, ok := origin.Parse(text)
		complete = complete && ok && (!d.credentials || o.Scheme() != "http" || o.IsLoopback())
	}
	if !complete || len(texts) > 6 {
		d.regexps = appendNew(d.regexps, fixed)
		return
	}
	for _, text := range texts {
		d.addOrigin(text)
	}
}

// uncovered leaves out origins that a pattern in the list covers.
func uncovered(origins []string) []string {
	var out []string
	for _, v := range origins {
		p, err := origin.ParsePattern(v)
		if err == nil && slices.ContainsFunc(origins, func(w string) bool {
			q, err := origin.ParsePattern(w)
			return err == nil && w != v && q.Covers(p)
		}) {
			continue
		}
		out = append(out, v)
	}
	return out
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
