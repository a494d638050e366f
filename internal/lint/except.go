package lint

import (
	"cmp"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/matrix"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// exception is the line that takes from an answer what other answers get by the same
// policy: a deletion, or a shorter list, for some paths or methods only. Nil: there
// is none. A line that leaves nothing to anybody is no exception, and errors are rarely
// meant to be unreadable.
func (t *trial) exception(r *matrix.Reply) *matrix.Operation {
	if t.p.Handler != nil || r.Last() == nil {
		return nil
	}
	field := cmp.Or(promised[r.Verdict.Reason], httpwords.AllowOrigin)
	for _, o := range t.Operations {
		if o.Handler.Kind != "headers" || o.Request || !o.Covers(field) || !ran(r, o.Handler) || o.Handler.ErrorRoute || matrix.PreflightOnly(o.Handler) {
			continue
		}
		takes := o.Deletes && r.Last().Header.Get(field) == "" ||
			!o.Deletes && field != httpwords.AllowOrigin && sent(r, o) && !slices.Contains(t.p.Operations, o)
		if takes && t.spares(o, r) {
			return o
		}
	}
	return nil
}

// spares reports whether the same page gets through where a line does not run.
func (t *trial) spares(o *matrix.Operation, r *matrix.Reply) bool {
	paths := t.pathsOf(t.p)
	elsewhere := r.Question
	usual := t.base
	usual.Credentials = r.Credentials
	through := func(q matrix.Question) bool {
		again := t.ask(q)
		return again.Readable() && again.Last() != nil && !again.Last().Silent && t.counts(again) && !ran(again, o.Handler)
	}
	for _, w := range t.p.Wishes { // it is for this page only
		usual.Origin = w.Origin
		if again := t.ask(usual); w.Origin != t.w.Origin && again.Readable() && !ran(again, o.Handler) {
			return true
		}
	}
	usual.Origin = t.base.Origin
	return through(usual) || slices.ContainsFunc(paths[:min(len(paths), fullPaths)], func(path string) bool {
		elsewhere.Path = t.p.NamedIn(path, t.w.Origin)
		return through(elsewhere)
	})
}

// excepted says that a line is an exception, and no more: no repair undoes it.
func (t *trial) excepted(o *matrix.Operation, r *matrix.Reply) Finding {
	does := "sets a shorter " + o.Field
	if o.Deletes {
		does = "deletes " + o.Name
	}
	return t.finding("exception", Note, r, nil, t.page()+" gets less here than elsewhere on this site: this line "+does,
		"leave it if it is meant; else remove the line")
}

// guard is the line that refuses a preflight on purpose: it is for preflights, and others
// of the same policy pass. Nil: there is none.
func (t *trial) guard(r *matrix.Reply) *rehearsal.Handler {
	last := r.Last()
	if last == nil || !r.Preflight() || t.p.Handler != nil || last.Status/100 == 2 {
		return nil
	}
	if by := last.Refuser(); by != nil && matrix.AboutPreflights(by) && t.passes(r) {
		return by
	}
	return nil
}

// closed reports whether a line refuses all requests for what a preflight is for: nobody
// loses by that.
func (t *trial) closed(r *matrix.Reply) bool {
	q := r.Question
	if !r.Preflight() || t.p.Handler != nil || r.Last() == nil || !refused(r) {
		return false
	}
	q.Method, q.Headers = http.MethodGet, nil
	return refused(t.ask(q)) && t.passes(r)
}

// passes reports whether some preflight of the policy gets through.
func (t *trial) passes(r *matrix.Reply) bool {
	paths := t.pathsOf(t.p)
	q := r.Question
	for _, path := range paths[:min(len(paths), asidePaths)] {
		q.Path = t.p.NamedIn(path, t.w.Origin)
		for _, q.Address = range t.clients {
			if t.passesBy(q) {
				return true
			}
		}
	}
	return false
}

// passesBy reports whether a preflight gets through, by whatever method or header.
func (t *trial) passesBy(q matrix.Question) bool {
	for _, q.Method = range append(slices.Clone(t.w.Methods[:min(len(t.w.Methods), 4)]), http.MethodGet) {
		for _, q.Headers = range [][]string{nil, {"Content-Type"}} {
			if again := t.ask(q); len(again.Verdict.Preflights) > 0 && again.Verdict.Outcome != browser.PreflightFailed {
				return true
			}
		}
	}
	return false
}

// guarded says that a line is a guard, and no more: no repair undoes it.
func (t *trial) guarded(by *rehearsal.Handler, r *matrix.Reply) {
	t.report.add(t.finding("exception", Note, r, nil, t.page()+" gets less here than elsewhere on this site: this line refuses the preflight", "leave it if it is meant; else remove the line"), by.Place)
}

// aboutCORS finds what may write a field of CORS. What a missing file has, nobody knows.
var aboutCORS = regexp.MustCompile(`(?i)access-control-|\bvary\b|\bcors\b|^import\b`)

// anything finds whatever may answer.
var anything = regexp.MustCompile(`^[^@]`)

// lacks reports whether Caddy cannot load something of a site that is like that.
func (r *Report) lacks(s *matrix.Site, like *regexp.Regexp) bool {
	return slices.ContainsFunc(r.Stage.LeftOut, func(l rehearsal.LeftOut) bool {
		here := len(l.Sites) == 0 || len(s.Hosts) == 0 || slices.ContainsFunc(l.Sites, func(key string) bool {
			a, err := httpcaddyfile.ParseAddress(strings.TrimSuffix(key, ","))
			return err != nil || a.Host == "" || slices.Contains(s.Hosts, a.Host)
		})
		return here && like.MatchString(l.Body)
	})
}

// unloadable reports whether a finding may come of what Caddy cannot load: lines that
// would have written the field, or a handler that would have answered. Where the words
// of a line are wrong, they are wrong all the same.
func (t *trial) unloadable(f *Finding) bool {
	switch {
	case f.ID == "swallowed":
		return t.report.lacks(t.Site, anything)
	case f.ID == "no-effect", f.ID == "certificate", t.p.Handler != nil:
		return false
	}
	return t.report.lacks(t.Site, aboutCORS)
}
