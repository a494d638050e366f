package repair

import (
	"errors"
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
			for _, l := range p.lines {
				r.add(l.node, l.path)
			}
		}
		if j.alone != nil {
			r.add(j.alone, "")
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

// add adds the place of a line.
func (r *Repair) add(n *node, path string) {
	if n == nil {
		r.Paths = appendNew(r.Paths, path)
		return
	}
	if r.Lines == nil {
		r.Lines = map[string][]int{}
	}
	for i := n.first; i <= n.last; i++ {
		if !r.Covers(n.file, i) {
			r.Lines[n.file] = append(r.Lines[n.file], i)
		}
	}
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
