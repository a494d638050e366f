package repair

import (
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// betweenConditions joins what two conditions ask for in the key of a line.
const betweenConditions = "\n&\n"

// contains reports whether lines of one key are for all requests of another, and
// for more.
func contains(wide, narrow string) bool {
	path, isPath := strings.CutPrefix(wide, "path ")
	switch {
	case wide == narrow:
		return false
	case wide == "", strings.HasPrefix(narrow, wide+betweenConditions):
		return true
	}
	return isPath && strings.HasSuffix(path, "*") && strings.HasPrefix(narrow, "path "+strings.TrimSuffix(path, "*"))
}

// around is the smallest policy that is for more requests than a line. Nil: there
// is none, or one for the same requests.
func around(list []*policy, l *line) (smallest *policy) {
	for _, p := range list {
		switch {
		case p.key == l.key():
			return nil
		case contains(p.key, l.key()) && (smallest == nil || contains(smallest.key, p.key)):
			smallest = p
		}
	}
	return smallest
}

// keepsApart reports whether what a line gives must not be given to all requests
// of the policy around it.
func (p *policy) keepsApart(l *line) bool {
	if l.verb != sets || len(l.value) == 0 {
		return false
	}
	switch l.field {
	case httpwords.AllowMethods, httpwords.AllowHeaders:
		return true
	case httpwords.AllowCredentials:
		return !l.onlyOptions() && !strings.EqualFold(strings.Trim(l.value[0], `'"`), "false")
	}
	return !l.onlyOptions() && l.field == httpwords.ExposeHeaders
}

// parted are the lines that were taken off a policy, and off the one around it, since
// they are for a part of its requests.
func (p *policy) parted() (lines []*line) {
	for _, o := range p.site.policies {
		if o.of != nil && (o.of == p || o.of == p.of) {
			lines = append(lines, o.scope...)
		}
	}
	return lines
}

// scopesOf takes those lines off the policies that give a right to fewer requests,
// and makes policies of them, the narrowest first: in a route their order counts.
func scopesOf(list []*policy, lines []*line) (scopes []*policy) {
	for _, l := range lines {
		if wide := around(list, l); wide != nil && wide.keepsApart(l) && !slices.ContainsFunc(scopes, func(p *policy) bool { return p.key == l.key() }) {
			scopes = append(scopes, &policy{site: wide.site, key: l.key(), of: wide, scope: which(lines, func(o *line) bool {
				return o.key() == l.key() && o.verb == sets && !o.isOrigin() && (!o.onlyOptions() || wide.keepsApart(o))
			})})
		}
	}
	of := func(l *line, within func(*policy) bool) bool {
		return slices.ContainsFunc(scopes, func(o *policy) bool { return within(o) && slices.Contains(o.scope, l) })
	}
	for _, p := range list {
		p.lines = which(p.lines, func(l *line) bool { return !of(l, func(*policy) bool { return true }) })
	}
	for _, p := range scopes {
		p.lines = which(lines, func(l *line) bool {
			return slices.Contains(p.of.lines, l) || of(l, func(o *policy) bool { return o == p || contains(o.key, p.key) })
		})
	}
	slices.SortStableFunc(scopes, func(a, b *policy) int {
		return len(strings.TrimSuffix(b.key, "*")) - len(strings.TrimSuffix(a.key, "*"))
	})
	return scopes
}

// same reports whether a policy for a scope says no more than the one around it.
func (j *job) same(p *policy, d *draft) bool {
	i := slices.Index(j.policies, p.of)
	return i >= 0 && i < len(j.drafts) && slices.Equal(j.drafts[i].text("cors", claim.spelling), d.text("cors", claim.spelling))
}
