// Package expect holds a configuration, or a live server, to what a file says
// that pages may do there, and may not: `caddy cors test`.
//
// It has no model of its own. A configuration is asked as explain asks it, a
// server as check does, and the browser of both judges.
package expect

import (
	"net/http"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/check"
	"github.com/caddy-cors/caddy-cors/internal/explain"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// Expectation is one request of one page, and whether the page may read the
// response.
type Expectation struct {
	File string `json:"file"`
	Line int    `json:"line"`

	Origin      string      `json:"origin"`
	URL         string      `json:"url"`
	Method      string      `json:"method"`
	Headers     [][2]string `json:"headers,omitempty"`
	Credentials bool        `json:"credentials,omitempty"`
	// Expose are the response headers that the page is to be able to read.
	Expose []string `json:"expose,omitempty"`
	// Upstream is how the service behind behaves, a word of upstreams.
	Upstream string `json:"upstream,omitempty"`

	Allow bool `json:"allow"`
}

// upstreams are the persons that a file can name.
var upstreams = map[string]rehearsal.Person{
	"down": rehearsal.Down, "unauthorized": rehearsal.Unauthorized, "login": rehearsal.Login,
	"own": rehearsal.Own, "echo": rehearsal.Echo,
}

// inWords says what the upstream does.
var inWords = map[string]string{
	"down": "is down", "unauthorized": "answers 401", "login": "redirects to a login page",
	"own": "allows another origin itself", "echo": "allows every origin itself",
}

// isSocket reports whether the page opens a WebSocket.
func (e *Expectation) isSocket() bool {
	scheme, _, _ := strings.Cut(strings.ToLower(e.URL), ":")
	return scheme == "ws" || scheme == "wss"
}

// String is the expectation as a sentence.
func (e *Expectation) String() string {
	var b strings.Builder
	b.WriteString(e.Origin + " may ")
	if !e.Allow {
		b.WriteString("not ")
	}
	if e.isSocket() {
		b.WriteString("open " + e.URL)
	} else {
		b.WriteString(e.Method + " " + e.URL)
	}
	with := make([]string, 0, len(e.Headers)+1)
	for _, h := range e.Headers {
		with = append(with, h[0])
	}
	if e.Credentials {
		with = append(with, "credentials")
	}
	if len(with) > 0 {
		b.WriteString(", with " + and(with))
	}
	if len(e.Expose) > 0 {
		b.WriteString(", and read " + and(e.Expose))
	}
	if e.Upstream != "" {
		b.WriteString(", where the upstream " + inWords[e.Upstream])
	}
	return b.String()
}

func and(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// question is the expectation as check and explain are asked it.
func (e *Expectation) question() check.Question {
	q := check.Question{URL: e.URL, Origin: e.Origin, Credentials: e.Credentials}
	if e.isSocket() {
		return q
	}
	if e.Method != http.MethodGet {
		q.Method = e.Method
	}
	for _, h := range e.Headers {
		q.Headers = append(q.Headers, h[0]+": "+h[1])
	}
	return q
}

// seen is what came of a question.
type seen struct {
	verdict  browser.Verdict
	exit     int // of the command that asks the same
	headline string
	sentence string
	policy   string
	cure     func() string
}

// subject answers expectations.
type subject interface {
	ask(e *Expectation) (seen, error)
	// skip says why an expectation cannot be asked here; "" if it can.
	skip(e *Expectation) string
	close()
}

// configuration is a subject that explain asks.
type configuration struct{ stage *rehearsal.Rehearsal }

func openConfiguration(file, adapter string, ask bool) (*configuration, error) {
	stage, err := rehearsal.Load(file, adapter, rehearsal.Options{Ask: ask, Ways: true})
	if err != nil {
		return nil, err
	}
	return &configuration{stage}, nil
}

func (c configuration) close()                   { c.stage.Close() }
func (c configuration) skip(*Expectation) string { return "" }

func (c configuration) ask(e *Expectation) (seen, error) {
	page, request, err := e.question().Parse()
	if err != nil {
		return seen{}, err
	}
	o := explain.Ask(c.stage, page, request, rehearsal.Question{Person: upstreams[e.Upstream], Carries: e.Expose})
	s := seen{verdict: o.Verdict, exit: o.Exit(), headline: o.Headline(), sentence: o.Sentence(), policy: o.DecidedBy(), cure: o.Cure}
	if s.exit == check.ExitReadable {
		s.cure = o.Refuse
	}
	return s, nil
}

// server is a subject that check asks.
type server struct{ transport *check.Transport }

func openServer(t *check.Transport) (subject, error) {
	if err := t.Open(); err != nil {
		return nil, err
	}
	return server{t}, nil
}

func (s server) close() { s.transport.Close() }

func (s server) skip(e *Expectation) string {
	if e.Upstream == "" {
		return ""
	}
	return "nobody can tell a live upstream how to behave"
}

func (s server) ask(e *Expectation) (seen, error) {
	page, request, err := e.question().Parse()
	if err != nil {
		return seen{}, err
	}
	v := check.Play(page, request, s.transport)
	x := seen{verdict: v, exit: check.Exit(v), headline: check.Headline(v), sentence: v.Detail}
	if v.Err != nil {
		x.sentence = v.Err.Error()
	}
	x.cure = func() string { return strings.TrimRight(check.Cure(page, request, v), "\n") }
	return x, nil
}
