package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"time"
)

// transfer is the download of one large file.
type transfer struct {
	target target
	want   expectation
	bytes  int64
	limit  time.Duration
}

// fetchCommand downloads a file once, and throws it away.
func fetchCommand(ctx context.Context, args []string, out io.Writer) error {
	var (
		flags = flag.NewFlagSet("fetch", flag.ContinueOnError)
		name  = labelFlags(flags, measureFile)
		t     = transfer{want: expectation{major: 1, status: http.StatusOK}}
		pid   = flags.Int("pid", 0, "the server's process")
		idle  = flags.String("write-idle", "", "the server's timeout, for the tables")
		trace = flags.String("trace", "", "run strace, and write its summary to this file")
		must  = flags.Bool("sendfile", false, "fail if strace sees no sendfile")
	)
	flags.StringVar(&t.target.url, "url", "", "a loopback URL")
	flags.StringVar(&t.want.allowOrigin, "allow-origin", "", "expected; empty: none")
	flags.Int64Var(&t.bytes, "bytes", 1<<30, "expected")
	flags.DurationVar(&t.limit, "limit", time.Minute, "give up after")
	if err := flags.Parse(args); err != nil {
		return err
	}
	line := fileLine{label: *name, WriteIdle: *idle, Bytes: t.bytes}
	if *trace != "" {
		calls, err := t.traced(ctx, *pid, *trace)
		if err != nil {
			return err
		}
		line.Traced, line.Sendfile, line.Write = true, calls["sendfile"], calls["write"]+calls["writev"]
		if *must && line.Sendfile == 0 {
			return fmt.Errorf("no sendfile, but %d other writes", line.Write)
		}
		return writeLine(out, line)
	}
	before, err := cpuTime(*pid)
	if err != nil {
		return err
	}
	start := time.Now()
	if err := t.run(ctx); err != nil {
		return err
	}
	line.Seconds = time.Since(start).Seconds()
	after, err := cpuTime(*pid)
	if err != nil {
		return err
	}
	line.CPUSeconds = (after - before).Seconds()
	return writeLine(out, line)
}

func (t *transfer) run(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, t.limit)
	defer cancel()
	c, err := connectHTTP1(ctx, &t.target)
	if err != nil {
		return err
	}
	defer c.close()
	send, err := c.sender(ctx)
	if err != nil {
		return err
	}
	res, err := send()
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if err := t.want.checkHead(res); err != nil {
		return err
	}
	n, err := drain(res.Body)
	if err != nil {
		return fmt.Errorf("after %d bytes: %w", n, err)
	}
	if n != t.bytes {
		return fmt.Errorf("got %d bytes, want %d", n, t.bytes)
	}
	return nil
}

// drain reads in larger pieces than io.Copy would, so that the reader does not
// hold up the server.
func drain(r io.Reader) (n int64, err error) {
	buffer := make([]byte, 1<<20)
	for {
		m, err := r.Read(buffer)
		n += int64(m)
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
}
