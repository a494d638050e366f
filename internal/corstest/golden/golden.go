// Package golden holds what the commands of `caddy cors` print against files, in the
// form of Caddy's own tests of its adapter: the configuration, a line of dashes, and
// the very text. The command runs in a process of its own, as users run it.
//
// In front of the configuration stand comments: what the case is about, the command
// (`# caddy cors lint --diff`), and the environment (`# NAME=value`). They belong to the
// Caddyfile, so that a line of the text is a line of the file. More files follow it,
// each behind a line `-- name --`; without a Caddyfile one of them is the configuration.
package golden

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/caddy-cors/caddy-cors/internal/cli"
	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

var update = flag.Bool("update", false, "write the golden files anew")

const (
	divider   = "-----\n"
	asCommand = "CORS_TEST_AS_COMMAND"
)

// Main is the TestMain of a package with golden files.
func Main(m *testing.M) {
	if os.Getenv(asCommand) == "" {
		corstest.Main(m)
		return
	}
	cmd := new(cobra.Command)
	cli.Command().CobraFunc(cmd)
	cmd.SetArgs(os.Args[1:])
	if cmd.Execute() != nil {
		os.Exit(1)
	}
}

// Run runs the command of each file. It returns all that they print.
func Run(t *testing.T, pattern string, least int) (printed string) {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) < least {
		t.Fatalf("%s: %d files, and not %d; %v", pattern, len(names), least, err)
	}
	var all strings.Builder
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txt"), func(t *testing.T) {
			content, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			asked, want, _ := strings.Cut(string(content), divider)
			got := read(asked).run(t)
			all.WriteString(got)
			switch {
			case *update:
				err = os.WriteFile(name, []byte(asked+divider+got), 0o600) //nolint:gosec // a golden file
			case got != want:
				t.Errorf("%s\ngot\n%s\nwant\n%s", asked, got, want)
			}
			if err != nil {
				t.Fatal(err)
			}
		})
	}
	return all.String()
}

// Case is what stands in front of the divider.
type Case struct {
	Args  []string // behind `caddy cors`
	Env   []string
	Files map[string]string
}

var (
	section  = regexp.MustCompile(`(?m)^-- (\S+) --\n`)
	command  = regexp.MustCompile(`(?m)^# caddy cors (.*)$`)
	variable = regexp.MustCompile(`(?m)^# (\w+=.*)$`)
	word     = regexp.MustCompile(`'[^']*'|\S+`)
	noWords  = regexp.MustCompile(`(?m)^(#.*)?\n`)
)

func read(text string) *Case {
	c := &Case{Files: map[string]string{}}
	heads := section.FindAllStringSubmatchIndex(text, -1)
	front, end := text, len(text)
	for _, head := range slices.Backward(heads) {
		c.Files[text[head[2]:head[3]]] = text[head[1]:end]
		end = head[0]
		front = text[:end]
	}
	if noWords.ReplaceAllString(front, "") != "" {
		c.Files["Caddyfile"] = front
	}
	if m := command.FindStringSubmatch(front); m != nil {
		for _, w := range word.FindAllString(m[1], -1) {
			c.Args = append(c.Args, strings.Trim(w, "'"))
		}
	}
	for _, m := range variable.FindAllStringSubmatch(front, -1) {
		c.Env = append(c.Env, m[1])
	}
	return c
}

// run returns what the command prints, and its exit status where that is not 0.
func (c *Case) run(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range c.Files {
		full := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(full), 0o750), os.WriteFile(full, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(self, c.Args...)
	cmd.Dir, cmd.Env = dir, append(append(os.Environ(), asCommand+"=1"), c.Env...)
	out, err := cmd.CombinedOutput()
	text := strings.ReplaceAll(string(out), dir+"/", "")
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		text += fmt.Sprintf("exit status %d\n", failed.ExitCode())
	} else if err != nil {
		t.Fatal(err)
	}
	return text
}
