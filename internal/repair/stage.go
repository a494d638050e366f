package repair

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/matrix"
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
	exposed  []string
	edges    bool // an upstream was asked, or the answer is not known
}

// stage is a configuration that is asked, each question once. Of its sites only
// those that are asked are made ready.
type stage struct {
	whole    *rehearsal.Rehearsal
	sites    []*matrix.Site
	byHost   map[string][]*matrix.Site
	parts    map[*matrix.Site]*rehearsal.Rehearsal // nil: Caddy refuses it
	at       map[string]*place
	outcomes map[question]outcome
	answers  map[request]*rehearsal.Answer
	knows    map[*matrix.Site]*knowledge
	configs  map[*rehearsal.Handler]string
	err      error // about a site that is not served
}

// place is who answers an address.
type place struct {
	site *matrix.Site
	part *rehearsal.Rehearsal
}

// request is what goes over the wire, and who is behind the edges. Where no edge
// was asked, the answer is the same for all.
type request struct {
	text        string
	credentials int
	person      rehearsal.Person
}

const whoever = -1

func newStage(r *rehearsal.Rehearsal, sites []*matrix.Site) *stage {
	s := &stage{
		whole: r, sites: sites, byHost: map[string][]*matrix.Site{}, parts: map[*matrix.Site]*rehearsal.Rehearsal{},
		at: map[string]*place{}, outcomes: map[question]outcome{}, answers: map[request]*rehearsal.Answer{},
		knows: map[*matrix.Site]*knowledge{}, configs: map[*rehearsal.Handler]string{},
		err: errors.New("nobody answers there any more"),
	}
	for _, site := range sites {
		for _, h := range site.Hosts {
			s.byHost[h] = append(s.byHost[h], site)
		}
	}
	return s
}

// serves finds the site behind an address, and makes it ready. Nil: there is none.
func (s *stage) serves(base string) *place {
	if p, ok := s.at[base]; ok {
		return p
	}
	s.at[base] = nil
	u, err := url.Parse(base)
	if err != nil {
		return nil
	}
	_, domain, _ := strings.Cut(u.Hostname(), ".")
	for _, sites := range [][]*matrix.Site{s.byHost[u.Hostname()], s.byHost["*."+domain], s.sites} {
		for _, site := range sites {
			if u.Port() != "" && site.Port != "" && u.Port() != site.Port {
				continue
			}
			if part := s.part(site); part != nil && part.Serves(base+"/") {
				s.at[base] = &place{site, part}
				return s.at[base]
			}
		}
		if len(sites) > 0 && u.Port() == "" {
			break // a site of that host, which another scheme reaches
		}
	}
	return nil
}

func (s *stage) part(site *matrix.Site) *rehearsal.Rehearsal {
	part, ok := s.parts[site]
	if !ok {
		var err error
		if part, err = s.whole.Part(site.Server, site.Routes, site.ErrorRoutes); err != nil {
			part, s.err = nil, err
		}
		s.parts[site] = part
	}
	return part
}

// bases are the addresses of a site that its configuration serves.
func (s *stage) bases(st *site) []string {
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
			if u := scheme + "://" + host; s.serves(u) != nil {
				st.bases = append(st.bases, u)
				break
			}
		}
	}
	return st.bases
}

// address is one of a site. Empty: nobody answers there.
func (s *stage) address(site *matrix.Site) string {
	part, address, err := site.Load(s.whole)
	if err == nil {
		s.parts[site], s.at[address] = part, &place{site, part}
	}
	return address
}

// Serves implements matrix.Asked: what nobody answers is an error.
func (s *stage) Serves(string) bool { return true }

// Ask lets the configuration answer.
func (s *stage) Ask(q rehearsal.Question) (*rehearsal.Answer, error) {
	at := s.serves(baseOf(q.URL))
	if at == nil {
		return nil, fmt.Errorf("nobody answers %s", q.URL)
	}
	r := request{text: textOfQuestion(q), person: q.Person}
	if q.Credentials {
		r.credentials = 1
	}
	if q.SignedIn {
		r.credentials += 2
	}
	if q.FilesMissing && !s.known(at.site).odd { // no matcher looks for files; where none is played, that is the same
		q.FilesMissing = false
		if a, err := s.Ask(q); err != nil || len(a.FilesPlayed) == 0 {
			return a, err
		}
		q.FilesMissing = true
	}
	for _, like := range []request{{r.text, whoever, whoever}, {r.text, r.credentials, whoever}, {r.text, whoever, r.person}, r} {
		if a := s.answers[like]; a != nil {
			return a, nil
		}
	}
	a, err := at.part.Ask(q)
	if err != nil {
		return nil, err
	}
	withoutRandom(a.Header)
	if !a.Upstream {
		r.person = whoever
	}
	if !a.Authentication {
		r.credentials = whoever
	}
	s.answers[r] = a
	return a, nil
}

// baseOf is the scheme and the host of a URL.
func baseOf(address string) string {
	scheme, rest, _ := strings.Cut(address, "://")
	host, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + host
}

func textOfQuestion(q rehearsal.Question) string {
	var b strings.Builder
	b.WriteString(q.Method + " " + q.URL)
	for _, h := range q.Headers {
		b.WriteString("\n" + h[0] + ": " + h[1])
	}
	if q.FilesMissing {
		b.WriteString("\nmissing")
	}
	return b.String()
}

// ask plays a browser.
func (s *stage) ask(q question) (o outcome) {
	if o, ok := s.outcomes[q]; ok {
		return o
	}
	if q.person != rehearsal.Plain {
		if o := s.ask(plainly(q)); !o.edges {
			return o
		}
	}
	ask := matrix.Question{Method: q.method, Origin: q.origin, Credentials: q.credentials, SignedIn: q.credentials, Person: q.person, Redirect: browser.RedirectError}
	if q.header != "" {
		ask.Headers = []string{q.header}
	}
	r := ask.Ask(s, q.url)
	o.edges = slices.ContainsFunc(r.Answers, func(a *rehearsal.Answer) bool { return a == nil || a.Upstream })
	if a := r.Last(); a != nil {
		o.status, o.allowed = a.Status, strings.Join(a.Header["Access-Control-Allow-Origin"], ", ")
		o.varies = slices.ContainsFunc(splitList(strings.Join(a.Header["Vary"], ",")), func(t string) bool { return t == "*" || strings.EqualFold(t, "Origin") })
	}
	v := r.Verdict
	o.readable, o.preflown = r.Readable(), len(v.Preflights) > 0
	if o.readable {
		o.exposed = exposedIn(r.Last().Header)
	}
	o.sent = v.Outcome != browser.PreflightFailed && v.Outcome != browser.NotSent && v.Outcome != browser.NetworkError
	s.outcomes[q] = o
	return o
}
