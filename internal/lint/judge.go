package lint

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/matrix"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// Rule is a kind of finding.
type Rule struct {
	ID, What      string
	problem, cure string
}

// Rules are all kinds of findings, as the documents list them.
var Rules = []Rule{
	{"stranger", "A page gets in that nobody had in mind: whoever asks, a lookalike, an http page.", "a stranger gets in: %s, which nobody meant to allow", byList},
	{"variable", "A line of a policy is wider where a variable is not set. Read.", "", ""},
	{"refused", "Caddy refuses a `cors` policy. Read.", "Caddy refuses the policy: %s", "correct the policy: while Caddy refuses it, Caddy does not load the configuration at all"},
	{"unreadable", "A page that is wanted cannot read a plain answer.", "%s cannot read the answer", byPolicy},
	{"no-effect", "A line does not do what it says: the finding says why.", "", ""},
	{"unreached", "No request reaches a line, or a policy.", "%s is never let in", "move it to where requests come by, or remove it"},
	{"root", "The matcher of a policy is one path, as /, which stands for nothing below it.", "the matcher `%p` is this one path: %s cannot read anything below it", "leave the matcher out, or write `%p*`"},
	{"lost", "Caddy drops a handler of a named route. Read.", "", ""},
	{"swallowed", "A page that is wanted gets an empty answer, because no handler stands behind the line.", "%s gets an empty answer: no handler that answers stands behind this line, though other requests get an answer", "put the handler that answers behind this line, in the same block"},
	{"credentials", "A page that is wanted cannot read with credentials.", "%s cannot read with credentials", byPolicy},
	{"preflight", "A method or a header that is wanted fails at the preflight.", "%s fails at the preflight", byPolicy},
	{"answers", "Preflights are allowed, and the answers after them are not.", "%s passes the preflight and cannot read the answer: only OPTIONS gets the header", byPolicy + ", or let the upstream send its own CORS headers"},
	{"certificate", "The TLS handshake wants a client certificate, and preflights have none.", "the TLS handshake wants a client certificate, and browsers show none with a preflight or without credentials", "ask for a certificate without requiring it (`mode verify_if_given`), and refuse requests without one behind the policy"},
	{"json", "Methods with a body are listed, and no headers: JSON cannot be sent.", "%s cannot send JSON: the preflight's answer has no Access-Control-Allow-Headers", byPolicy},
	{"upstream", "An upstream that sends CORS headers too makes the answer unreadable.", "%s cannot read, because CORS headers go out twice, or two disagree", "strip the upstream's (`header_down -Access-Control-*`), or " + byPolicy},
	{"error", "A page that is wanted cannot read errors: a 401, a 404, a 502.", "%s cannot read errors", byPolicy},
	{"vary", "The answer depends on Origin, and `Vary: Origin` is missing somewhere.", "the answer depends on Origin and does not say so: Vary: Origin is missing, and a cache gives one page's answer to another", byPolicy + ", or add `header +Vary Origin` for every request"},
	{"null", "The origin null is allowed, which any page can send, or file://, which is as anonymous.", "%s is allowed, and any page can send it: browsers send null for sandboxed frames and for pages from a disk, and some apps and devices send file://", "list the origins, and leave %s out"},
	{"own", "The only origin of lines written by hand is the site itself. Read.", "", ""},
	{"warning", "What Caddy warns of when it loads a policy.", "", ""},
	{"exception", "A line takes away from some requests what others get. Its author may mean it so.", "", ""},
	{"beside", "A line beside a `cors` policy does nothing, because the policy replaces it.", "", ""},
	{"reflection", "Whoever asks may read, without credentials: `*` says that more simply.", "every page may read: the line sends back whatever Origin says", "write `*`, which says the same, or list the origins"},
}

func rule(id string) Rule {
	return Rules[slices.IndexFunc(Rules, func(r Rule) bool { return r.ID == id })]
}

const (
	byPolicy = "let a `cors` policy answer in place of the lines written by hand"
	byList   = "let a `cors` policy that lists the origins answer in place of the lines written by hand"
)

func (x *site) finding(id string, s Severity, r *matrix.Reply, p *matrix.Policy, problem, cure string) Finding {
	f := Finding{ID: id, Severity: s, Site: x.Host, Problem: problem, Cure: cure, Policy: p, Address: x.address}
	if r != nil {
		q := r.Question
		f.Question = &q
		f.Request = strings.Replace(q.String(), " ", " "+x.address, 1)
		f.Effect = effect(id, r)
		f.silent = r.Last() != nil && r.Last().Silent
	}
	return f
}

// effect is what the browser says.
func effect(id string, r *matrix.Reply) string {
	a := r.Last()
	switch v := r.Verdict; {
	case id == "certificate":
		return "the handshake fails, and the request gets no answer"
	case v.Err != nil && v.Detail == "":
		return v.Err.Error()
	case a != nil && a.Silent && id != "vary":
		return "no handler answers: an empty 200"
	case id == "vary":
		return allowed(a) + ", and no Vary: Origin"
	case (id == "stranger" || id == "null") && !r.Readable():
		return "the preflight passes, so the request goes out with credentials, though its answer cannot be read"
	case v.Detail == "" && a != nil:
		return fmt.Sprintf("status %d, %s", a.Status, allowed(a))
	case r.Preflight():
		return "the preflight fails: " + v.Detail
	default:
		return v.Detail
	}
}

func allowed(a *rehearsal.Answer) string {
	if value := a.Header.Get(httpwords.AllowOrigin); value != "" {
		return fmt.Sprintf("%s %q", httpwords.AllowOrigin, value)
	}
	return "no " + httpwords.AllowOrigin
}

func (t *trial) page() string {
	if t.w.Origin == matrix.Anybody {
		return "a page of any origin"
	}
	return "a page of " + t.w.Origin
}

// fails reports a question that should not have failed. What fails for want of
// something that Caddy cannot load is no finding.
func (t *trial) fails(id string, s Severity, r *matrix.Reply) {
	if o := t.exception(r); o != nil {
		t.report.add(t.excepted(o, r), o.Place)
		return
	}
	if t.closed(r) {
		return
	}
	if by := t.guard(r); by != nil {
		t.guarded(by, r)
		return
	}
	if errors.Is(r.Verdict.Err, rehearsal.ErrClientCertificate) {
		id = "certificate"
	}
	problem := strings.NewReplacer("%s", t.page(), "%p", t.base.Path).Replace(rule(id).problem)
	switch {
	case r.Person != rehearsal.Plain:
		problem += ", when the upstream " + matrix.Persons[r.Person]
	case r.FilesMissing:
		problem += ", when the file is missing (404)"
	case id == "error":
		problem += ", when nobody is signed in (401)"
	}
	f := t.finding(id, s, r, t.p, problem, t.cure(id))
	if at := t.because(&f, r); !t.unloadable(&f) {
		t.report.add(f, at)
	}
}

// cure is what to do, as long as no line is to blame.
func (t *trial) cure(id string) string {
	h := t.p.Handler
	switch {
	case h == nil || id == "certificate" || id == "root" || id == "swallowed":
		return strings.ReplaceAll(rule(id).cure, "%p", t.base.Path)
	case id == "answers":
		return "remove the method from the matcher of `cors`: it answers preflights by itself, and allows what comes after them"
	}
	cure := "put `cors` (" + h.Place.String() + ") in front of what answers: at the top level of the site Caddy does so by itself"
	if id != "unreached" {
		cure += ". Let no other line write its headers"
	}
	return cure
}

// because adds to a finding why the question failed, and what helps, and returns the
// line that is to blame.
func (t *trial) because(f *Finding, r *matrix.Reply) rehearsal.Place {
	at := t.place(f.ID, r)
	right := func(again *matrix.Reply) bool { return again.Readable() && !again.Last().Silent }
	switch f.ID {
	case "swallowed", "certificate", "json", "answers":
		return at
	case "vary":
		right = func(again *matrix.Reply) bool { return matrix.VariesByOrigin(again.Last().Header) }
	default:
		if why, cure, away := t.keptAway(f.ID, r); why != "" {
			f.Problem, f.Cure = f.Problem+": "+why, cure
			return away
		}
		if why, cure := t.miswritten(f.ID, r); why != "" {
			f.ID, f.Problem, f.Cure = "no-effect", f.Problem+": "+why, cure
			return at
		}
	}
	if blamed, o, ok := t.blame(r, right); ok {
		if o != nil && t.p.Handler != nil {
			f.Cure = cureBeside(o)
		}
		if f.ID != "vary" {
			f.Problem += ", because of this line"
		}
		return blamed
	}
	if f.ID == "unreached" {
		f.Problem += ": no request ever reaches this line"
	}
	return at
}

// cureBeside is the cure where a line beside a cors handler is to blame.
func cureBeside(o *matrix.Operation) string {
	switch {
	case o.Deletes:
		return "remove it: it deletes what `cors` writes, and `cors` deletes by itself what others wrote"
	case o.Field == httpwords.Vary:
		return "write `+Vary`, with > in front if it must wait for the answer: then it adds to what `cors` writes"
	default:
		return "remove it: `cors` writes the field"
	}
}

// opens reports somebody who gets in.
func (t *trial) opens(r *matrix.Reply) {
	id, s, problem := "stranger", Security, ""
	anonymous := r.Origin == httpwords.NullOrigin || r.Origin == matrix.FromDisk
	// Whoever asks is let in by name, however it is written.
	reflects := t.p.Open && !slices.Contains(t.p.Lookalikes, r.Origin) && slices.ContainsFunc(r.Answers, func(a *rehearsal.Answer) bool {
		return a != nil && a.Header.Get(httpwords.AllowOrigin) == r.Origin
	})
	switch {
	case reflects && anonymous:
		return // said of every page
	case anonymous && r.Credentials:
		id = "null"
	case anonymous:
		id, s = "null", Fragile
	case reflects && r.Credentials:
		problem = "every page gets in with credentials: the line sends back whatever Origin says"
	case reflects:
		id, s = "reflection", Note
	}
	fill := strings.NewReplacer("%s", r.Origin)
	at, cure := t.place(id, r), fill.Replace(rule(id).cure)
	lines := t.p.Operations
	if t.p.Handler != nil {
		lines = t.Operations
	}
	for _, o := range lines { // the last one that ran for the stranger
		if o.LetsIn() && ran(r, o.Handler) {
			at = o.Place
			if t.p.Handler != nil {
				cure = "remove the line"
			}
		}
	}
	if t.p.Handler != nil {
		// A guard, as `error`, is no line to remove, though nobody reads without it.
		if blamed, o, ok := t.blame(r, func(again *matrix.Reply) bool { return !again.Readable() }); ok && o != nil {
			at, cure = blamed, "remove the line"
		}
	}
	t.report.add(t.finding(id, s, r, t.p, cmp.Or(problem, fill.Replace(rule(id).problem)), cure), at)
}

// promised is the field that promises what a browser misses.
var promised = map[browser.Reason]string{
	browser.MethodNotAllowed: httpwords.AllowMethods, browser.HeaderNotAllowed: httpwords.AllowHeaders,
	browser.AuthNotListed: httpwords.AllowHeaders, browser.ACACNotTrue: httpwords.AllowCredentials,
	browser.ACAMMalformed: httpwords.AllowMethods, browser.ACAHMalformed: httpwords.AllowHeaders,
}

// promise is the line that promises what a question asks for. Nil: a cors handler does.
func (t *trial) promise(id string, r *matrix.Reply) *matrix.Operation {
	fields := []string{promised[r.Verdict.Reason]}
	if id == "preflight" || id == "json" {
		fields = append(fields, httpwords.AllowMethods, httpwords.AllowHeaders)
	}
	for _, f := range fields {
		for _, o := range t.p.Operations {
			if o.Field == f && !o.Deletes {
				return o
			}
		}
	}
	return t.w.Operation
}

func (t *trial) place(id string, r *matrix.Reply) rehearsal.Place {
	if o := t.promise(id, r); o != nil {
		return o.Place
	}
	return t.p.Handler.Place
}
