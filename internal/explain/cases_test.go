package explain_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/check"
	"github.com/caddy-cors/caddy-cors/internal/explain"
)

// explainCase is one line of testdata/cases.jsonl: a configuration, a question,
// and what the answer must say. {P1} to {P3} are ports, {DIR} is the folder of
// the files.
type explainCase struct {
	ID, Why     string
	Config      json.RawMessage // a Caddyfile, or an object
	Files, Env  map[string]string
	URL, Origin string
	Flags       []string
	Expect      struct {
		Exit      []int
		Verdict   []string
		Says      [][]string // one of each list
		Never     []string
		Cure      [][]string // the same, from the verdict on
		NeverCure []string   `json:"never_cure"`
	}
}

// TestCases is not parallel: cases have environments.
func TestCases(t *testing.T) {
	f, err := os.Open("testdata/cases.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	n := 0
	for lines.Scan() {
		var c explainCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		n++
		t.Run(c.ID, c.run)
	}
	if n < 70 {
		t.Errorf("only %d cases were read", n)
	}
}

func (c *explainCase) run(t *testing.T) {
	dir := t.TempDir()
	fill := strings.NewReplacer("{DIR}", dir, "{P1}", "8081", "{P2}", "8082", "{P3}", "8083", "{UP}", "up.localhost:9000", "{DEAD}", "127.0.0.1:1").Replace
	write := func(name, text string) string {
		full := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(fill(text)), 0o600); err != nil {
			t.Fatal(err)
		}
		return full
	}
	write("www/.keep", "")
	for name, text := range c.Files {
		write(name, text)
	}
	for name, value := range c.Env {
		t.Setenv(name, value)
	}
	options, question := c.flags(t)
	question.URL, question.Origin = fill(c.URL), fill(c.Origin)
	var text string
	if json.Unmarshal(c.Config, &text) == nil {
		options.Config, options.Adapter = write("Caddyfile", text), "caddyfile"
	} else {
		options.Config = write("caddy.json", string(c.Config))
	}
	var out bytes.Buffer
	exit, err := explain.Run(&out, question, options)
	if err != nil {
		out.WriteString(err.Error())
	}
	c.judge(t, out.String(), exit, fill)
	if t.Failed() {
		t.Logf("%s\n%s", c.Why, out.String())
	}
}

func (c *explainCase) flags(t *testing.T) (o explain.Options, q check.Question) {
	t.Helper()
	for i := 0; i < len(c.Flags); i++ {
		switch c.Flags[i] {
		case "--credentials":
			q.Credentials = true
		case "--json":
			o.JSON = true
		case "--ask":
			o.Ask = true
		case "-X":
			i++
			q.Method = c.Flags[i]
		case "-H":
			i++
			q.Headers = append(q.Headers, c.Flags[i])
		default:
			t.Fatalf("unknown flag %s", c.Flags[i])
		}
	}
	return o, q
}

var verdictLine = regexp.MustCompile(`(?m)^([A-Z]{3,}(?: [A-Z]{3,})*): `)

func (c *explainCase) judge(t *testing.T, text string, exit int, fill func(string) string) {
	t.Helper()
	if len(c.Expect.Exit) > 0 && !slices.Contains(c.Expect.Exit, exit) {
		t.Errorf("exit %d, want %v", exit, c.Expect.Exit)
	}
	tail, verdict := text, ""
	if m := verdictLine.FindStringSubmatchIndex(text); m != nil {
		tail, verdict = text[m[0]:], text[m[2]:m[3]]
	}
	if len(c.Expect.Verdict) > 0 && !slices.Contains(c.Expect.Verdict, verdict) && !strings.HasPrefix(text, "{") {
		t.Errorf("verdict %q, want %q", verdict, c.Expect.Verdict)
	}
	has := func(text, pattern string) bool { return regexp.MustCompile("(?is)" + fill(pattern)).MatchString(text) }
	for _, all := range []struct {
		text string
		want [][]string
	}{{text, c.Expect.Says}, {tail, c.Expect.Cure}} {
		for _, alternatives := range all.want {
			if !slices.ContainsFunc(alternatives, func(p string) bool { return has(all.text, p) }) {
				t.Errorf("does not say %s", strings.Join(alternatives, " | "))
			}
		}
	}
	for _, p := range c.Expect.Never {
		if regexp.MustCompile("(?im)" + fill(p)).MatchString(text) {
			t.Errorf("says %s", p)
		}
	}
	for _, p := range c.Expect.NeverCure {
		if has(tail, p) {
			t.Errorf("the cure says %s", p)
		}
	}
}
