package repair

import (
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/origin"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// question is what a page asks for.
type question struct {
	url, origin, method, header string
	credentials                 bool
	person                      rehearsal.Person
}

// outcome is what the page experiences.
type outcome struct {
	sent     bool // the preflight passed, or none was needed
	preflown bool
	readable bool
	status   int
	allowed  string // Access-Control-Allow-Origin
	varies   bool
}

// stage is a configuration that is asked, each question once.
type stage struct {
	*rehearsal.Rehearsal
	memo map[question]outcome
}

func newStage(r *rehearsal.Rehearsal) *stage { return &stage{r, map[question]outcome{}} }

var values = map[string]string{"Content-Type": "application/json", "Authorization": "Basic YWxpY2U6eA=="}

// ask plays a browser.
func (s *stage) ask(q question) (o outcome) {
	if o, ok := s.memo[q]; ok {
		return o
	}
	defer func() { s.memo[q] = o }()
	page, err := browser.ParseOrigin(q.origin)
	if err != nil {
		return o
	}
	r := browser.Request{Method: q.method, URL: q.url, Redirect: browser.RedirectError}
	if q.header != "" {
		value := values[q.header]
		if value == "" {
			value = "1"
		}
		r.Headers = browser.Headers{{q.header, value}}
	}
	if q.credentials {
		r.Credentials = browser.CredentialsInclude
	}
	v := browser.Fetch(browser.Page{Origin: page}, r, func(sent browser.Sent) (browser.Response, error) {
		a, err := s.Ask(rehearsal.Question{Method: sent.Method, URL: sent.URL, Headers: sent.Headers, Credentials: sent.Credentials, SignedIn: q.credentials, Person: q.person})
		if err != nil {
			return browser.Response{}, err
		}
		if a.Status == 0 {
			return browser.Response{}, a.Err
		}
		o.status = a.Status
		o.allowed = strings.Join(a.Header["Access-Control-Allow-Origin"], ", ")
		o.varies = slices.ContainsFunc(a.Header["Vary"], func(v string) bool {
			return slices.ContainsFunc(splitList(v), func(t string) bool { return t == "*" || strings.EqualFold(t, "Origin") })
		})
		return browser.Response{Status: a.Status, Headers: browser.HeadersFrom(a.Header)}, nil
	})
	o.readable = v.Outcome == browser.Readable
	o.preflown = len(v.Preflights) > 0
	o.sent = v.Outcome != browser.PreflightFailed && v.Outcome != browser.NotSent && v.Outcome != browser.NetworkError
	return o
}

// bases are the addresses of a site that its configuration serves.
func (s *stage) bases(st *site) (list []string) {
	if st.bases != nil {
		return st.bases
	}
	for _, key := range st.keys {
		a, err := httpcaddyfile.ParseAddress(strings.TrimSuffix(key, ","))
		if err != nil {
			continue
		}
		host := strings.ReplaceAll(a.Host, "*", "x1")
		if host == "" {
			host = "localhost"
		}
		if a.Port != "" && a.Port != "80" && a.Port != "443" {
			host = net.JoinHostPort(host, a.Port)
		}
		for _, scheme := range []string{"https", "http"} {
			if u := scheme + "://" + host; s.Serves(u + "/") {
				list = append(list, u)
				break
			}
		}
	}
	return list
}

// maxPaths bounds how many paths of a site are asked for one policy.
const maxPaths = 16

// paths are those that the matchers of a site tell apart: those of a policy
// first.
func paths(st *site, own []*line) (list []string) { //nolint:gocognit // its cases stand in the order in which they are tried
	add := func(p string) {
		if len(list) < maxPaths && !slices.Contains(list, p) {
			list = append(list, p)
		}
	}
	var fromLine func(n *node) //nolint:staticcheck // it calls itself
	fromLine = func(n *node) {
		for i, w := range n.words {
			switch {
			case strings.HasPrefix(w, "/"):
				add(strings.ReplaceAll(w, "*", "x"))
			case strings.HasPrefix(w, "*."):
				add("/x" + w[1:])
			case i > 0 && slices.Contains(n.words, "path_regexp") && i == len(n.words)-1:
				if texts, _ := origin.Samples(w); len(texts) > 0 && strings.HasPrefix(texts[0], "/") {
					add(texts[0])
				}
			}
		}
	}
	for _, l := range own {
		for _, c := range l.conds {
			for _, r := range c.rest {
				fromLine(&node{words: strings.Fields(strings.ReplaceAll(r, "`", ""))})
			}
		}
	}
	add("/")
	add("/x")
	for _, p := range st.paths {
		add(p)
	}
	all(st.nodes, func(n *node) {
		if n.matcher() != "" || strings.HasPrefix(n.name(), "@") || n.parent != nil && strings.HasPrefix(n.parent.name(), "@") {
			fromLine(n)
		}
	})
	return list
}

// is reports whether a line belongs to a handler.
func (l *line) is(h *rehearsal.Handler) bool {
	if l.dir == nil {
		return l.handler.Path == h.Path
	}
	return h.File == l.dir.file && h.Line == l.dir.first
}

// meets reports whether a page's request comes by one of the lines: those that
// are for preflights only count where there are no others.
func (s *stage) meets(url, from string, lines []*line) bool {
	actual := slices.DeleteFunc(slices.Clone(lines), func(l *line) bool {
		return l.onlyOptions() || l.field != httpwords.AllowOrigin && l.verb != decides
	})
	var methods []string
	if len(actual) > 0 {
		lines, methods = actual, []string{http.MethodGet, http.MethodPost, http.MethodPut}
	} else {
		methods = []string{http.MethodOptions}
	}
	for _, m := range methods {
		q := rehearsal.Question{Method: m, URL: url, SignedIn: true, Headers: [][2]string{{"Origin", from}}}
		if m == http.MethodOptions {
			q.Headers = append(q.Headers, [2]string{"Access-Control-Request-Method", http.MethodPut})
		}
		a, err := s.Ask(q)
		if err != nil {
			continue
		}
		for _, h := range a.Ran {
			if slices.ContainsFunc(lines, func(l *line) bool { return l.is(h) }) {
				return true
			}
		}
	}
	return false
}
