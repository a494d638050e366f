package repair

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// result collects what was proved.
func (w *workshop) result() *Result { //nolint:gocognit // its cases stand in the order in which they are tried
	res := &Result{Old: w.src.texts, New: map[string]string{}}
	var done []*job
	for _, j := range w.jobs {
		r := Repair{Lines: map[string][]int{}}
		for _, p := range j.policies {
			for _, l := range p.lines {
				for i := l.node.first; i <= l.node.last; i++ {
					if !slices.Contains(r.Lines[l.node.file], i) {
						r.Lines[l.node.file] = append(r.Lines[l.node.file], i)
					}
				}
			}
		}
		if j.edits == nil {
			if j.reason == "" || !slices.ContainsFunc(j.policies, (*policy).byHand) {
				continue
			}
			r.Reason = j.reason
		} else {
			done = append(done, j)
			r.Text, r.Notes = j.written(), j.notes()
		}
		res.Repairs = append(res.Repairs, r)
	}
	if edited, err := w.edited(done); err == nil {
		res.New = edited
	}
	return res
}

// origins are examples of those that stand in what is written.
func (j *job) origins() (list []string) {
	for _, e := range j.edits {
		for _, l := range e.with {
			for w := range strings.FieldsSeq(l) {
				if strings.Contains(w, "://") {
					list = append(list, claim{value: w}.samples()...)
				}
			}
		}
	}
	return list
}

// written is the new directive as it stands in the text.
func (j *job) written() []string {
	for _, e := range j.edits {
		if e.last < e.first {
			return e.with
		}
	}
	return nil
}

func (j *job) notes() (notes []string) {
	for _, d := range j.drafts {
		for _, n := range d.notes {
			if !slices.Contains(notes, n) {
				notes = append(notes, n)
			}
		}
	}
	if len(j.losses) > 0 {
		notes = append(notes, "what the upstream allows by itself is lost where it differs: before, "+j.losses[0]+" and could read the answer")
	}
	return notes
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
