package lint_test

import (
	"bufio"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "github.com/caddyserver/caddy/v2/modules/standard"

	_ "github.com/caddy-cors/caddy-cors" // the directive
	"github.com/caddy-cors/caddy-cors/internal/lint"
)

// judgeCase is a configuration and what must be said of it. testdata/cases.jsonl
// has one a line; `seen` and `repair` are for other judges.
type judgeCase struct {
	ID, Why, Kind, Config string
	Files, Env            map[string]string
	Expect                struct {
		Clean    bool
		AtMost   lint.Severity `json:"at_most"`
		Exit     any
		Findings []expected
		NoneOn   []int `json:"none_on"`
		Never    [][]string
		Says     [][]string
	}
}

// expected is a finding that must be there.
type expected struct {
	Lines    []int
	Paths    []string
	File     string
	Words    [][]string
	Min, Max lint.Severity
	Request  bool
}

var order = []lint.Severity{lint.Note, lint.Fragile, lint.Broken, lint.Security}

func rank(s lint.Severity) int { return slices.Index(order, s) }

// TestCases plays the cases that the issue came with. Our own are golden files.
func TestCases(t *testing.T) {
	f, err := os.Open("testdata/cases.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	n := 0
	for ; lines.Scan(); n++ {
		var c judgeCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatalf("line %d: %v", n+1, err)
		}
		t.Run(c.ID, func(t *testing.T) { c.test(t) })
	}
	if n < 76 {
		t.Errorf("only %d cases were read", n)
	}
}

// load lints the case as the command does.
func (c *judgeCase) load(t *testing.T) (*lint.Report, error) {
	t.Helper()
	name := filepath.Join(t.TempDir(), map[string]string{"json": "caddy.json", "caddyfile": "Caddyfile"}[c.Kind])
	files := map[string]string{filepath.Base(name): c.Config}
	maps.Copy(files, c.Files)
	for n, text := range files {
		if err := os.WriteFile(filepath.Join(filepath.Dir(name), n), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for k, v := range c.Env {
		t.Setenv(k, v)
	}
	return lint.File(name, "", lint.Options{})
}

func (c *judgeCase) test(t *testing.T) {
	report, err := c.load(t)
	if report == nil {
		report = &lint.Report{Err: err}
	}
	said, err := json.Marshal(report.Findings)
	if err != nil {
		t.Fatal(err)
	}
	all := string(said)
	if report.Err != nil {
		all += report.Err.Error()
	}
	defer func() {
		if t.Failed() {
			t.Logf("%s\n%s\n%s", c.Why, c.Config, all)
		}
	}()
	if c.Expect.Clean && (len(report.Findings) > 0 || report.Err != nil) {
		t.Error("it is not clean")
	}
	if got := status(report); c.Expect.Exit != nil && !slices.Contains(statuses(c.Expect.Exit), got) {
		t.Errorf("exit status %v, not %v", got, c.Expect.Exit)
	}
	last := len(order)
	for _, f := range report.Findings {
		c.general(t, f)
		if rank(f.Severity) > last {
			t.Error("findings do not come dangerous first")
		}
		last = rank(f.Severity)
	}
	for _, group := range c.Expect.Says {
		if !hasOne(all, group) {
			t.Errorf("nothing says one of %q", group)
		}
	}
	for _, e := range c.Expect.Findings {
		if !slices.ContainsFunc(report.Findings, e.met) {
			t.Errorf("no finding is %+v", e)
		}
	}
}

// status is the command's.
func status(r *lint.Report) float64 {
	switch {
	case r.Err != nil:
		return 2
	case rank(r.Worst()) > rank(lint.Note):
		return 1
	}
	return 0
}

// statuses are the ones that a case accepts: one, or a list.
func statuses(exit any) (all []float64) {
	list, ok := exit.([]any)
	if !ok {
		list = []any{exit}
	}
	for _, e := range list {
		n, _ := e.(float64)
		all = append(all, n)
	}
	return all
}

// general is what no finding of the case may be.
func (c *judgeCase) general(t *testing.T, f lint.Finding) {
	t.Helper()
	if c.Expect.AtMost != "" && rank(f.Severity) > rank(c.Expect.AtMost) {
		t.Errorf("more than a %s: %s", c.Expect.AtMost, f.Problem)
	}
	if slices.Contains(c.Expect.NoneOn, f.Line) && f.Line > 0 {
		t.Errorf("line %d: %s", f.Line, f.Problem)
	}
	for _, group := range c.Expect.Never {
		if hasOne(textOf(f), group) {
			t.Errorf("must not say one of %q: %s", group, textOf(f))
		}
	}
}

func (e expected) met(f lint.Finding) bool {
	switch {
	case len(e.Lines) > 0 && !slices.Contains(e.Lines, f.Line),
		len(e.Paths) > 0 && !slices.ContainsFunc(e.Paths, func(p string) bool { return strings.HasPrefix(f.Path, p) }),
		e.File != "" && filepath.Base(f.File) != e.File,
		e.Request && f.Request == "",
		e.Min != "" && rank(f.Severity) < rank(e.Min),
		e.Max != "" && rank(f.Severity) > rank(e.Max):
		return false
	}
	return !slices.ContainsFunc(e.Words, func(group []string) bool { return !hasOne(textOf(f), group) })
}

func textOf(f lint.Finding) string {
	b, _ := json.Marshal(f)
	return string(b)
}

func hasOne(text string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(strings.ToLower(text), strings.ToLower(w)) })
}
