package repair

import (
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hexops/gotextdiff"
	"github.com/hexops/gotextdiff/myers"
	"github.com/hexops/gotextdiff/span"

	"github.com/caddy-cors/caddy-cors/internal/lint"
	"github.com/caddy-cors/caddy-cors/internal/rehearsal"
)

// Applies reports whether there is something to apply.
func (r *Result) Applies() bool {
	return len(r.Patch) > 0 || slices.ContainsFunc(slices.Collect(maps.Keys(r.New)), func(name string) bool { return r.New[name] != r.Old[name] })
}

// Remarks are what cannot be repaired, and what is lost: one line each, as
// comments of a patch.
func (r *Result) Remarks(w io.Writer) {
	for _, rep := range r.Repairs {
		if len(rep.Paths) > 0 {
			for _, n := range rep.remarks() {
				fmt.Fprintf(w, "# %s: %s\n", rep.Paths[0], oneLine(n))
			}
		}
		for _, name := range slices.Sorted(maps.Keys(rep.Lines)) {
			place := fmt.Sprintf("%s:%s", relative(name), ranges(rep.Lines[name]))
			for _, n := range rep.remarks() {
				fmt.Fprintf(w, "# %s: %s\n", place, oneLine(n))
			}
		}
	}
}

func (r *Repair) remarks() []string {
	if r.Reason != "" {
		return append([]string{"no repair: " + r.Reason}, r.Notes...)
	}
	return r.Notes
}

// Diff writes the repairs of a Caddyfile as a patch for `patch -p0` in the
// working directory, behind the remarks.
func (r *Result) Diff(w io.Writer) {
	r.Remarks(w)
	r.labels(w)
	for _, name := range slices.Sorted(maps.Keys(r.New)) {
		before, after, path := r.Old[name], r.New[name], relative(name)
		if before == after {
			continue
		}
		edits := myers.ComputeEdits(span.URIFromPath(path), before, after)
		fmt.Fprint(w, gotextdiff.ToUnified(path, path, before, edits))
	}
}

// labels says the repairs in the words of caddy-docker-proxy, where the Caddyfile
// is the one that it writes: the next change of a container would undo a patch.
func (r *Result) labels(w io.Writer) {
	for _, rep := range r.Repairs {
		for _, name := range slices.Sorted(maps.Keys(rep.Lines)) {
			if filepath.Base(name) != "Caddyfile.autosave" || len(rep.Text) == 0 {
				continue
			}
			fmt.Fprintf(w, "# %s:%s: caddy-docker-proxy writes this file from labels; there the old ones go, and these come:\n", relative(name), ranges(rep.Lines[name]))
			for _, label := range labelsOf(rep.Text) {
				fmt.Fprintf(w, "#   %s\n", label)
			}
		}
	}
}

// labelsOf writes a directive as labels: a dot for each block.
func labelsOf(text []string) (labels []string) {
	path := []string{"caddy"}
	for _, line := range text {
		line = strings.TrimSpace(line)
		if line == "}" {
			path = path[:len(path)-1]
			continue
		}
		name, args, _ := strings.Cut(strings.TrimSuffix(line, " {"), " ")
		label := strings.Join(append(path, name), ".")
		labels = append(labels, strings.TrimSpace(label+": "+args))
		if strings.HasSuffix(line, " {") {
			path = append(path, name)
		}
	}
	return labels
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// ranges writes numbers of lines: 3-5, 9.
func ranges(lines []int) string {
	lines = slices.Sorted(slices.Values(lines))
	var parts []string
	for i := 0; i < len(lines); {
		j := i
		for j+1 < len(lines) && lines[j+1] == lines[j]+1 {
			j++
		}
		if i == j {
			parts = append(parts, fmt.Sprint(lines[i]))
		} else {
			parts = append(parts, fmt.Sprintf("%d-%d", lines[i], lines[j]))
		}
		i = j + 1
	}
	return strings.Join(parts, ", ")
}

// Number is that of the repair that a finding belongs to, from 1; 0 if there is
// none.
func (r *Result) Number(f *lint.Finding) int {
	for i := range r.Repairs {
		rep := &r.Repairs[i]
		if rep.is(rehearsal.Place{File: f.File, Line: f.Line, Path: f.Path}) {
			return i + 1
		}
		if f.Policy == nil {
			continue
		}
		if f.Policy.Handler != nil && rep.is(f.Policy.Handler.Place) {
			return i + 1
		}
		for _, o := range f.Policy.Operations {
			if rep.is(o.Place) {
				return i + 1
			}
		}
	}
	return 0
}

func (r *Repair) is(at rehearsal.Place) bool {
	return at.File != "" && r.Covers(at.File, at.Line) || at.File == "" && slices.ContainsFunc(r.Paths, func(p string) bool { return strings.HasPrefix(p, "/"+strings.TrimPrefix(at.Path, "/")) })
}
