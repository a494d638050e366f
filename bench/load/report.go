package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"github.com/caddy-cors/caddy-cors/bench/internal/docblock"
)

// bare is the contender that the ratios are taken to.
const bare = "bare"

// contenders are the rows of a table, in their order.
var contenders = []struct{ name, title string }{
	{bare, "Caddy"},
	{"cors", "Caddy, `cors`"},
	{"snippet", "Caddy, snippet"},
	{"nginx", "nginx, `map` and `if`"},
}

// reportCommand makes tables of a file of results: it prints them, or writes
// them into the block "load" of a document.
func reportCommand(_ context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("report", flag.ContinueOnError)
	into := flags.String("into", "", "document to write the tables to")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		return errors.New("report takes the file of the results")
	}
	file, err := os.Open(flags.Arg(0))
	if err != nil {
		return err
	}
	defer file.Close()
	r, err := readResults(file)
	if err != nil {
		return fmt.Errorf("%s: %w", flags.Arg(0), err)
	}
	text, err := r.report()
	if err != nil {
		return fmt.Errorf("%s: %w", flags.Arg(0), err)
	}
	if *into != "" {
		return docblock.Renew(*into, map[string]string{"load": "\n" + text})
	}
	_, err = io.WriteString(out, text)
	return err
}

func (r *results) report() (string, error) {
	if len(r.requests) == 0 || len(r.files) == 0 || len(r.streams) == 0 {
		return "", errors.New("the run is not complete")
	}
	var text strings.Builder
	r.reportEnvironment(&text)
	r.reportRequests(&text, "actual", "Actual requests")
	r.reportRequests(&text, "preflight", "Preflights")
	r.reportFloor(&text)
	r.reportFile(&text)
	r.reportStreams(&text)
	return text.String(), nil
}

func (r *results) reportEnvironment(text *strings.Builder) {
	e, first := r.environment, r.requests[0]
	fmt.Fprintf(text, "`bench/load/run results.jsonl && bench/load/report results.jsonl`, on %d CPUs that the\n"+
		"driver shares with the server: %s, %s, Caddy %s", e.CPUs, e.OS, e.Go, e.Caddy)
	if e.Nginx != "" {
		fmt.Fprintf(text, ", nginx %s", e.Nginx)
	}
	rounds := rounds(r.requests, func(l requestsLine) bool { return l.Behind == "" })
	fmt.Fprintf(text, ".\nIn each of %d rounds the servers took turns of %.1f s, with %d requests open at any time (a\n"+
		"closed loop, so that latency is that of a busy server). Numbers are medians of the rounds,\n"+
		"and max is the worst of all; × is the median of the ratios to Caddy without CORS in the\n"+
		"same round. CPU is the server's time, which noise disturbs least.\n", rounds, first.Seconds, first.Connections*first.Senders)
}

// rounds is how many there were of the lines that are wanted.
func rounds(lines []requestsLine, wanted func(requestsLine) bool) (n int) {
	for _, l := range lines {
		if wanted(l) {
			n = max(n, l.Round)
		}
	}
	return n
}

// table writes the head of a table, whose first two columns are words.
func table(text *strings.Builder, title, intro string, columns ...string) {
	fmt.Fprintf(text, "\n### %s\n\n", title)
	if intro != "" {
		text.WriteString(intro + "\n\n")
	}
	fmt.Fprintf(text, "| %s |\n| --- | ---%s |\n", strings.Join(columns, " | "), strings.Repeat(" | ---:", len(columns)-2))
}

// number writes three digits that count, and nothing that was not measured.
func number(v float64) string {
	if v == 0 {
		return "–"
	}
	digits := max(0, 2-int(math.Floor(math.Log10(math.Abs(v)))))
	return fmt.Sprintf("%.*f", digits, v)
}

// ratio writes hundredths: a further digit would be noise.
func ratio(v float64) string {
	if v == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f", v)
}

func row(text *strings.Builder, cells ...string) {
	fmt.Fprintf(text, "| %s |\n", strings.Join(cells, " | "))
}
