package endurance

import (
	"fmt"
	"os"
	"regexp"
	"runtime"
	"testing"
	"time"
)

// resources are what must not grow.
type resources struct {
	goroutines  int
	heap        uint64 // of live objects, in bytes
	descriptors int    // -1: not known
}

func (r resources) String() string {
	s := fmt.Sprintf("%d goroutines, heap %.1f MB", r.goroutines, float64(r.heap)/1e6)
	if r.descriptors >= 0 {
		s += fmt.Sprintf(", %d open files", r.descriptors)
	}
	return s
}

func measure() resources {
	runtime.GC()
	runtime.GC() // what the first one only made free to be finalized
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	r := resources{runtime.NumGoroutine(), m.HeapAlloc, -1}
	if entries, err := os.ReadDir("/proc/self/fd"); err == nil {
		r.descriptors = len(entries) - 1 // one is the directory itself
	}
	return r
}

// settled measures when the number of goroutines and of open files has not
// changed for a while, and there are few enough. With the load away, old servers drain.
func settled(enough func(resources) bool) resources {
	last, same := measure(), 0
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		time.Sleep(100 * time.Millisecond)
		now := measure()
		if now.goroutines == last.goroutines && now.descriptors == last.descriptors {
			same++
		} else {
			same = 0
		}
		if last = now; same >= 15 && enough(now) {
			break
		}
	}
	return last
}

// nothingRuns waits until no goroutine of the handler and its sources is left.
func nothingRuns(t *testing.T) {
	t.Helper()
	ours := regexp.MustCompile(`\ngithub\.com/caddy-cors/caddy-cors(/origins|/internal/policy)?\.`)
	left := stacks()
	for deadline := time.Now().Add(patience); ours.MatchString(left) && time.Now().Before(deadline); left = stacks() {
		time.Sleep(100 * time.Millisecond)
	}
	if ours.MatchString(left) {
		t.Errorf("Caddy has stopped, but something of the handler runs:\n%s", left)
	}
}

// stacks are what all goroutines do.
func stacks() string {
	buf := make([]byte, 1<<20)
	return string(buf[:runtime.Stack(buf, true)])
}

const (
	// moreGoroutines and moreDescriptors: a connection between Caddy and its
	// upstreams, or to the endpoint, that is not closed yet, has two goroutines
	// and a file at each end.
	moreGoroutines  = 8
	moreDescriptors = 4

	// moreHeap: what the handler keeps is bounded. Those are the answers of the
	// endpoint (512 of each kind, of a few hundred bytes), and what was warned
	// of (512 in each of the handlers, and they go with their configuration). The
	// rest is room for pools and caches of the libraries around it.
	moreHeap = 16 << 20
)

// covers reports whether nothing has grown beyond what there was.
func (r resources) covers(now resources) bool {
	return now.goroutines <= r.goroutines+moreGoroutines &&
		now.descriptors <= r.descriptors+moreDescriptors &&
		now.heap <= r.heap+moreHeap
}
