package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// The floor is what two `header` lines cost that set the same two fields: less cannot be
// done by a handler of Caddy's.
const (
	floor       = "headers"
	floorTarget = 1.02 // times the CPU time of the floor
)

// behinds are the handlers behind, in their order.
var behinds = []string{"respond", "file_server", "reverse_proxy"}

const floorIntro = "Requests of an allowed origin, to three sites: with nothing, with two lines that set the same two\n" +
	"fields and look at nothing (`header Access-Control-Allow-Origin …` and `header Vary Origin`), and\n" +
	"with `cors`. They took turns of %.1f s in %d rounds. The times are the server's CPU, in µs a\n" +
	"request, medians of the rounds; × is the median of the ratios within the rounds, and beside it\n" +
	"stand the bounds that hold it with a probability of 95 %%. A target is met if both bounds are\n" +
	"at most that, missed if both are above, and otherwise the rounds do not tell."

func (r *results) reportFloor(text *strings.Builder) {
	driven := func(l requestsLine) bool { return l.Behind != "" }
	first := slices.IndexFunc(r.requests, driven)
	if first < 0 {
		return
	}
	intro := fmt.Sprintf(floorIntro, r.requests[first].Seconds, rounds(r.requests, driven))
	table(text, "Beside two `header` lines", intro, "protocol", "behind", "Caddy", "two lines", "`cors`",
		"two lines × Caddy", "`cors` × two lines", "95 %", fmt.Sprintf("at most %.2f", floorTarget))
	for _, protocol := range []string{"HTTP/1.1", "HTTP/2", "HTTP/3"} {
		for _, behind := range behinds {
			cpu := func(contender string) series {
				return pick(r.requests, func(l requestsLine) bool {
					return l.Protocol == protocol && l.Behind == behind && l.Contender == contender
				}, func(l requestsLine) int { return l.Round }, func(l requestsLine) float64 { return l.CPU })
			}
			base, lines, cors := cpu(bare), cpu(floor), cpu("cors")
			ratios := cors.ratios(lines)
			if len(ratios) == 0 {
				continue
			}
			low, high := bounds(ratios)
			row(text, protocol, "`"+behind+"`", number(base.median()), number(lines.median()), number(cors.median()),
				fine(lines.ratio(base)), fine(median(ratios)), fine(low)+" to "+fine(high), against(floorTarget, low, high))
		}
	}
}

// bounds are those that hold the median of what the values were drawn from with a
// probability of 95 %, whatever its distribution: the k-th value from below and the k-th
// from above, as a fair coin would fall less than k times on one side with less than
// 2.5 %. With fewer than six values there are none.
func bounds(values []float64) (low, high float64) {
	n := len(values)
	sorted := slices.Sorted(slices.Values(values))
	below, chance := 0.0, math.Pow(0.5, float64(n)) // of less than k; of exactly k
	for k := 0; k < n/2; k++ {
		if below += chance; below > 0.025 {
			if k == 0 {
				break
			}
			return sorted[k-1], sorted[n-k]
		}
		chance *= float64(n-k) / float64(k+1)
	}
	return math.Inf(-1), math.Inf(1)
}

func against(limit, low, high float64) string {
	switch {
	case high <= limit:
		return "met"
	case low > limit:
		return "missed"
	default:
		return "not told apart"
	}
}

// fine writes thousandths, which many rounds can tell.
func fine(v float64) string {
	if v == 0 || math.IsInf(v, 0) {
		return "–"
	}
	return fmt.Sprintf("%.3f", v)
}
