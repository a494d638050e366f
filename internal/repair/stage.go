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
	"github.com/caddy-cors/caddy-cors/internal/httpwords"
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
	silent   bool // nobody answers: an empty 200
	edges    bool // an upstream was asked, or the answer is not known
}

// stage is a configuration that is asked, each question once. Of its sites only
// those that are asked are made ready.
type stage struct {
	whole    *rehearsal.Rehearsal
	sites    []*matrix.Site
	byHost   map[string][]*matrix.Site
	places   map[*matrix.Site]*place // nil: Caddy refuses it
	at       map[string]*place       // by scheme and host
	outcomes map[question]outcome
	answers  map[string]*rehearsal.Answer
	err      error // about a site that is not served
}

func newStage(r *rehearsal.Rehearsal, sites []*matrix.Site) *stage {
	s := &stage{
		whole: r, sites: sites, byHost: map[string][]*matrix.Site{}, places: map[*matrix.Site]*place{}, at: map[string]*place{},
		outcomes: map[question]outcome{}, answers: map[string]*rehearsal.Answer{}, err: errors.New("nobody answers there any more"),
	}
	for _, site := range sites {
		for _, h := range site.Hosts {
			s.byHost[h] = append(s.byHost[h], site)
		}
	}
	return s
}

// serves finds the site behind an address, and makes it ready. Nil: there is none.
func (s *stage) serves(address string) *place {
	base := baseOf(address)
	p, ok := s.at[base]
	if !ok {
		p = s.find(base)
		s.at[base] = p
	}
	return p
}

func (s *stage) find(base string) *place {
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
			if p := s.place(site); p != nil && p.part.Serves(base+"/") {
				return p
			}
		}
		if len(sites) > 0 && u.Port() == "" {
			return nil // a site of that host, which another scheme reaches
		}
	}
	return nil
}

func (s *stage) place(site *matrix.Site) *place {
	p, ok := s.places[site]
	if !ok {
		part, err := s.whole.Part(site.Server, site.Routes, site.ErrorRoutes)
		if err != nil {
			s.err = err
		} else {
			p = placeOf(site, part)
		}
		s.places[site] = p
	}
	return p
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
		s.places[site] = placeOf(site, part)
		s.at[address] = s.places[site]
	}
	return address
}

// Serves implements matrix.Asked: what nobody answers is an error.
func (s *stage) Serves(string) bool { return true }

// Ask lets the configuration answer. What no edge has a say in is answered alike
// for all.
func (s *stage) Ask(q rehearsal.Question) (*rehearsal.Answer, error) {
	at := s.serves(q.URL)
	if at == nil {
		return nil, fmt.Errorf("nobody answers %s", q.URL)
	}
	all := q
	switch {
	case q.FilesMissing && !at.odd: // no matcher looks for files
		all.FilesMissing = false
		if a, err := s.Ask(all); err != nil || len(a.FilesPlayed) == 0 {
			return a, err
		}
	case q.Person != rehearsal.Plain:
		all.Person = rehearsal.Plain
		if a, err := s.Ask(all); err == nil && !a.Upstream {
			return a, nil
		}
	case q.Credentials || q.SignedIn:
		all.Credentials, all.SignedIn = false, false
		if a, err := s.Ask(all); err == nil && !a.Authentication {
			return a, nil
		}
	}
	key := fmt.Sprint(q)
	if a := s.answers[key]; a != nil {
		return a, nil
	}
	a, err := at.part.Ask(q)
	if err == nil {
		s.answers[key] = a
	}
	return a, err
}

// baseOf is the scheme and the host of a URL.
func baseOf(address string) string {
	scheme, rest, _ := strings.Cut(address, "://")
	host, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + host
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
		o.status, o.allowed = a.Status, strings.Join(a.Header[httpwords.AllowOrigin], ", ")
		o.silent = a.Silent
		o.varies = matrix.VariesByOrigin(a.Header)
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
