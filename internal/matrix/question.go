package matrix

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/origin"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// Question is what a page asks of a site.
type Question struct {
	Method, Path string
	Headers      []string // with a usual value each
	Fields       []Key    // besides, with the values that matchers want
	Origin       string   // empty: no page asks
	Credentials  bool
	Redirect     browser.RedirectMode // empty: it is followed

	Person       rehearsal.Person
	FilesMissing bool
	SignedIn     bool
	Address      netip.Addr // of the client; zero: a public one
}

// String is the request as people write it.
func (q Question) String() string {
	var b strings.Builder
	b.WriteString(q.Method + " " + q.Path)
	if names := q.fieldNames(); len(names) > 0 {
		b.WriteString(" with " + strings.Join(names, ", "))
	}
	if q.Origin != "" {
		b.WriteString(", Origin: " + q.Origin)
	}
	if q.Credentials {
		b.WriteString(", with credentials")
	}
	if who := Persons[q.Person]; who != "" {
		b.WriteString(", where the upstream " + who)
	}
	if q.FilesMissing {
		b.WriteString(", where the file is missing")
	}
	if q.Address.IsValid() {
		b.WriteString(", from " + q.Address.String())
	}
	return b.String()
}

// Persons says what an upstream does that is not the plain one.
var Persons = map[rehearsal.Person]string{
	rehearsal.Own:          "sends CORS headers of its own",
	rehearsal.Echo:         "allows the origin itself",
	rehearsal.Down:         "is down (502)",
	rehearsal.Unauthorized: "answers 401",
	rehearsal.Login:        "redirects to a login page",
}

// Reply is what came of a question.
type Reply struct {
	Question
	Verdict browser.Verdict
	Sent    []browser.Sent
	Answers []*rehearsal.Answer // beside Sent; nil: none
	// Left is where a redirect led that left the site. What is answered there
	// nobody can say, and it is not this site's.
	Left string
}

// Readable reports whether the page may read the answer.
func (r *Reply) Readable() bool { return r.Verdict.Outcome == browser.Readable }

// Last is the answer that decided. Nil: nobody answered.
func (r *Reply) Last() *rehearsal.Answer {
	if len(r.Answers) == 0 {
		return nil
	}
	return r.Answers[len(r.Answers)-1]
}

// Preflight reports whether it was the preflight that decided.
func (r *Reply) Preflight() bool { return len(r.Sent) > 0 && r.Sent[len(r.Sent)-1].Preflight }

// Asked is what answers: a rehearsal, or what stands in front of some.
type Asked interface {
	Ask(q rehearsal.Question) (*rehearsal.Answer, error)
	Serves(address string) bool
}

// Ask lets a browser ask a site that is ready, at its address.
func (q Question) Ask(part Asked, address string) *Reply {
	reply := &Reply{Question: q}
	reply.Credentials = q.Credentials || slices.ContainsFunc(q.Fields, func(k Key) bool { return isCookie(k.Name) })
	ask := func(s browser.Sent) (*rehearsal.Answer, error) {
		a, err := part.Ask(rehearsal.Question{
			Method: s.Method, URL: s.URL, Headers: append(slices.Clone(s.Headers), q.Besides(s)...), Credentials: s.Credentials,
			Person: q.Person, FilesMissing: q.FilesMissing, SignedIn: q.SignedIn, Address: q.Address,
		})
		reply.Sent, reply.Answers = append(reply.Sent, s), append(reply.Answers, a)
		return a, err
	}
	if q.Origin == "" {
		_, reply.Verdict.Err = ask(browser.Sent{Method: q.Method, URL: address + q.Path, Headers: q.PageHeaders(), Credentials: reply.Credentials})
		return reply
	}
	page, err := browser.ParseOrigin(q.Origin)
	if err != nil {
		reply.Verdict.Err = err
		return reply
	}
	request := browser.Request{Method: q.Method, URL: address + q.Path, Headers: q.PageHeaders(), Redirect: q.Redirect}
	if reply.Credentials {
		request.Credentials = browser.CredentialsInclude
	}
	reply.Verdict = browser.Fetch(browser.Page{Origin: page}, request, func(s browser.Sent) (browser.Response, error) {
		if len(reply.Sent) > 0 && s.URL != reply.Sent[0].URL && !part.Serves(s.URL) {
			reply.Left = s.URL
			return browser.Response{}, fmt.Errorf("the redirect leads to %s, which is another site", s.URL)
		}
		a, err := ask(s)
		if err != nil {
			return browser.Response{}, err
		}
		if a.Status == 0 {
			return browser.Response{}, a.Err
		}
		return browser.Response{Status: a.Status, Headers: browser.HeadersFrom(a.Header)}, nil
	})
	return reply
}

var inQuery = regexp.MustCompile(`\{http\.request\.uri\.query\.([^{}\s]+)\}`)

// NamedIn is a path with what the lines of a policy read from the query, which pages
// write as they like: there a page names itself.
func (p *Policy) NamedIn(path, origin string) string {
	for _, o := range p.Operations {
		for _, m := range inQuery.FindAllStringSubmatch(strings.Join(o.Values, " "), maxWishes) {
			bare, query, _ := strings.Cut(path, "?")
			values, _ := url.ParseQuery(query) // our own
			values.Set(m[1], origin)
			path = bare + "?" + values.Encode()
		}
	}
	return path
}

// Strangers are pages that a policy must not let in because it lets others in:
// two of anybody's, null and file://, and lookalikes of its origins. The http variant of an
// origin is one only where that origin is given letter by letter, or by a pattern
// that says nothing of schemes and lets it in with credentials.
func (p *Policy) Strangers() (all []string) {
	all = append([]string{Stranger, Other, httpwords.NullOrigin}, p.Lookalikes...)
	for _, w := range p.Wishes {
		if w.Origin == FromDisk {
			all = append(all, FromDisk)
		}
		scheme, rest, _ := strings.Cut(w.Origin, "://")
		host, port, hasPort := strings.Cut(rest, ":")
		if !strings.Contains(host, ".") || w.Origin == Anybody {
			continue
		}
		all = append(all, scheme+"://"+host+".evil.example")
		if beside := origin.BesideDomain(w.Origin); beside != "" {
			all = append(all, beside)
		}
		if w.Guess && (!w.AnyScheme || !w.Credentials) {
			continue
		}
		if !hasPort && !w.Guess {
			all = append(all, scheme+"://x"+host)
		}
		if scheme == "https" {
			all = append(all, strings.TrimSuffix("http://"+host+":"+port, ":"))
		}
	}
	return all
}

// VariesByOrigin reports whether caches are told that an answer depends on Origin (Fetch,
// section CORS protocol and HTTP caches).
func VariesByOrigin(h http.Header) bool {
	return slices.ContainsFunc(strings.Split(strings.Join(h[httpwords.Vary], ","), ","), func(t string) bool {
		t = strings.TrimSpace(t)
		return t == httpwords.Wildcard || strings.EqualFold(t, httpwords.Origin)
	})
}
