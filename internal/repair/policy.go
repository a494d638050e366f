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

// policiesOf sorts the lines of a site into policies: one for each kind of requests
// for which a line lets origins in; and in front of these, as the first cors directive
// decides, one for each part of them that is given more.
func policiesOf(s *site) []*policy {
	lines := s.lines
	if lines == nil {
		lines = linesOf(s)
		slices.SortStableFunc(lines, func(a, b *line) int { // as they stand in a file
			if a.node.file != b.node.file {
				return 0
			}
			return a.node.first - b.node.first
		})
	}
	var list []*policy
	for _, makes := range []func(*line) bool{(*line).letsIn, (*line).isOrigin} {
		for _, l := range lines {
			if makes(l) && !slices.ContainsFunc(list, func(p *policy) bool { return p.takes(l, len(list) == 1) }) {
				list = append(list, &policy{site: s, key: l.key()})
			}
		}
	}
	for _, p := range list {
		p.lines = which(lines, func(l *line) bool { return p.takes(l, len(list) == 1) })
	}
	s.policies = append(scopesOf(list, lines), list...)
	for _, p := range s.policies {
		p.inner = slices.DeleteFunc(slices.Clone(s.policies), func(o *policy) bool { return o == p || p.key != "" && o.of != p })
	}
	return s.policies
}

func which[T any](all []T, is func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(all), func(v T) bool { return !is(v) })
}

func (l *line) isOrigin() bool { return l.field == httpwords.AllowOrigin && l.verb == sets }

// letsIn reports whether a line makes a policy by itself. What answers preflights
// only belongs to the policy beside it, if there is one; so do deletions.
func (l *line) letsIn() bool { return l.isOrigin() && !l.onlyOptions() || l.verb == decides }

// takes reports whether a line belongs to a policy: both are for the same requests, or, where it makes
// no policy by itself, one of them for all.
func (p *policy) takes(l *line, alone bool) bool {
	if l.letsIn() {
		return p.key == l.key()
	}
	path, isPath := strings.CutPrefix(p.key, "path ")
	within := l.key() == "" || p.key == "" || isPath && strings.HasPrefix(l.key(), "path "+strings.TrimSuffix(path, "*"))
	beside := alone && (l.onlyOptions() || l.verb == sets) && within
	everywhere := l.key() == "" && l.verb != deletes && l.field != httpwords.Vary
	return p.key == l.key() || beside || everywhere
}

// allows reports whether a line by hand allows origins, of those that are meant.
func (p *policy) allows(meant func(*line) bool) bool {
	return slices.ContainsFunc(p.lines, func(l *line) bool { return l.verb == sets && l.field == httpwords.AllowOrigin && meant(l) })
}

// errorsForOthers reports whether errors let somebody in whom other answers do not.
func (p *policy) errorsForOthers() bool {
	usual := which(p.lines, func(l *line) bool { return l.isOrigin() && !l.onError() })
	return len(usual) > 0 && p.allows(func(l *line) bool {
		return l.onError() && !slices.ContainsFunc(usual, func(u *line) bool { return slices.Equal(u.value, l.value) })
	})
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

func (p *policy) directives() []*line {
	return which(p.lines, func(l *line) bool { return l.verb == decides })
}

// parts are the lines by audience: those for everybody first. What is said to errors
// only is nothing that all answers say.
func (p *policy) parts() [][]*line {
	parts, actual := [][]*line{nil}, !p.onlyPreflights()
	answers := p.allows(func(l *line) bool { return !l.onError() })
	for _, l := range p.lines {
		if l.verb != sets || actual && l.isOrigin() && l.onlyOptions() || answers && l.onError() {
			continue
		}
		named := l.named()
		i := slices.IndexFunc(parts, func(part []*line) bool { return len(part) > 0 && slices.Equal(part[0].named(), named) })
		switch {
		case len(named) == 0:
			i = 0
		case i < 0:
			i, parts = len(parts), append(parts, nil)
		}
		parts[i] = append(parts[i], l)
	}
	return parts
}
