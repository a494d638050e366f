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

// narrowed takes those lines off the loose ones that give a right to fewer
// requests than the line with the origin is for.
func narrowed(list []*policy, loose []*line) (rest, narrow []*line) {
	keys := map[string]bool{}
	for _, l := range loose {
		if p := around(list, l); p != nil && p.keepsApart(l) {
			keys[l.key()] = true
		}
	}
	for _, l := range loose {
		if keys[l.key()] && l.verb == sets && !l.onlyOptions() {
			narrow = append(narrow, l)
		} else {
			rest = append(rest, l)
		}
	}
	return rest, narrow
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
// of the policy around it. Which methods and headers origins by name may use is
// theirs anyway.
func (p *policy) keepsApart(l *line) bool {
	if l.verb != sets || l.onlyOptions() || len(l.value) == 0 {
		return false
	}
	switch l.field {
	case httpwords.AllowCredentials:
		return !strings.EqualFold(strings.Trim(l.value[0].value, `'"`), "false")
	case httpwords.ExposeHeaders:
		return true
	case httpwords.AllowMethods, httpwords.AllowHeaders:
		return p.allows(func(o *line) bool {
			return slices.ContainsFunc(o.value, func(v claim) bool { return strings.Trim(v.value, ` '"`) == "*" })
		})
	}
	return false
}

// withScopes adds a policy for each scope that some lines are for, in front of the
// one around it: the first cors directive decides.
func withScopes(list []*policy, narrow []*line) []*policy {
	var scopes []*policy
	for _, l := range narrow {
		i := slices.IndexFunc(scopes, func(p *policy) bool { return p.key == l.key() })
		if i < 0 {
			wide := around(list, l)
			i, scopes = len(scopes), append(scopes, &policy{site: wide.site, key: l.key(), of: wide, lines: slices.Clone(wide.lines)})
		}
		scopes[i].scope = append(scopes[i].scope, l)
	}
	for _, p := range scopes {
		for _, o := range scopes {
			if o == p || contains(o.key, p.key) {
				p.lines = append(p.lines, o.scope...)
			}
		}
	}
	within := func(p *policy) (depth int) {
		for _, o := range scopes {
			if contains(o.key, p.key) {
				depth++
			}
		}
		return depth
	}
	slices.SortStableFunc(scopes, func(a, b *policy) int { return within(b) - within(a) }) // in a route their order counts
	return append(scopes, list...)
}

// same reports whether a policy for a scope says no more than the one around it.
func (j *job) same(p *policy, d *draft) bool {
	i := slices.Index(j.policies, p.of)
	return i >= 0 && i < len(j.drafts) && slices.Equal(j.drafts[i].text("cors", claim.spelling), d.text("cors", claim.spelling))
}
