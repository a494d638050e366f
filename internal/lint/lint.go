// Package lint finds what defeats CORS in a whole configuration.
//
// It asks the configuration, in a rehearsal, what pages would ask of it, and
// judges the answers as a browser does. A finding is a question that fails, or
// one that lets somebody in. The few that are read instead say so.
package lint

import (
	"cmp"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/matrix"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// Severity says how bad a finding is.
type Severity string

// The severities, the worst first.
const (
	Security Severity = "security" // somebody gets in whom the author did not mean
	Broken   Severity = "broken"   // what the author evidently wanted fails
	Fragile  Severity = "fragile"  // it works until an error, an upstream or a cache comes into play
	Note     Severity = "note"     // right, and could be simpler
)

var ranks = map[Severity]int{Security: 0, Broken: 1, Fragile: 2, Note: 3}

// Finding is one thing that defeats CORS.
type Finding struct {
	ID       string   `json:"id"`
	Severity Severity `json:"severity"`
	File     string   `json:"file,omitempty"`
	Line     int      `json:"line,omitempty"`
	Path     string   `json:"path,omitempty"` // a JSON pointer, where there is no line
	Text     string   `json:"text,omitempty"` // of the line
	Site     string   `json:"site,omitempty"`
	Problem  string   `json:"problem"`
	Effect   string   `json:"effect,omitempty"`
	Cure     string   `json:"cure"`
	// Request is one that was seen to fail, or to get in. Empty: the finding was
	// read.
	Request string `json:"request,omitempty"`
	// Repair is a number that the findings of one repair share.
	Repair int `json:"repair,omitempty"`

	Question *matrix.Question `json:"-"`
	Policy   *matrix.Policy   `json:"-"`
	Address  string           `json:"-"` // of the site: https://api.example.com

	silent bool // nobody answers what was asked
}

// Place is where the finding stands.
func (f *Finding) Place() string {
	return rehearsal.Place{File: f.File, Line: f.Line, Path: f.Path}.String()
}

// Options say what to lint.
type Options struct {
	// Origins are those that the site is for, where the configuration does not say.
	Origins []string
	// Repair may give findings repairs, and better cures, before they are shown.
	Repair func(*Report)
	// Progress is told how many sites of how many are done.
	Progress func(done, of int)
	// Sites are those of the configuration, if they are known, and Only says which
	// of them are asked. Nil: all.
	Sites []*matrix.Site
	Only  func(*matrix.Site) bool
}

// Report is all that was found.
type Report struct {
	Findings []Finding
	// Asked is how many questions were asked. With none, there is no CORS in the
	// configuration.
	Asked int
	// Err is Caddy's own, where it cannot load the configuration. The findings are
	// then about the rest.
	Err error
	// Unjudged is what Caddy cannot load, of which the findings say nothing.
	Unjudged []string
	// Stage and Sites are what was asked.
	Stage *rehearsal.Rehearsal
	Sites []*matrix.Site

	merged  map[string]int
	sources map[string][]string // lines of files
	tries   int                 // of leaving lines out
}

// File lints a configuration file as `caddy run` would read it.
func File(file, adapter string, o Options) (*Report, error) {
	return run(o)(rehearsal.Load(file, adapter, stageOptions))
}

// Caddyfile lints the text of a Caddyfile.
func Caddyfile(name string, body []byte, o Options) (*Report, error) {
	return run(o)(rehearsal.Caddyfile(name, body, stageOptions))
}

// JSON lints a configuration in JSON.
func JSON(config []byte, o Options) (*Report, error) {
	return run(o)(rehearsal.JSON(config, stageOptions))
}

var stageOptions = rehearsal.Options{Parts: true, Tolerant: true}

func run(o Options) func(*rehearsal.Rehearsal, error) (*Report, error) {
	return func(stage *rehearsal.Rehearsal, err error) (*Report, error) {
		if stage == nil {
			return nil, err
		}
		defer stage.Close()
		return Rehearsed(stage, err, o), nil
	}
}

// Rehearsed lints what is loaded already, and leaves it open. The error is
// Caddy's, where the stage is what is left beside it.
func Rehearsed(stage *rehearsal.Rehearsal, err error, o Options) *Report {
	r := &Report{Stage: stage, Err: err, Sites: o.Sites, merged: map[string]int{}, sources: map[string][]string{}}
	if r.Sites == nil {
		r.Sites = matrix.Sites(stage, o.Origins...)
	}
	r.leftOut()
	for i, s := range r.Sites {
		if o.Only == nil || o.Only(s) {
			r.inspect(s)
		}
		if o.Progress != nil {
			o.Progress(i+1, len(r.Sites))
		}
	}
	r.read()
	// A line that does nothing for one page may spoil the answer to another.
	r.Findings = slices.DeleteFunc(r.Findings, func(f Finding) bool {
		return f.ID == "beside" && slices.ContainsFunc(r.Findings, func(g Finding) bool { return g.ID != f.ID && g.Place() == f.Place() })
	})
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(ranks[a.Severity]-ranks[b.Severity], strings.Compare(a.File, b.File), a.Line-b.Line, strings.Compare(a.Path, b.Path))
	})
	if o.Repair != nil {
		o.Repair(r)
	}
	return r
}

// Worst is the worst severity that was found; empty if nothing was.
func (r *Report) Worst() Severity {
	if len(r.Findings) == 0 {
		return ""
	}
	return r.Findings[0].Severity
}

// Silent reports whether something is about CORS, though nothing of it can be asked.
func (r *Report) Silent() bool {
	return r.Asked == 0 && slices.ContainsFunc(r.Sites, func(s *matrix.Site) bool {
		return slices.ContainsFunc(s.Operations, func(o *matrix.Operation) bool { return o.Field != httpwords.Vary }) ||
			slices.ContainsFunc(s.Handlers, func(h *rehearsal.Handler) bool { return h.Kind == "cors" })
	})
}

// add keeps a finding. Those of one cause are one: the first request of the
// gravest stands for all, and one that somebody answers before one that nobody does.
func (r *Report) add(f Finding, at rehearsal.Place) {
	f.File, f.Line, f.Text = at.File, at.Line, at.Text
	if at.File == "" {
		f.Path = strings.TrimPrefix(at.Path, "/")
	}
	key := f.ID + " " + f.Place()
	if i, ok := r.merged[key]; ok {
		old := r.Findings[i]
		if ranks[f.Severity] < ranks[old.Severity] || f.Severity == old.Severity && old.silent && !f.silent {
			r.Findings[i] = f
		}
		return
	}
	r.merged[key] = len(r.Findings)
	r.Findings = append(r.Findings, f)
}

// has reports whether something was found at a place.
func (r *Report) has(at rehearsal.Place) bool {
	return slices.ContainsFunc(r.Findings, func(f Finding) bool {
		return f.File == at.File && f.Line == at.Line && (f.File != "" || strings.HasPrefix("/"+f.Path, at.Path))
	})
}
