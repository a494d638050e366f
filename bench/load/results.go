package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

// results are the lines of a run.
type results struct {
	environment environmentLine
	requests    []requestsLine
	files       []fileLine
	streams     []streamsLine
}

func readResults(r io.Reader) (*results, error) {
	var all results
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		if err := all.add(lines.Bytes()); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	return &all, lines.Err()
}

func (r *results) add(text []byte) error {
	var l label
	if err := json.Unmarshal(text, &l); err != nil {
		return err
	}
	switch l.Measure {
	case measureEnvironment:
		return json.Unmarshal(text, &r.environment)
	case measureRequests:
		return appendLine(&r.requests, text)
	case measureFile:
		return appendLine(&r.files, text)
	case measureStreams:
		return appendLine(&r.streams, text)
	default:
		return fmt.Errorf("unknown measure %q", l.Measure)
	}
}

func appendLine[L any](lines *[]L, text []byte) error {
	var line L
	if err := json.Unmarshal(text, &line); err != nil {
		return err
	}
	*lines = append(*lines, line)
	return nil
}

// series are the values of one cell of a table, one of each round.
type series map[int]float64

// pick makes the series of the lines that are wanted.
func pick[L any](lines []L, wanted func(L) bool, round func(L) int, value func(L) float64) series {
	s := make(series)
	for _, l := range lines {
		if wanted(l) {
			s[round(l)] = value(l)
		}
	}
	return s
}

func (s series) median() float64 {
	values := make([]float64, 0, len(s))
	for _, v := range s {
		values = append(values, v)
	}
	return median(values)
}

// ratio is the median of the ratios within the rounds: what slows the machine for
// a while slows both sides of a ratio.
func (s series) ratio(to series) float64 { return median(s.ratios(to)) }

func (s series) ratios(to series) (ratios []float64) {
	for round, v := range s {
		if base, ok := to[round]; ok && base != 0 {
			ratios = append(ratios, v/base)
		}
	}
	return ratios
}

// max is the worst of all rounds.
func (s series) max() float64 {
	var most float64
	for _, v := range s {
		most = max(most, v)
	}
	return most
}

// median is 0 where nothing was measured.
func median(values []float64) float64 {
	n := len(values)
	if n == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}
