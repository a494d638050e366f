package bench

import (
	"math"
	"runtime"
	"slices"
	"testing"
	"time"
)

// contestant is who takes part in a comparison.
type contestant struct {
	name string
	exchange
}

const (
	// batch is how many fresh requests one has before it is the next one's turn:
	// less than the time between two collections of garbage.
	batch = 64
	// rounds is how many turns each has.
	rounds = 300
	// A batch of slow requests is shorter, and they have fewer turns.
	longestBatch = time.Millisecond
	longestTurns = 200 * time.Millisecond
	fewestRounds = 10
)

// compare measures all contestants in one go: fresh requests in batches, in
// turns, so that what the machine does meanwhile hits them alike. It reports as a
// benchmark for each the tenth percentile of a request's time as ns/op, since
// what else a machine does only adds to it, the median, and what a request
// allocates. Beside is a contestant whose tenth percentile all others get too.
func compare(b *testing.B, contestants []contestant, q request, beside string) {
	b.Helper()
	turns := rounds
	if testing.Short() {
		turns = 1
	}
	times := make([][]float64, len(contestants)) // ns of one request, by turn
	sizes := make([]int, len(contestants))
	began := time.Now()
	for i, c := range contestants {
		sizes[i] = batchOf(c, q)
	}
	for round := range turns {
		if round >= fewestRounds && time.Since(began) > longestTurns*time.Duration(len(contestants)) {
			break
		}
		for n := range contestants {
			i := (n + round) % len(contestants) // nobody is always the first
			contestants[i].load(q, sizes[i])
			times[i] = append(times[i], timed(contestants[i], sizes[i]))
		}
	}
	for i := range times {
		slices.Sort(times[i])
	}
	for i, c := range contestants {
		b.Run("handler="+c.name, func(b *testing.B) {
			b.ReportAllocs() // or else what is reported below is not shown
			b.ReportMetric(percentile(times[i], 0.1), "ns/op")
			b.ReportMetric(percentile(times[i], 0.5), "median-ns/op")
			if at := slices.IndexFunc(contestants, func(c contestant) bool { return c.name == beside }); at >= 0 {
				b.ReportMetric(percentile(times[at], 0.1), beside+"-ns/op")
			}
			allocs, bytes := allocated(c, q)
			b.ReportMetric(allocs, "allocs/op")
			b.ReportMetric(bytes, "B/op")
		})
	}
}

// batchOf is how many requests a batch has.
func batchOf(x exchange, q request) int {
	x.load(q, 2)
	x.run(0)
	start := time.Now()
	x.run(1)
	return int(max(1, min(batch, longestBatch/max(1, time.Since(start)))))
}

// timed is how many nanoseconds one of the loaded requests takes.
func timed(x exchange, n int) float64 {
	start := time.Now()
	for i := range n {
		x.run(i)
	}
	return float64(time.Since(start).Nanoseconds()) / float64(n)
}

// percentile of sorted values.
func percentile(sorted []float64, p float64) float64 {
	return sorted[int(p*float64(len(sorted)-1))]
}

// allocated is what one request of an exchange allocates, and how many bytes.
func allocated(x exchange, q request) (allocs, bytes float64) {
	n := batchOf(x, q)
	x.load(q, n)
	timed(x, n) // the header maps have grown now
	x.load(q, n)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := range n {
		x.run(i)
	}
	runtime.ReadMemStats(&after)
	requests := float64(n)
	return math.Round(float64(after.Mallocs-before.Mallocs) / requests), math.Round(float64(after.TotalAlloc-before.TotalAlloc) / requests)
}
