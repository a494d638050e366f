package repair

import (
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/hexops/gotextdiff"
	"github.com/hexops/gotextdiff/myers"
	"github.com/hexops/gotextdiff/span"

	"github.com/caddy-cors/caddy-cors/internal/lint"
)

// Applies reports whether there is something to apply.
func (r *Result) Applies() bool {
	return len(r.Patch) > 0 || slices.ContainsFunc(slices.Collect(maps.Keys(r.New)), func(name string) bool { return r.New[name] != r.Old[name] })
}

// Remarks are what cannot be repaired, and what is lost: one line each, as
// comments of a patch.
func (r *Result) Remarks(w io.Writer) {
	for _, rep := range r.Repairs {
		notes := rep.Notes
		if rep.Reason != "" {
			notes = append([]string{"no repair: " + rep.Reason}, notes...)
		}
		for _, place := range rep.places() {
			for _, n := range notes {
				fmt.Fprintf(w, "# %s: %s\n", place, strings.Join(strings.Fields(n), " "))
			}
		}
	}
}

// places are where the old lines stand, for people.
func (r *Repair) places() []string {
	list := slices.Clone(r.Paths[:min(1, len(r.Paths))])
	for _, name := range slices.Sorted(maps.Keys(r.Lines)) {
		list = append(list, relative(name)+":"+ranges(r.Lines[name]))
	}
	return list
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
		name := patchName(path)
		fmt.Fprint(w, gotextdiff.ToUnified(name, name, before, edits))
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

// ranges writes numbers of lines: 3-5, 9.
func ranges(lines []int) string {
	lines = slices.Sorted(slices.Values(lines))
	var parts []string
	for i := 0; i < len(lines); {
		j := i + 1
		for j < len(lines) && lines[j] == lines[j-1]+1 {
			j++
		}
		part := strconv.Itoa(lines[i])
		if j > i+1 {
			part += "-" + strconv.Itoa(lines[j-1])
		}
		parts, i = append(parts, part), j
	}
	return strings.Join(parts, ", ")
}

// Number is that of the repair that a finding belongs to, from 1; 0 if there is
// none.
func (r *Result) Number(f *lint.Finding) int {
	if f.ID == "exception" { // which no repair undoes
		return 0
	}
	return 1 + slices.IndexFunc(r.Repairs, func(rep Repair) bool { return rep.finds(*f) })
}
