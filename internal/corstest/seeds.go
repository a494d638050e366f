package corstest

import (
	"iter"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// progress is after how many configurations a long run says how far it is.
const progress = 500

// Seeds are the numbers that a test makes configurations of: those below usual,
// or what an environment variable says. "500" are those below 500; "500-800"
// begins at 500, so that a long run can be cut in pieces, and go on behind a seed
// that failed. It ends when the test has failed, or its time is nearly over.
func Seeds(t *testing.T, variable string, usual uint64) iter.Seq[uint64] {
	t.Helper()
	first, end := uint64(0), usual
	if text := os.Getenv(variable); text != "" {
		var err error
		if first, end, err = seedsIn(text); err != nil {
			t.Fatalf("%s=%s: write how many, or the first one, a hyphen and the one behind the last: %v", variable, text, err)
		}
	}
	return func(yield func(uint64) bool) {
		deadline, bounded := t.Deadline()
		for seed := first; seed < end; seed++ {
			if bounded && time.Until(deadline) < 30*time.Second {
				t.Logf("the time is over; go on with %s=%d-%d", variable, seed, end)
				return
			}
			if !yield(seed) {
				return
			}
			switch {
			case t.Failed():
				t.Logf("go on with %s=%d-%d", variable, seed+1, end)
				return
			case (seed+1-first)%progress == 0:
				t.Logf("%d of %d: %s=%d-%d is left", seed+1-first, end-first, variable, seed+1, end)
			}
		}
	}
}

// seedsIn reads "500" and "500-800".
func seedsIn(text string) (first, end uint64, err error) {
	from, to, cut := strings.Cut(text, "-")
	if !cut {
		from, to = "0", text
	}
	if first, err = strconv.ParseUint(from, 10, 64); err != nil {
		return 0, 0, err
	}
	end, err = strconv.ParseUint(to, 10, 64)
	return first, end, err
}
