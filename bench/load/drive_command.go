package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"time"
)

// labelFlags are the flags that name a measurement.
func labelFlags(flags *flag.FlagSet, measure string) *label {
	l := &label{Measure: measure}
	flags.StringVar(&l.Contender, "contender", "", "name in the tables")
	flags.IntVar(&l.Round, "round", 1, "number of the round")
	return l
}

// driveCommand sends requests in a closed loop.
func driveCommand(ctx context.Context, args []string, out io.Writer) error {
	var (
		flags       = flag.NewFlagSet("drive", flag.ContinueOnError)
		name        = labelFlags(flags, measureRequests)
		protocol    = flags.String("protocol", "HTTP/1.1", "HTTP/1.1, HTTP/2 or HTTP/3")
		url         = flags.String("url", "", "a loopback URL")
		request     = flags.String("request", "actual", "actual or preflight")
		behind      = flags.String("behind", "", "the handler behind, for the tables")
		connections = flags.Int("connections", 16, "number of connections")
		senders     = flags.Int("senders", 1, "requests at a time on each connection")
		warmup      = flags.Duration("warmup", 200*time.Millisecond, "time before what counts")
		duration    = flags.Duration("time", 2*time.Second, "at most")
		requests    = flags.Int64("requests", 10_000_000, "at most")
		roots       = flags.String("roots", "", "file with the certificates to trust")
		pid         = flags.Int("pid", 0, "the server's process; 0: do not look at it")
		want        expectation
	)
	flags.IntVar(&want.status, "status", http.StatusOK, "expected")
	flags.StringVar(&want.allowOrigin, "allow-origin", "", "expected; empty: none")
	flags.StringVar(&want.body, "body", "", "expected")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *request != "actual" && *request != "preflight" {
		return fmt.Errorf("unknown request %q", *request)
	}
	pool, err := readRoots(*roots)
	if err != nil {
		return err
	}
	p := plan{
		protocol: *protocol,
		target:   target{*url, *request == "preflight", pool},
		want:     want, connections: *connections, senders: *senders,
		warmup: *warmup, time: *duration, requests: *requests, patience: 10 * time.Second,
	}
	if p.protocol == "HTTP/1.1" && p.senders != 1 {
		return fmt.Errorf("HTTP/1.1 has one request at a time on a connection, not %d", p.senders)
	}
	line := requestsLine{
		label: *name, Protocol: *protocol, Request: *request, Behind: *behind,
		Connections: *connections, Senders: *senders,
	}
	t, used, err := p.measured(ctx, *pid)
	if t == nil {
		return err
	}
	line.fill(t, used)
	if e := writeLine(out, line); e != nil {
		return e
	}
	return err
}

// measured runs the plan and tells the CPU time that the server used meanwhile.
func (p *plan) measured(ctx context.Context, pid int) (t *tally, used time.Duration, err error) {
	clock := func() (time.Duration, error) {
		if pid == 0 {
			return 0, nil
		}
		return cpuTime(pid)
	}
	var before time.Duration
	t, err = p.run(ctx, func() (err error) {
		before, err = clock()
		return err
	})
	if err != nil {
		return t, 0, err
	}
	after, err := clock()
	return t, after - before, err
}

func (l *requestsLine) fill(t *tally, cpu time.Duration) {
	const micro = float64(time.Microsecond)
	n := t.latency.TotalCount()
	l.Requests, l.Errors, l.Seconds = n, t.errors, t.elapsed.Seconds()
	l.P50 = float64(t.latency.ValueAtQuantile(50)) / micro
	l.P99 = float64(t.latency.ValueAtQuantile(99)) / micro
	l.P999 = float64(t.latency.ValueAtQuantile(99.9)) / micro
	l.Max = float64(t.latency.Max()) / micro
	l.CPUSeconds = cpu.Seconds()
	if n > 0 && l.Seconds > 0 {
		l.PerSecond = float64(n) / l.Seconds
		l.CPU = float64(cpu) / micro / float64(n)
	}
}
