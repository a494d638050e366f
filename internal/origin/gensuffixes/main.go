// Command gensuffixes writes the table of public suffixes. See suffixes.go for how
// it is run.
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: gensuffixes suffixes.txt")
		os.Exit(2)
	}
	if err := generate(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// openRules opens the rules of the public suffix list as the golang.org/x/net of
// go.mod has them. It keeps them as text in a test file only, one a line.
func openRules() (*os.File, error) {
	dir, err := exec.CommandContext(context.Background(), "go", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/net").Output()
	if err != nil {
		return nil, fmt.Errorf("finding golang.org/x/net: %w", err)
	}
	return os.Open(filepath.Join(strings.TrimSpace(string(dir)), "publicsuffix", "table_test.go"))
}

func generate(table string) error {
	in, err := openRules()
	if err != nil {
		return fmt.Errorf("reading the public suffix list: %w", err)
	}
	defer in.Close()
	var suffixes []string
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		text := strings.TrimSpace(lines.Text())
		if text == "}" {
			break // the end of the rules; other tables follow
		}
		rule, ok := strings.CutSuffix(strings.TrimPrefix(text, `"`), `",`)
		if !ok || strings.HasPrefix(rule, "!") {
			continue // no rule, or an exception
		}
		suffix, err := idna.ToASCII(strings.TrimPrefix(rule, "*."))
		if err != nil {
			return fmt.Errorf("rule %q: %w", rule, err)
		}
		if isSuffix(suffix) {
			suffixes = append(suffixes, suffix)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("reading the public suffix list: %w", err)
	}
	slices.SortFunc(suffixes, func(a, b string) int { return strings.Compare(reverse(a), reverse(b)) })
	text := strings.Join(slices.Compact(suffixes), "\n") + "\n"
	//nolint:gosec // a source file, readable by all
	if err := os.WriteFile(table, []byte(text), 0o644); err != nil {
		return fmt.Errorf("writing the table: %w", err)
	}
	return nil
}

// isSuffix reports whether names directly below name belong to strangers.
func isSuffix(name string) bool {
	below, _ := publicsuffix.PublicSuffix("0." + name)
	return below == name || below == "0."+name
}

func reverse(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}
