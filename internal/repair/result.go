package repair

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/lint"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// result collects what was proved.
func (w *workshop) result() *Result {
	res := &Result{}
	var done []*job
	for _, j := range w.jobs {
		r := j.repair()
		switch {
		case j.edits != nil:
			done = append(done, j)
			r.Text, r.Blocks, r.Notes = j.text, len(j.blocks), j.notes()
		case j.reason == "" || !slices.ContainsFunc(j.policies, (*policy).byHand):
			continue
		default:
			r.Reason = j.reason
		}
		res.Repairs = append(res.Repairs, *r)
	}
	w.doc.finish(editsOf(done), res)
	return res
}

// repair has the places of a job.
func (j *job) repair() *Repair {
	r := &Repair{Lines: map[string][]int{}}
	for _, p := range j.policies {
		for _, l := range p.lines {
			r.add(l.node, l.path)
		}
	}
	if j.alone != nil {
		r.add(j.alone, "")
	}
	return r
}

// add adds the place of a line.
func (r *Repair) add(n *node, path string) {
	if n == nil {
		r.Paths = appendNew(r.Paths, path)
		return
	}
	for i := n.first; i <= n.last; i++ {
		if !r.Covers(n.file, i) {
			r.Lines[n.file] = append(r.Lines[n.file], i)
		}
	}
}

// finds reports whether a finding is about one of the lines.
func (r *Repair) finds(f lint.Finding) bool {
	places := []rehearsal.Place{{File: f.File, Line: f.Line, Path: f.Path}}
	switch {
	case f.Policy == nil:
	case f.Policy.Handler != nil:
		places = append(places, f.Policy.Handler.Place)
	default:
		for _, o := range f.Policy.Operations {
			places = append(places, o.Place)
		}
	}
	return slices.ContainsFunc(places, func(at rehearsal.Place) bool {
		if at.File != "" {
			return r.Covers(at.File, at.Line)
		}
		return slices.ContainsFunc(r.Paths, func(p string) bool { return strings.HasPrefix(p, "/"+strings.TrimPrefix(at.Path, "/")) })
	})
}

// relative is a file's name as patch wants it in the working directory.
func relative(name string) string {
	abs, err := filepath.Abs(name)
	dir, lost := os.Getwd()
	rel, apart := filepath.Rel(dir, abs)
	if errors.Join(err, lost, apart) != nil || strings.HasPrefix(rel, "..") {
		return name
	}
	return rel
}
