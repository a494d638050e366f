package lint

import (
	"net/http"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/matrix"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// more asks what goes beyond a plain GET.
func (t *trial) more(plain *matrix.Reply) {
	if t.w.Credentials {
		q := t.base
		q.Credentials = true
		if r := t.ask(q); r.Readable() {
			t.exposes(r)
		} else {
			t.fails("credentials", Broken, r)
			without := *t.w // it may read without them, and is asked about that
			without.Credentials = false
			t = &trial{t.site, t.p, &without, t.base}
		}
	}
	switch r := t.preflights(); {
	case r == nil:
		t.authorization(plain)
	case r.Preflight() || r.Last() == nil:
		t.fails("preflight", Broken, r)
	case t.p.Handler != nil || t.decides(t.p, r): // it passed
		t.fails("unreadable", Broken, r)
	}
	if t.full++; t.full <= 2*fullPaths {
		t.again(plain)
		t.withKeys()
	}
}

// withKeys asks again with a header that a matcher compares with a value: another
// handler may answer. That the policy allows the header is not asked here.
func (t *trial) withKeys() {
	for _, k := range t.Keys {
		if slices.ContainsFunc(t.base.Fields, func(other matrix.Key) bool { return strings.EqualFold(other.Name, k.Name) }) {
			continue
		}
		with := *t
		with.base.Fields = append(slices.Clone(t.base.Fields), k)
		switch plain := with.ask(with.base); {
		case plain.Last() != nil && (with.another(t.p, plain) || t.p.Handler == nil && !with.decides(t.p, plain)):
		case plain.Readable():
			with.again(plain)
		case !plain.Preflight() && plain.Last() != nil && !hungUp(plain) && plain.Left == "":
			t.fails("unreadable", Broken, plain)
		}
	}
}

// preflights returns the first preflighted request that fails.
func (t *trial) preflights(usual ...string) *matrix.Reply {
	q := t.base
	q.Credentials, q.SignedIn = t.w.Credentials, false
	if t.p.Forwards {
		q.Person = rehearsal.Echo
	}
	methods := t.w.Methods
	switch {
	case len(methods) > 0:
	case len(t.w.Headers) > 0: // for a GET or a POST, which needs no list of methods
		methods = []string{http.MethodGet}
	default:
		methods = usual
	}
	for _, m := range methods[:min(len(methods), 6)] {
		q.Method, q.Headers = m, t.w.Headers[:min(len(t.w.Headers), 8)]
		if r := t.ask(q); len(r.Verdict.Preflights) > 0 && r.Verdict.Outcome != browser.Readable {
			return r
		}
		if len(q.Headers) == 0 && (m == http.MethodPost || m == http.MethodPut || m == http.MethodPatch) && t.p.Handler == nil {
			q.Headers = []string{"Content-Type"}
			if r := t.ask(q); r.Verdict.Reason == browser.HeaderNotAllowed {
				t.fails("json", Fragile, r)
			}
		}
	}
	return nil
}

// exposes: beside credentials a * is the name of a field, and no wildcard (Fetch, section
// CORS protocol and credentials).
func (t *trial) exposes(r *matrix.Reply) {
	for _, o := range t.p.Operations {
		if o.Field == httpwords.ExposeHeaders && sent(r, o) && slices.Equal(o.Values, []string{httpwords.Wildcard}) {
			t.report.add(t.finding("no-effect", Note, r, t.p, t.page()+" sees no further header fields with credentials: beside these `*` is no wildcard", "list the names"), o.Place)
		}
	}
}

// authorization asks with Authorization, which a * in Access-Control-Allow-Headers does
// not cover (Fetch, CORS non-wildcard request-header name), where something on the way
// evidently deals with it.
func (t *trial) authorization(plain *matrix.Reply) {
	if t.p.Handler != nil || t.w.Credentials || slices.ContainsFunc(t.base.Fields, isAuthorization) {
		return
	}
	q := t.base
	q.Fields = append(slices.Clone(q.Fields), matrix.Key{Name: "Authorization", Value: "Bearer x"})
	r := t.ask(q)
	o := t.promise("preflight", r)
	if r.Verdict.Reason != browser.AuthNotListed || !slices.Contains(o.Values, httpwords.Wildcard) {
		return
	}
	q.Origin = ""
	if signed := t.ask(q); slices.ContainsFunc([]*rehearsal.Answer{plain.Last(), signed.Last()}, matrix.Authorizes) {
		t.report.add(t.finding("preflight", Note, r, t.p, t.page()+" cannot send Authorization: `*` does not cover it",
			"name it beside the `*`, as \"*, Authorization\", if pages are to send it"), o.Place)
	}
}

func isAuthorization(k matrix.Key) bool { return strings.EqualFold(k.Name, "Authorization") }

// circumstance is what may stand behind an answer that is not the usual one, and the
// finding where it cannot be read.
type circumstance struct {
	id       string
	question matrix.Question
}

// circumstances are an upstream that fails or has CORS headers of its own, a file that
// is missing, and somebody who is not signed in.
var circumstances = []circumstance{
	{"error", matrix.Question{SignedIn: true, Person: rehearsal.Down}},
	{"error", matrix.Question{SignedIn: true, Person: rehearsal.Unauthorized}},
	{"upstream", matrix.Question{SignedIn: true, Person: rehearsal.Own}},
	{"upstream", matrix.Question{SignedIn: true, Person: rehearsal.Echo}},
	{"error", matrix.Question{SignedIn: true, FilesMissing: true}},
	{"error", matrix.Question{}},
}

// again asks in the circumstances that the answer leaves open.
func (t *trial) again(plain *matrix.Reply) {
	last := plain.Last()
	for _, c := range circumstances {
		q := t.base
		q.Person, q.FilesMissing, q.SignedIn = c.question.Person, c.question.FilesMissing, c.question.SignedIn
		q.Credentials = t.w.Credentials && q.SignedIn
		switch {
		case q.Person != rehearsal.Plain && !last.Upstream, q.FilesMissing && len(last.FilesPlayed) == 0, !q.SignedIn && !last.Authentication, c.id == "upstream" && t.p.Keeps:
			continue
		}
		if r := t.ask(q); !r.Readable() {
			t.fails(c.id, Fragile, r)
		}
	}
}

// swallowed: the page of the wish gets an empty answer, and others do not, or other
// paths do not.
func (t *trial) swallowed(plain *matrix.Reply) {
	if !plain.Last().Silent {
		return
	}
	q := t.base
	q.Origin = ""
	for _, q.Path = range []string{t.base.Path, matrix.Nowhere} {
		if r := t.ask(q); r.Last() != nil && !r.Last().Silent {
			t.fails("swallowed", Broken, plain)
			return
		}
	}
}

// onlyThis: in Caddy v2 a path stands for itself. In v1 it stood for all below it. That
// it was meant so shows in another matcher for what is below, and for / by itself.
func (t *trial) onlyThis() {
	below := strings.TrimSuffix(t.base.Path, "/") + "/x"
	switch {
	case len(t.p.Paths) == 1 && t.p.Paths[0] == "/":
		below = matrix.Nowhere
	case len(t.p.Paths) == 0 || !slices.Contains(t.Paths, below) || slices.Contains(t.p.Paths, below) || t.narrower(t.p, below):
		return
	}
	q := t.base
	q.Path = below
	if r := t.ask(q); !r.Readable() && r.Last() != nil && !r.Last().Silent {
		t.fails("root", Fragile, r)
	}
}

// bareOptions are the answers to OPTIONS that somebody wrote by hand.
func bareOptions(s *matrix.Site) (all []*rehearsal.Handler) {
	for _, h := range s.Handlers {
		if h.Kind == "static_response" && matrix.PreflightOnly(h) && !h.ErrorRoute {
			all = append(all, h)
		}
	}
	return all
}

// bare asks whether an answer to OPTIONS keeps preflights from an upstream that
// would have answered them.
func (x *site) bare(h *rehearsal.Handler) {
	for _, path := range x.Paths[:min(len(x.Paths), fullPaths)] {
		q := matrix.Question{Method: http.MethodPut, Path: path, Origin: matrix.Anybody, Person: rehearsal.Echo, SignedIn: true}
		r := x.ask(q)
		q.Method = http.MethodGet
		if r.Preflight() && !r.Readable() && r.Last() != nil && r.Last().By == h && x.ask(q).Readable() {
			x.report.add(x.finding("preflight", Fragile, r, nil,
				"this line answers every preflight without a CORS header, before the upstream can",
				"let only the upstream answer OPTIONS, or put a `cors` policy into the site"), h.Place)
			return
		}
	}
}
