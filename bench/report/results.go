package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/perf/benchfmt"
)

// key says what was measured: the parts of a benchmark's name.
type key struct {
	bench   string // Bare, Chain, ...
	list    string // exact or wildcard
	origins int
	request string
	handler string // or a part of it
}

// results is what all runs together measured.
type results struct {
	samples map[key]map[string][]float64 // by unit
	config  map[string]string            // of the file: goos, goversion, ...
	threads string
}

func readFiles(files []string) (*results, error) {
	rs := &results{samples: make(map[key]map[string][]float64), config: make(map[string]string)}
	for _, file := range files {
		if err := rs.readFile(file); err != nil {
			return nil, err
		}
	}
	if len(rs.samples) == 0 {
		return nil, errors.New("no benchmarks in the input; it wants files with the output of go test -bench")
	}
	return rs, nil
}

func (rs *results) readFile(file string) error {
	f, err := os.Open(file) //nolint:gosec // the user names it
	if err != nil {
		return err
	}
	defer f.Close()
	return rs.read(f, file)
}

// read adds what benchmarks printed. A line that is no benchmark is skipped, but one that looks
// like one and is broken is an error, for the run may have failed.
func (rs *results) read(r io.Reader, name string) error {
	reader := benchfmt.NewReader(r, name)
	for reader.Scan() {
		switch record := reader.Result().(type) {
		case *benchfmt.SyntaxError:
			return record
		case *benchfmt.Result:
			if err := rs.add(record); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return reader.Err()
}

func (rs *results) add(r *benchfmt.Result) error {
	k, threads, err := parseName(r.Name)
	if err != nil {
		return err
	}
	rs.threads = threads
	for _, c := range r.Config {
		rs.config[c.Key] = string(c.Value)
	}
	units := rs.samples[k]
	if units == nil {
		units = make(map[string][]float64)
		rs.samples[k] = units
	}
	for _, v := range r.Values {
		units[v.Unit] = append(units[v.Unit], v.Value)
	}
	return nil
}

func parseName(name benchfmt.Name) (k key, threads string, err error) {
	base, parts := name.Parts()
	k, threads = key{bench: string(base)}, "1" // as go test leaves it out
	for _, part := range parts {
		what, value, _ := strings.Cut(strings.TrimPrefix(string(part), "/"), "=")
		switch what {
		case "list":
			k.list = value
		case "origins":
			if k.origins, err = strconv.Atoi(value); err != nil {
				return k, "", fmt.Errorf("benchmark %s: %w", name.Full(), err)
			}
		case "request":
			k.request = value
		case "handler", "part":
			k.handler = value
		default:
			if !strings.HasPrefix(what, "-") {
				return k, "", fmt.Errorf("benchmark %s: the report knows no %q", name.Full(), part)
			}
			threads = what[1:]
		}
	}
	return k, threads, nil
}

// The units, as benchfmt reads them.
const (
	seconds = "sec/op"
	allocs  = "allocs/op"
	memory  = "B/op"

	// What nothing took in the chain, in the same moments.
	nothing = "nothing-sec/op"
)

// measure is the best time of all runs, because what else a machine does only
// adds to it, and the middle of anything else.
func (rs *results) measure(k key, unit string) (m float64, ok bool) {
	values := rs.samples[k][unit]
	if unit == seconds && len(values) > 0 {
		return slices.Min(values), true
	}
	return middle(values)
}

func middle(values []float64) (m float64, ok bool) {
	v := slices.Sorted(slices.Values(values))
	if len(v) == 0 {
		return 0, false
	}
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2, true
}

// inTurns compares each run with what nothing took in the same moments, and
// returns the middle of that.
func (rs *results) inTurns(k key, compare func(with, without float64) float64) (m float64, ok bool) {
	var values []float64
	without := rs.samples[k][nothing]
	for i, with := range rs.samples[k][seconds] {
		if i < len(without) {
			values = append(values, compare(with, without[i]))
		}
	}
	return middle(values)
}

// addedAgainst is what one adds to what nothing took in the same moments, against what
// another adds: the middle of the ratios of the runs.
func (rs *results) addedAgainst(k, to key) (r float64, ok bool) {
	var values []float64
	without, others := rs.samples[k][nothing], rs.samples[to][seconds]
	for i, with := range rs.samples[k][seconds] {
		if i < len(without) && i < len(others) && others[i] > without[i] {
			values = append(values, (with-without[i])/(others[i]-without[i]))
		}
	}
	return middle(values)
}

// The ways to compare.
func quotient(with, without float64) float64   { return with / without }
func difference(with, without float64) float64 { return with - without }

// ratio is how a measure of one compares to that of another.
func (rs *results) ratio(k, to key, unit string) (r float64, ok bool) {
	a, okA := rs.measure(k, unit)
	b, okB := rs.measure(to, unit)
	switch {
	case !okA || !okB:
		return 0, false
	case a == b: // nothing is no more than nothing
		return 1, true
	}
	return a / b, true
}

// runs is the range of how often a benchmark ran.
func (rs *results) runs() (least, most int) {
	for _, units := range rs.samples {
		n := len(units[seconds])
		if n == 0 {
			continue // a part of the handler, which is no benchmark of its own
		}
		if least == 0 {
			least = n
		}
		least, most = min(least, n), max(most, n)
	}
	return least, most
}

// keys lists what was measured of a benchmark, smaller lists first.
func (rs *results) keys(bench string, match func(key) bool) []key {
	var out []key
	for k := range rs.samples {
		if k.bench == bench && match(k) {
			out = append(out, k)
		}
	}
	slices.SortFunc(out, func(a, b key) int {
		return cmp.Or(
			cmp.Compare(a.list, b.list), cmp.Compare(a.origins, b.origins),
			cmp.Compare(place(requestNames, a.request), place(requestNames, b.request)),
			cmp.Compare(place(handlerNames, a.handler), place(handlerNames, b.handler)),
		)
	})
	return out
}

// sizes is the lengths of the lists of a benchmark.
func (rs *results) sizes(bench, list string) []int {
	keys := rs.keys(bench, func(k key) bool { return k.list == list })
	out := make([]int, len(keys))
	for i, k := range keys {
		out[i] = k.origins
	}
	return slices.Compact(out)
}

// in is the same measure of another handler.
func (k key) in(handler string) key {
	k.handler = handler
	return k
}

// on is the same measure of another request.
func (k key) on(request string) key {
	k.request = request
	return k
}

// of is the same measure with a list of another length.
func (k key) of(origins int) key {
	k.origins = origins
	return k
}
