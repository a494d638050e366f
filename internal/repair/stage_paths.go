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
			if len(list) < maxPaths {
				list = appendNew(list, p)
			}
		}
	}
	bases := s.bases(p.site)
	mine := s.handlers(bases, p.lines)
	for _, h := range mine {
		add(matrix.PathsOf(h)...)
	}
	own = len(list)
	add("/", "/x")
	for _, h := range mine {
		add(pathsAround(h)...)
	}
	for _, base := range bases {
		if at := s.serves(base); at != nil {
			add(at.paths...)
			add(at.site.Paths[:min(len(at.site.Paths), maxPaths)]...)
		}
	}
	add(meeting(list)...)
	return list, own
}

// addresses are all paths at all bases.
func addresses(bases, paths []string) (urls []string) {
	for _, base := range bases {
		for _, path := range paths {
			urls = append(urls, base+escapedPath(path))
		}
	}
	return urls
}

// leadingTo are addresses of a site that lead to what some lines became.
func (s *stage) leadingTo(bases []string, lines []*line) (urls []string) {
	for _, h := range s.handlers(bases, lines) {
		paths := matrix.PathsOf(h)
		if len(paths) == 0 {
			paths = []string{matrix.Nowhere}
		}
		for _, url := range addresses(bases, paths[:min(len(paths), maxHosts)]) {
			if len(urls) < maxPaths && s.meets(url, matrix.Stranger, false, []*rehearsal.Handler{h}) {
				urls = appendNew(urls, url)
			}
		}
	}
	return urls
}

// handlers are what lines became in the sites behind some addresses, in their order.
func (s *stage) handlers(bases []string, lines []*line) (list []*rehearsal.Handler) {
	for _, base := range bases {
		if at := s.serves(base); at != nil {
			for _, l := range lines {
				list = append(list, at.at[l.spot()]...)
			}
		}
	}
	slices.SortFunc(list, func(a, b *rehearsal.Handler) int { return a.ID - b.ID })
	return slices.Compact(list)
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
	stripped := strings.Join(h.Stripped[max(len(h.Stripped)-1, 0):], "")
	for _, m := range pathIn.FindAllStringSubmatch(rehearsal.Compact(h.Matchers), -1) {
		path := strings.ReplaceAll(strings.Replace(m[1], "*.", "/x.", 1), "*", "x")
		list = append(list, stripped+path[strings.Index(path, "/"):])
	}
	return list
}

// ran are the handlers that a page's requests come by: its preflights, or the
// others.
func (s *stage) ran(address, from string, preflight bool) (all []*rehearsal.Handler) {
	at := s.serves(address)
	if at == nil {
		return nil
	}
	if !at.apart {
		from = matrix.Stranger // as any other
	}
	for _, method := range at.methods {
		if a, err := s.Ask(asked(address, from, method, preflight)); err == nil {
			all = append(all, a.Ran...)
		}
	}
	return all
}

// asked is a request of a page, or the preflight in front of it.
func asked(address, from, method string, preflight bool) rehearsal.Question {
	q := rehearsal.Question{Method: method, URL: address, SignedIn: true}
	if from != "" {
		q.Headers = [][2]string{{httpwords.Origin, from}}
	}
	if preflight {
		q.Method, q.Headers = http.MethodOptions, append(q.Headers, [2]string{httpwords.RequestMethod, method})
	}
	return q
}

// escapedPath is a path as it stands in a URL; what is behind a question mark is
// one already.
func escapedPath(path string) string {
	path, query, _ := strings.Cut(path, "?")
	return (&url.URL{Path: path, RawQuery: query}).RequestURI()
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
		for _, name := range at.names {
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
