package main

import (
	"fmt"
	"io"
	"math"
	"text/tabwriter"
)

// verdict is a target and what became of it.
type verdict struct {
	target   string
	measured string
	met      string // yes, no, or not measured
	limit    string // what no handler can beat that does its work; "" if not measured
}

const million = 1_000_000

// judge holds the measures against the targets.
func judge(rs *results) []verdict {
	var out []verdict
	for _, targets := range [][]target{speedTargets(), costTargets(), chainTargets(), scaleTargets()} {
		for _, t := range targets {
			out = append(out, t.judge(rs))
		}
	}
	return out
}

// target is an upper bound on one number that is taken from many measures; the
// highest of them counts.
type target struct {
	text    string
	bench   string
	applies func(k key) bool
	value   number
	floor   number // the same of a handler that does the least; nil where none was built
	limit   float64
	write   func(v float64) string
}

// number is taken from the measures that belong to one.
type number func(rs *results, k key) (v float64, ok bool)

func (t target) judge(rs *results) verdict {
	v := verdict{target: t.text, met: "not measured"}
	measured, all, bad := t.worstOf(rs, t.value)
	if all == 0 {
		return v
	}
	v.measured, v.met = measured, "yes"
	if bad > 0 {
		v.met = "no"
	}
	if t.floor != nil {
		v.limit, _, _ = t.worstOf(rs, t.floor)
	}
	return v
}

// worstOf describes the worst number, and counts all of them and those that
// miss the target.
func (t target) worstOf(rs *results, of number) (text string, all, bad int) {
	var (
		worst float64
		at    key
	)
	for _, k := range rs.keys(t.bench, t.applies) {
		value, ok := of(rs, k)
		if !ok {
			continue
		}
		if value > t.limit {
			bad++
		}
		if all++; all == 1 || value > worst {
			worst, at = value, k
		}
	}
	if all == 0 {
		return "", 0, 0
	}
	text = fmt.Sprintf("%s (%s)", t.write(worst), at)
	if bad > 0 {
		text += fmt.Sprintf("; missed in %d of %d", bad, all)
	}
	return text, all, bad
}

// String says where a number comes from.
func (k key) String() string {
	s := text(requestNames, k.request)
	if s != "" {
		s += "; "
	}
	return s + k.list + ", " + plural(k.origins)
}

// against is the measure of one against that of another, as a target's value.
func against(unit string, other func(k key) key) number {
	return func(rs *results, k key) (float64, bool) { return rs.ratio(k, other(k), unit) }
}

func value(unit string) number {
	return func(rs *results, k key) (float64, bool) { return rs.measure(k, unit) }
}

func whole(v float64) string { return count(int(math.Round(v))) }

func printTargets(out io.Writer, verdicts []verdict) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, v := range verdicts {
		fmt.Fprintf(w, "%s\t%s\t%s\n", v.met, v.target, v.measured)
	}
	_ = w.Flush() // as the lines before: a terminal that is gone
}
