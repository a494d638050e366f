package repair

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// result collects what was proved.
func (w *workshop) result() *Result {
	res := &Result{}
	var done []*job
	for _, j := range w.jobs {
		r := Repair{}
		for _, p := range j.policies {
			r.add(p)
		}
		switch {
		case j.edits != nil:
			done = append(done, j)
			r.Text, r.Notes = j.text, j.notes()
		case j.reason == "" || !slices.ContainsFunc(j.policies, (*policy).byHand):
			continue
		default:
			r.Reason = j.reason
		}
		res.Repairs = append(res.Repairs, r)
	}
	w.doc.finish(editsOf(done), res)
	return res
}

// add adds the places of a policy's lines.
func (r *Repair) add(p *policy) {
	for _, l := range p.lines {
		if l.node == nil {
			r.Paths = appendNew(r.Paths, l.path)
			continue
		}
		if r.Lines == nil {
			r.Lines = map[string][]int{}
		}
		for i := l.node.first; i <= l.node.last; i++ {
			if !r.Covers(l.node.file, i) {
				r.Lines[l.node.file] = append(r.Lines[l.node.file], i)
			}
		}
	}
}

// relative is a file's name as patch wants it in the working directory.
func relative(name string) string {
	abs, err := filepath.Abs(name)
	if err != nil {
		return name
	}
	dir, err := os.Getwd()
	if err != nil {
		return name
	}
	if rel, err := filepath.Rel(dir, abs); err == nil && !strings.HasPrefix(rel, "..") {
		return rel
	}
	return name
}
