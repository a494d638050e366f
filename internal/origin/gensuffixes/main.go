// Command gensuffixes writes the table of domains that have public suffixes
// below them. See parents.go for how it is run.
package main

import (
	"bufio"
	"fmt"
	"log"
	"maps"
	"os"
	"slices"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: gensuffixes public_suffix_list.dat suffix_parents.txt")
	}
	if err := generate(os.Args[1], os.Args[2]); err != nil {
		log.Fatal(err)
	}
}

func generate(list, table string) error {
	in, err := os.Open(list) //nolint:gosec // the developer names the file
	if err != nil {
		return fmt.Errorf("reading the public suffix list: %w", err)
	}
	defer in.Close() //nolint:errcheck // only read
	parents := make(map[string]string)
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		rule := strings.TrimSpace(lines.Text())
		if rule == "" || strings.HasPrefix(rule, "//") || strings.HasPrefix(rule, "!") {
			continue
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

// addParents notes the domains above a suffix that are none themselves. A suffix
// that the version of golang.org/x/net in go.mod does not know is left out: the
// rest of the module asks that one.
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
