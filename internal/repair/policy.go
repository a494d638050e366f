package repair

import (
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// policy is one hand-written policy of a site: the lines for the same requests,
// whatever their method and origin.
type policy struct {
	site  *site
	key   string
	lines []*line
	inner []*policy // those of the same site for fewer requests
	of    *policy   // the one around it, where it is a part of that
	scope []*line   // the lines that are for this part only
	name  string    // of a new matcher
}

// policiesOf sorts the lines of a site into policies. What only answers
// preflights belongs to the policy beside it; so do deletions and answers.
func policiesOf(s *site) (list []*policy) {
	lines := s.lines
	if lines == nil {
		lines = linesOf(s)
	}
	byKey := map[string]*policy{}
	own := func(l *line) { // puts a line into the policy for its requests
		key := l.key()
		if byKey[key] == nil {
			byKey[key] = &policy{site: s, key: key}
			list = append(list, byKey[key])
		}
		byKey[key].lines = append(byKey[key].lines, l)
	}
	var loose []*line
	for _, l := range lines {
		if l.field != httpwords.AllowOrigin && l.verb != decides || l.onlyOptions() && l.verb == sets || l.verb == deletes {
			loose = append(loose, l)
		} else {
			own(l)
		}
	}
	// Those that may make a policy of their own are first: others belong to it.
	isOrigin := func(l *line) bool { return l.field == httpwords.AllowOrigin && l.verb == sets }
	for _, l := range loose {
		if isOrigin(l) && !giveTo(list, l) {
			own(l)
		}
	}
	loose, narrow := narrowed(list, slices.DeleteFunc(loose, isOrigin))
	for _, l := range loose {
		giveTo(list, l)
	}
	list = withScopes(list, narrow)
	s.policies = list
	arrange(list)
	return list
}

// giveTo puts a line into the policies that take it, and reports whether one does.
func giveTo(list []*policy, l *line) (taken bool) {
	for _, p := range list {
		if p.takes(l, len(list) == 1) {
			p.lines, taken = append(p.lines, l), true
		}
	}
	return taken
}

// arrange sorts the lines of each policy as they stand in the file, and tells the
// policy for all requests of the others.
func arrange(list []*policy) {
	for _, p := range list {
		p.inner = slices.DeleteFunc(slices.Clone(list), func(o *policy) bool { return o == p || p.key != "" && o.of != p })
		slices.SortStableFunc(p.lines, func(a, b *line) int {
			if a.node == nil || a.node.file != b.node.file {
				return 0
			}
			return a.node.first - b.node.first
		})
	}
}

// takes reports whether a line that makes no policy by itself belongs to this
// one: both are for the same requests, or for all.
func (p *policy) takes(l *line, alone bool) bool {
	path, isPath := strings.CutPrefix(p.key, "path ")
	within := l.key() == "" || p.key == "" || isPath && strings.HasPrefix(l.key(), "path "+strings.TrimSuffix(path, "*"))
	beside := alone && (l.onlyOptions() || l.verb == sets) && within
	everywhere := l.key() == "" && l.verb != deletes && l.field != httpwords.Vary
	return p.key == l.key() || beside || everywhere
}

// covered reports whether a cors directive stands elsewhere in the site.
func (p *policy) covered() bool {
	return slices.ContainsFunc(p.site.policies, func(o *policy) bool { return o != p && len(o.directives()) > 0 })
}

// allows reports whether a line by hand allows origins, of those that are meant.
func (p *policy) allows(meant func(*line) bool) bool {
	return slices.ContainsFunc(p.lines, func(l *line) bool { return l.verb == sets && l.field == httpwords.AllowOrigin && meant(l) })
}

// onlyPreflights reports whether nothing allows an origin to read an answer.
func (p *policy) onlyPreflights() bool {
	return !p.allows(func(l *line) bool { return !l.onlyOptions() })
}

// byHand are the lines of the six fields that are not a cors directive's.
func (p *policy) byHand() bool { return p.allows(func(*line) bool { return true }) }

// yields reports whether the upstream's word comes first in the old lines.
func (p *policy) yields() bool {
	return !p.allows(func(l *line) bool { return !l.ifMissing && !l.onlyOptions() })
}

func (p *policy) directives() (list []*line) {
	for _, l := range p.lines {
		if l.verb == decides {
			list = append(list, l)
		}
	}
	return list
}

// parts are the lines by audience: those for everybody first.
func (p *policy) parts() (parts [][]*line) {
	index := map[string]int{"": 0}
	parts = append(parts, nil)
	actual := !p.onlyPreflights()
	for _, l := range p.lines {
		if l.verb != sets || actual && l.field == httpwords.AllowOrigin && l.onlyOptions() {
			continue
		}
		var key strings.Builder
		if a := l.audience(); a != nil {
			for _, o := range a.origins {
				key.WriteString(o.value + " ")
			}
		}
		i, ok := index[key.String()]
		if !ok {
			i = len(parts)
			index[key.String()] = i
			parts = append(parts, nil)
		}
		parts[i] = append(parts[i], l)
	}
	return parts
}
