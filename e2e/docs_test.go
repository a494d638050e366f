package e2e

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// docs/browsers.md holds what engines do differently. It is both the record
// and the expectation: what is not in it is a failure. `go test ./e2e -update`
// writes what was measured between its marks.
const docsFile = "../docs/browsers.md"

// recorded is what an engine does in a case instead of what the standard says.
type recorded map[string]map[string]string // engine, case

// deviation explains why cases go their own way.
type deviation struct {
	what  string // what the engines do, in a sentence
	step  string // the step that they do not take
	cases []string
}

func (c *testCase) deviation() *deviation {
	for i := range deviations {
		if slices.Contains(deviations[i].cases, c.id) {
			return &deviations[i]
		}
	}
	return nil
}

// cell is what stands in the table for a report: short where that shows the
// difference.
func (c *testCase) cell(r *report) string {
	if s := r.String(); s != c.want {
		return s
	}
	return r.Full()
}

const asTheStandard = "="

// readDocs returns what the table says, and the versions that it was measured
// with.
func readDocs(t *testing.T) (rows recorded, versions map[string]string) {
	t.Helper()
	b, err := os.ReadFile(docsFile)
	if err != nil {
		t.Fatal(err)
	}
	rows, versions = make(recorded), make(map[string]string)
	for _, e := range engines {
		rows[e.name] = make(map[string]string)
	}
	for line := range strings.Lines(between(string(b), "versions")) {
		if cells := cellsOf(line); len(cells) == 2 {
			versions[cells[0]] = cells[1]
		}
	}
	for line := range strings.Lines(between(string(b), "differences")) {
		cells := cellsOf(line)
		if len(cells) != 2+len(engines) || !strings.Contains(cells[0], "/") {
			continue
		}
		for i, e := range engines {
			if got := cells[2+i]; got != asTheStandard {
				rows[e.name][cells[0]] = got
			}
		}
	}
	return rows, versions
}

// cellsOf reads a row of a table.
func cellsOf(line string) []string {
	line, isRow := strings.CutPrefix(strings.TrimSpace(line), "| ")
	if !isRow {
		return nil
	}
	cells := strings.Split(strings.TrimSuffix(line, " |"), " | ")
	for i, cell := range cells {
		cells[i] = strings.ReplaceAll(strings.Trim(cell, "`"), `\|`, "|")
	}
	return cells
}

func row(cells ...string) string {
	for i, cell := range cells {
		cells[i] = "`" + strings.ReplaceAll(cell, "|", `\|`) + "`"
		if cell == asTheStandard {
			cells[i] = asTheStandard
		}
	}
	return "| " + strings.Join(cells, " | ") + " |\n"
}

// between returns the text between two marks.
func between(text, mark string) string {
	_, text, _ = strings.Cut(text, "<!-- "+mark+" -->\n")
	text, _, _ = strings.Cut(text, "<!-- /"+mark+" -->")
	return text
}

// replace writes the text between two marks.
func replace(t *testing.T, text, mark, with string) string {
	t.Helper()
	before, rest, found := strings.Cut(text, "<!-- "+mark+" -->\n")
	_, after, ended := strings.Cut(rest, "<!-- /"+mark+" -->")
	if !found || !ended {
		t.Fatalf("%s has no mark %q", docsFile, mark)
	}
	return before + "<!-- " + mark + " -->\n" + with + "<!-- /" + mark + " -->" + after
}

// writeDocs writes the tables.
func writeDocs(t *testing.T, rows recorded, versions map[string]string) {
	t.Helper()
	b, err := os.ReadFile(docsFile)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	text = replace(t, text, "groups", groupTable())
	text = replace(t, text, "differences", differenceTables(t, rows))
	list := "| Engine | Version |\n| --- | --- |\n"
	for _, e := range engines {
		list += "| " + e.name + " | " + versions[e.name] + " |\n"
	}
	text = replace(t, text, "versions", list)
	if err := os.WriteFile(docsFile, []byte(text), 0o600); err != nil { //nolint:gosec // a constant path
		t.Fatal(err)
	}
}

// groupTable lists the groups of the table of cases.
func groupTable() string {
	counts := make(map[string]int)
	cases := allCases()
	var order []string
	for _, c := range cases {
		if counts[c.group()]++; counts[c.group()] == 1 {
			order = append(order, c.group())
		}
	}
	var b strings.Builder
	b.WriteString("| Group | Cases | About |\n| --- | ---: | --- |\n")
	for _, g := range order {
		fmt.Fprintf(&b, "| %s | %d | %s |\n", g, counts[g], groups[g])
	}
	fmt.Fprintf(&b, "| | %d | |\n", len(cases))
	return b.String()
}

// differenceTables has a table for each deviation.
func differenceTables(t *testing.T, rows recorded) string {
	t.Helper()
	wants, left := make(map[string]string), make(map[string]bool)
	for _, c := range allCases() {
		wants[c.id] = c.want
	}
	for _, e := range engines {
		for id := range rows[e.name] {
			left[id] = true
		}
	}
	var b strings.Builder
	for _, d := range deviations {
		var lines string
		for _, id := range d.cases {
			if !left[id] {
				continue
			}
			delete(left, id)
			cells := []string{id, wants[id]}
			for _, e := range engines {
				got, ok := rows[e.name][id]
				if !ok {
					got = asTheStandard
				}
				cells = append(cells, got)
			}
			lines += row(cells...)
		}
		if lines != "" {
			fmt.Fprintf(&b, "\n%s\n(%s)\n\n| Case | The standard | Chromium | Firefox | WebKitGTK |\n| --- | --- | --- | --- | --- |\n%s", d.what, d.step, lines)
		}
	}
	if len(left) > 0 {
		t.Errorf("deviations_test.go explains no deviation of %q", slices.Sorted(maps.Keys(left)))
	}
	return b.String() + "\n"
}

// TestDocs holds docs/browsers.md against the table of cases.
func TestDocs(t *testing.T) {
	rows, versions := readDocs(t)
	if *update {
		writeDocs(t, rows, versions)
	}
	b, err := os.ReadFile(docsFile)
	if err != nil {
		t.Fatal(err)
	}
	if between(string(b), "groups") != groupTable() {
		t.Errorf("the groups in %s are out of date: go test ./e2e -run TestDocs -update", docsFile)
	}
	if between(string(b), "differences") != differenceTables(t, rows) {
		t.Errorf("the differences in %s are out of date: go test ./e2e -update", docsFile)
	}
	for _, e := range engines {
		if versions[e.name] == "" {
			t.Errorf("%s tells no version of %s", docsFile, e.name)
		}
	}
}
