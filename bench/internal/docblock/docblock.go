// Package docblock writes measurements into the documents.
package docblock

import (
	"fmt"
	"os"
	"strings"
)

// Renew replaces the blocks of a document, all or none. A block stands between
// the lines <!-- begin: name --> and <!-- end: name -->.
func Renew(file string, blocks map[string]string) error {
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	content, err := os.ReadFile(file) //nolint:gosec // G304: the user names it
	if err != nil {
		return err
	}
	renewed := string(content)
	for name, block := range blocks {
		if renewed, err = replaceBlock(renewed, name, block); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return os.WriteFile(file, []byte(renewed), info.Mode().Perm()) //nolint:gosec // G703: likewise
}

// replaceBlock replaces what stands between the markers of a block. Each must
// be there once, on a line of its own, the one before the other: a document
// that lost one is not ours to guess about.
func replaceBlock(content, name, block string) (string, error) {
	begin, end := "<!-- begin: "+name+" -->\n", "<!-- end: "+name+" -->\n"
	for _, marker := range []string{begin, end} {
		if n := strings.Count("\n"+content, "\n"+marker); n != 1 {
			return "", fmt.Errorf("the line %q is there %d times, want once", strings.TrimSpace(marker), n)
		}
	}
	before, rest, _ := strings.Cut(content, begin)
	_, after, found := strings.Cut(rest, end)
	if !found {
		return "", fmt.Errorf("the line %q stands before its beginning", strings.TrimSpace(end))
	}
	return before + begin + strings.TrimRight(block, "\n") + "\n" + end + after, nil
}
