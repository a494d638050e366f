package main

import (
	"fmt"
	"math"
	"strconv"
)

// duration writes seconds with three digits.
func duration(s float64) string { return scaled(s, 1e-9, 1000, "ns", "µs", "ms", "s") }

// size writes bytes with three digits.
func size(b float64) string { return scaled(b, 1, 1024, "B", "KiB", "MiB", "GiB") }

func scaled(v, unit, step float64, names ...string) string {
	v /= unit
	for len(names) > 1 && math.Abs(v) >= step*0.9995 {
		v /= step
		names = names[1:]
	}
	return digits(v) + " " + names[0]
}

// digits writes a number with three digits, and all of those before the point.
func digits(v float64) string {
	switch a := math.Abs(v); {
	case math.IsInf(v, 0):
		return "∞"
	case a >= 99.95:
		return count(int(math.Round(v)))
	case a >= 9.995:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case v == 0:
		return "0"
	default:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
}

// count writes a whole number with commas.
func count(n int) string {
	if n < 0 {
		return "-" + count(-n)
	}
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%s,%03d", count(n/1000), n%1000)
}

func times(v float64) string { return digits(v) + "×" }

func percent(v float64) string { return fmt.Sprintf("%.1f %%", v*100) }

// plural writes a number of origins.
func plural(origins int) string {
	if origins == 1 {
		return "1 origin"
	}
	return count(origins) + " origins"
}
