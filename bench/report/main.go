// Command report turns the output of the benchmarks beside it into the tables
// and charts of docs/performance.md, and says which targets are met.
//
//	go test -bench . . >raw.txt
//	go run ./report -doc ../docs/performance.md raw.txt
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/caddy-cors/caddy-cors/bench/internal/docblock"
)

func main() {
	doc := flag.String("doc", "", "the document whose blocks are replaced, with the charts beside it (default: print the targets only)")
	flag.Parse()
	if err := report(os.Stdout, *doc, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(1)
	}
}

// report reads the output of benchmarks, prints the targets, and renews a
// document.
func report(out io.Writer, doc string, files []string) error {
	rs, err := readFiles(files)
	if err != nil {
		return err
	}
	verdicts := judge(rs)
	printTargets(out, verdicts)
	if doc == "" {
		return nil
	}
	drawn := charts(rs)
	if err := docblock.Renew(doc, map[string]string{
		"bench": benchBlock(rs, verdicts, drawn),
		"scale": scaleBlock(rs),
	}); err != nil {
		return err
	}
	for name, svg := range drawn {
		if err := os.WriteFile(filepath.Join(filepath.Dir(doc), name), []byte(svg), 0o644); err != nil { //nolint:gosec // a document is for everybody
			return fmt.Errorf("writing a chart: %w", err)
		}
	}
	return nil
}
