package repair

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/matrix"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// maxPaths bounds how many paths of a site are asked for one policy.
const maxPaths = 16

// maxHosts bounds how many addresses are asked for one policy, beside those that
// its site is called by.
const maxHosts = 6

// hostsIn finds the hosts in matchers.
var hostsIn = regexp.MustCompile(`"host":\[([^\]]*)\]`)

// pathIn finds the paths in matchers, those in a `not` too.
var pathIn = regexp.MustCompile(`"(/[^"\\]*|\*\.[^"\\]*)"`)

// paths are those that the matchers of a site tell apart: those of a policy
// first.
func (s *stage) paths(p *policy) (list []string, own int) {
	add := func(paths ...string) {
		for _, p := range paths {
			if len(list) < maxPaths && !slices.Contains(list, p) {
				list = append(list, p)
			}
		}
	}
	var mine []*rehearsal.Handler
	var sites []*matrix.Site
	for _, base := range s.bases(p.site) {
		if at := s.serves(base); at != nil {
			sites = append(sites, at.site)
			for _, l := range p.lines {
				mine = append(mine, s.known(at.site).at[l.spot()]...)
			}
		}
	}
	slices.SortFunc(mine, func(a, b *rehearsal.Handler) int { return a.ID - b.ID })
	mine = slices.Compact(mine)
	for _, h := range mine {
		add(matrix.PathsOf(h)...)
	}
	own = len(list)
	add("/", "/x")
	for _, h := range mine {
		add(pathsAround(h)...)
	}
	for _, site := range sites {
		add(s.known(site).paths...)
	}
	add(meeting(list)...)
	return list, own
}

// meeting are the addresses where matchers by path and by query meet.
func meeting(paths []string) (list []string) {
	for _, path := range paths {
		for _, other := range paths {
			if _, query, ok := strings.Cut(other, "?"); ok && !strings.Contains(path, "?") {
				list = append(list, path+"?"+query)
			}
		}
	}
	return list
}

// pathsAround are those that the matchers on the way to a handler tell apart.
func pathsAround(h *rehearsal.Handler) []string {
	list := matrix.PathsOf(h)
	for _, m := range pathIn.FindAllStringSubmatch(textOfJSON(h.Matchers), -1) {
		path := strings.ReplaceAll(strings.Replace(m[1], "*.", "/x.", 1), "*", "x")
		list = append(list, path[strings.Index(path, "/"):])
	}
	return list
}

// is reports whether a line belongs to a handler.
func (l *line) is(h *rehearsal.Handler) bool {
	if l.dir == nil {
		return l.handler.Path == h.Path
	}
	return h.File == l.dir.file && h.Line == l.dir.first
}

// meets reports whether a page's request comes by one of the lines of a policy:
// those that are for preflights only count where there are no others.
func (s *stage) meets(url, from string, p *policy) bool {
	lines, actual := p.lines, p.scope
	if actual == nil {
		actual = slices.DeleteFunc(slices.Clone(lines), func(l *line) bool {
			return l.onlyOptions() || l.field != httpwords.AllowOrigin && l.verb != decides
		})
	}
	if at := s.serves(baseOf(url)); at != nil && !s.known(at.site).apart {
		from = matrix.Stranger // as any other
	}
	asks := asksOfMeeting(url, from)
	if len(actual) > 0 {
		lines, asks = actual, asks[:3]
	} else {
		asks = asks[3:]
	}
	return slices.ContainsFunc(asks, func(q rehearsal.Question) bool {
		a, err := s.Ask(q)
		return err == nil && slices.ContainsFunc(a.Ran, func(h *rehearsal.Handler) bool {
			return slices.ContainsFunc(lines, func(l *line) bool { return l.is(h) })
		})
	})
}

// asksOfMeeting are requests of a page, and the preflight last.
func asksOfMeeting(url, from string) (list []rehearsal.Question) {
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodOptions} {
		q := rehearsal.Question{Method: method, URL: url, SignedIn: true, Headers: [][2]string{{"Origin", from}}}
		if method == http.MethodOptions {
			q.Headers = append(q.Headers, [2]string{"Access-Control-Request-Method", http.MethodPut})
		}
		list = append(list, q)
	}
	return list
}

// escapedPath is a path as it stands in a URL; what is behind a question mark is
// one already.
func escapedPath(path string) string {
	path, query, _ := strings.Cut(path, "?")
	u := url.URL{Path: path}
	if query != "" {
		return u.EscapedPath() + "?" + query
	}
	return u.EscapedPath()
}

// hosts adds the addresses that matchers of a site tell apart to its bases: those
// of a wildcard, and in JSON, where one address stands for a site, its others.
func (s *stage) hosts(bases []string) []string {
	list := slices.Clone(bases)
	for _, base := range bases {
		at := s.serves(base)
		u, err := url.Parse(base)
		if at == nil || err != nil {
			continue
		}
		for _, name := range s.known(at.site).names {
			host := strings.ReplaceAll(name, "*", "x1")
			if u.Port() != "" {
				host += ":" + u.Port()
			}
			other := u.Scheme + "://" + host
			if to := s.serves(other); len(list) < maxHosts && to != nil && to.site == at.site {
				list = appendNew(list, other)
			}
		}
	}
	return list
}
