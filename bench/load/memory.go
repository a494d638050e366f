package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// memory is what a Caddy process uses, in bytes.
type memory struct {
	resident, heap, stack, goroutines int64
}

// readMemory asks after two collections of garbage: pools keep what they hold
// through one.
func readMemory(ctx context.Context, pid int, admin string) (m memory, err error) {
	for range 2 {
		if err := get(ctx, admin+"/debug/pprof/heap?gc=1", io.Discard); err != nil {
			return m, err
		}
	}
	var text bytes.Buffer
	if err := get(ctx, admin+"/metrics", &text); err != nil {
		return m, err
	}
	values := map[string]*int64{
		"go_memstats_heap_alloc_bytes":  &m.heap,
		"go_memstats_stack_inuse_bytes": &m.stack,
		"go_goroutines":                 &m.goroutines,
	}
	if err := parseMetrics(text.String(), values); err != nil {
		return m, err
	}
	m.resident, err = residentBytes(pid)
	return m, err
}

// parseMetrics finds metrics without labels in the text format of Prometheus.
func parseMetrics(text string, values map[string]*int64) error {
	found := 0
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		into, ok := values[name]
		if !ok {
			continue
		}
		f, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return fmt.Errorf("metric %s: %w", name, err)
		}
		*into = int64(f)
		found++
	}
	if found != len(values) {
		return fmt.Errorf("found %d of %d metrics", found, len(values))
	}
	return nil
}
