package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// openers is how many streams are opened at a time.
const openers = 64

// holding is many streams that are open at once.
type holding struct {
	target  target
	kind    kind
	want    expectation
	count   int
	publish string // URL that makes the upstream send an event on every stream

	mu      sync.Mutex
	streams []*stream
}

// holdCommand opens streams and tells what they cost the server.
func holdCommand(ctx context.Context, args []string, out io.Writer) error {
	var (
		flags    = flag.NewFlagSet("hold", flag.ContinueOnError)
		name     = labelFlags(flags, measureStreams)
		h        holding
		kindName = flags.String("kind", "SSE", "SSE or WebSocket")
		pid      = flags.Int("pid", 0, "the server's process")
		admin    = flags.String("admin", "", "URL of Caddy's admin API")
		limit    = flags.Duration("limit", 2*time.Minute, "give up after")
	)
	flags.StringVar(&h.target.url, "url", "", "a loopback URL")
	flags.StringVar(&h.publish, "publish", "", "URL that makes the upstream send an event")
	flags.StringVar(&h.want.allowOrigin, "allow-origin", "", "expected; empty: none")
	flags.IntVar(&h.count, "count", 10_000, "number of streams")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var ok bool
	if h.kind, ok = kinds[*kindName]; !ok {
		return fmt.Errorf("unknown kind %q", *kindName)
	}
	h.want.major, h.want.status = 1, h.kind.status
	ctx, cancel := context.WithTimeout(ctx, *limit)
	defer cancel()
	defer h.close()

	before, err := readMemory(ctx, *pid, *admin)
	if err != nil {
		return err
	}
	if err := h.open(ctx); err != nil {
		return err
	}
	with, err := readMemory(ctx, *pid, *admin)
	if err != nil {
		return err
	}
	if err := h.alive(ctx); err != nil {
		return err
	}
	return writeLine(out, streamsLine{
		label: *name, Kind: *kindName, Streams: h.count,
		Resident: with.resident - before.resident, Heap: with.heap - before.heap,
		Stack: with.stack - before.stack, Goroutines: with.goroutines - before.goroutines,
	})
}

// open opens all streams. The first error ends it.
func (h *holding) open(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	numbers := make(chan int)
	var group sync.WaitGroup
	for range openers {
		group.Go(func() {
			for n := range numbers {
				s, err := openStream(ctx, &h.target, h.kind, h.want, n)
				if err != nil {
					cancel(fmt.Errorf("stream %d: %w", n, err))
					return
				}
				h.mu.Lock()
				h.streams = append(h.streams, s)
				h.mu.Unlock()
			}
		})
	}
	for n := 0; n < h.count && ctx.Err() == nil; n++ {
		select {
		case numbers <- n:
		case <-ctx.Done():
		}
	}
	close(numbers)
	group.Wait()
	return context.Cause(ctx)
}

// alive shows that all the streams are still open.
func (h *holding) alive(ctx context.Context) error {
	if h.publish != "" {
		if err := get(ctx, h.publish, io.Discard); err != nil {
			return err
		}
	}
	if len(h.streams) != h.count {
		return fmt.Errorf("%d streams are open, want %d", len(h.streams), h.count)
	}
	for i, s := range h.streams {
		if err := h.kind.alive(s); err != nil {
			return fmt.Errorf("stream %d of %d is no longer alive: %w", i, h.count, err)
		}
	}
	return nil
}

func (h *holding) close() {
	for _, s := range h.streams {
		s.close()
	}
}

// get asks for a URL of a local server and copies the answer.
func get(ctx context.Context, url string, to io.Writer) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	response, err := local.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return errors.New(url + ": " + response.Status)
	}
	_, err = io.Copy(to, response.Body)
	return err
}

// local goes to the servers themselves, whatever proxy the environment names.
var local = &http.Client{Transport: new(http.Transport)}
