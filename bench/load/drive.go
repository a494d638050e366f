package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// plan is a run of the driver: a closed loop, in which each sender sends its next
// request when it has the response to the last.
type plan struct {
	protocol    string
	target      target
	want        expectation
	connections int
	senders     int // on each connection
	warmup      time.Duration
	time        time.Duration
	requests    int64 // at most
	// patience is how long after that time the run still waits for responses.
	// Then they are errors.
	patience time.Duration
}

// tally is what came of a run.
type tally struct {
	latency *hdrhistogram.Histogram // of all requests, in nanoseconds
	errors  int64
	first   error // of the errors
	elapsed time.Duration
}

func newTally() *tally {
	return &tally{latency: hdrhistogram.New(1000, int64(time.Minute), 3)}
}

func (t *tally) record(latency time.Duration, err error) {
	if err == nil {
		err = t.latency.RecordValue(latency.Nanoseconds())
	}
	if err != nil {
		t.errors++
		if t.first == nil {
			t.first = err
		}
	}
}

func (t *tally) merge(other *tally) {
	t.latency.Merge(other.latency)
	t.errors += other.errors
	if t.first == nil {
		t.first = other.first
	}
}

// err is the run's error, if any response was wrong, or none came.
func (t *tally) err() error {
	if t.errors > 0 {
		return fmt.Errorf("%d errors, the first: %w", t.errors, t.first)
	}
	if t.latency.TotalCount() == 0 {
		return errors.New("no request was made")
	}
	return nil
}

// run drives the target. The hook runs between the warm-up and what counts.
func (p *plan) run(ctx context.Context, started func() error) (*tally, error) {
	ctx, cancel := context.WithTimeout(ctx, p.warmup+p.time+p.patience)
	defer cancel()
	workers, stop, err := p.connect(ctx)
	defer stop()
	if err != nil {
		return nil, err
	}
	warm := loop(ctx, workers, p.requests, p.warmup)
	if warm.errors > 0 {
		return warm, fmt.Errorf("warming up: %w", warm.err())
	}
	if err := started(); err != nil {
		return nil, err
	}
	result := loop(ctx, workers, p.requests, p.time)
	return result, result.err()
}

// connect opens the connections, and sends a first request on each.
func (p *plan) connect(ctx context.Context) (workers []*worker, stop func(), err error) {
	var open []connection
	stop = func() {
		for _, c := range open {
			c.close()
		}
	}
	protocol, ok := protocols[p.protocol]
	if !ok {
		return nil, stop, fmt.Errorf("unknown protocol %q", p.protocol)
	}
	p.want.major = protocol.major
	for range p.connections {
		c, err := protocol.connect(ctx, &p.target)
		if err != nil {
			return nil, stop, fmt.Errorf("connecting: %w", err)
		}
		open = append(open, c)
		for i := range p.senders {
			send, err := c.sender(ctx)
			if err != nil {
				return nil, stop, err
			}
			w := &worker{send: send, want: &p.want, scratch: make([]byte, len(p.want.body)+1)}
			workers = append(workers, w)
			if i > 0 {
				continue
			}
			if _, err := w.once(); err != nil {
				return nil, stop, fmt.Errorf("first request: %w", err)
			}
		}
	}
	return workers, stop, nil
}

// loop lets the workers run until the time is over or the requests are used up.
func loop(ctx context.Context, workers []*worker, requests int64, duration time.Duration) *tally {
	var (
		left  atomic.Int64
		group sync.WaitGroup
	)
	left.Store(requests)
	start := time.Now()
	tallies := make([]*tally, len(workers))
	for i, w := range workers {
		tallies[i] = newTally()
		group.Go(func() { w.loop(ctx, &left, start.Add(duration), tallies[i]) })
	}
	group.Wait()
	sum := newTally()
	sum.elapsed = time.Since(start)
	for _, t := range tallies {
		sum.merge(t)
	}
	return sum
}

// worker sends one request after the other.
type worker struct {
	send    sender
	want    *expectation
	scratch []byte
}

func (w *worker) loop(ctx context.Context, left *atomic.Int64, end time.Time, t *tally) {
	for ctx.Err() == nil && left.Add(-1) >= 0 && time.Now().Before(end) {
		start := time.Now()
		usable, err := w.once()
		t.record(time.Since(start), err)
		if !usable {
			return
		}
	}
}

// once sends a request and checks the response. After an error of the connection
// itself there is no point in going on.
func (w *worker) once() (usable bool, err error) {
	res, err := w.send()
	if err != nil {
		return false, err
	}
	defer res.Body.Close()
	return true, w.want.check(res, w.scratch)
}
