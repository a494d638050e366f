// Command gensuffixes writes the table of domains that have public suffixes
// below them. See parents.go for how it is run.
package main

import (
	"bufio"
	"context"
	"fmt"
	"maps"
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
		fmt.Fprintln(os.Stderr, "usage: gensuffixes suffix_parents.txt")
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
	parents := make(map[string]string)
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
		addParents(parents, suffix)
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("reading the public suffix list: %w", err)
	}
	var text strings.Builder
	for _, parent := range slices.Sorted(maps.Keys(parents)) {
		fmt.Fprintf(&text, "%s %s\n", parent, parents[parent])
	}
	//nolint:gosec // a source file, readable by all
	if err := os.WriteFile(table, []byte(text.String()), 0o644); err != nil {
		return fmt.Errorf("writing the table: %w", err)
	}
	return nil
}

// addParents notes the domains above a suffix that are none themselves.
func addParents(parents map[string]string, suffix string) {
	if !isSuffix(suffix) {
		return
	}
	for _, parent, ok := strings.Cut(suffix, "."); ok; _, parent, ok = strings.Cut(parent, ".") {
		if isSuffix(parent) || !strings.Contains(parent, ".") {
			continue
		}
		if old, known := parents[parent]; !known || len(suffix) < len(old) || len(suffix) == len(old) && suffix < old {
			parents[parent] = suffix
		}
	}
}

// isSuffix tells whether names directly below name belong to strangers.
func isSuffix(name string) bool {
	below, _ := publicsuffix.PublicSuffix("0." + name)
	return below == name || below == "0."+name
}
