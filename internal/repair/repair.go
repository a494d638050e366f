// Package repair replaces CORS that was written by hand with a cors directive,
// and shows only what it has proved.
//
// It reads the lines of a configuration that together make a policy, works out
// whom their author evidently lets in, and writes a cors block in their place.
// Then the old and the new configuration run side by side (package rehearsal),
// and are asked the same questions: the author's pages can read, also errors;
// nobody else gains anything; what an upstream decided by itself still counts, or
// the loss is named; and who sends no Origin sees no difference. There may be
// several ways to write a repair. The first that passes is taken.
package repair

import (
	"slices"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/caddy-cors/caddy-cors/internal/lint"
	"github.com/caddy-cors/caddy-cors/internal/matrix"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// Repair is what becomes of one hand-written policy.
type Repair struct {
	// Lines are those of the old policy, by file.
	Lines map[string][]int
	// Paths are JSON pointers, where there are no lines.
	Paths []string
	// Text is the directive that replaces them. Nil: there is none, or the old
	// lines only have to go.
	Text []string
	// Blocks is how many different ones there are, each for some of the requests. Text
	// is then the first.
	Blocks int
	// Reason says why there is no repair. Empty: there is one.
	Reason string
	// Notes say what changes beyond what was meant, one sentence each.
	Notes []string
}

// Covers reports whether a line belongs to the old policy.
func (r *Repair) Covers(file string, line int) bool { return slices.Contains(r.Lines[file], line) }

// Result has the repairs of a configuration, and the texts with all of them.
type Result struct {
	Repairs []Repair
	Old     map[string]string // by file name
	New     map[string]string // only those that change
	Patch   []PatchOperation  // of a configuration in JSON
}

// Options say what to repair.
type Options struct {
	// Origins are those that the user names for policies that do not say whom
	// they are for.
	Origins []string
	// Findings are what lint found. A policy without one above a note is left as
	// it is. Nil: lint was not asked, and everything is repaired.
	Findings []lint.Finding
	// Most is how many policies are repaired at most; with more, none is. Zero:
	// all are.
	Most int
	// Stage is the configuration, if it is loaded already. It stays open.
	Stage *rehearsal.Rehearsal
	// Sites are those of the stage.
	Sites []*matrix.Site
}

// Caddyfile repairs a Caddyfile. The error is Caddy's.
func Caddyfile(name string, body []byte, o Options) (*Result, error) {
	w, err := open(name, body, o)
	if err != nil {
		return nil, err
	}
	defer w.close()
	w.work()
	return w.result(), nil
}

// JSON repairs a configuration in Caddy's own format: the patch has the
// operations that are proved. The error is Caddy's.
func JSON(config []byte, o Options) (*Result, error) {
	w := &workshop{doc: jsonText(config)}
	if err := w.load(o); err != nil {
		return nil, err
	}
	defer w.close()
	w.prepare(jsonSites(w.before), o)
	w.work()
	return w.result(), nil
}

// open reads a Caddyfile and writes the drafts.
func open(name string, body []byte, o Options) (*workshop, error) {
	blocks, err := caddyfile.Parse(name, body)
	src := readSources(name, body)
	w := &workshop{doc: src}
	if err != nil {
		return nil, err
	}
	if err := w.load(o); err != nil {
		return nil, err
	}
	w.prepare(sitesOf(blocks, src), o)
	w.jobs = append(w.jobs, src.withDefaults(o.Findings)...)
	return w, nil
}
