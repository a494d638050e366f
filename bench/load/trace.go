package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// traced runs the transfer while strace counts the server's calls. With sendfile
// the kernel passes the file on by itself; without, the server writes it in
// pieces.
func (t *transfer) traced(ctx context.Context, pid int, summary string) (calls map[string]int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, t.limit)
	defer cancel()
	//nolint:gosec // G204: the process and the file are the caller's own
	strace := exec.CommandContext(ctx, "strace", "-c", "-f", "-e", "trace=sendfile,splice,write,writev",
		"-o", summary, "-p", strconv.Itoa(pid))
	strace.Cancel = func() error { return strace.Process.Signal(os.Interrupt) }
	strace.WaitDelay = 5 * time.Second
	says, err := strace.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := strace.Start(); err != nil {
		return nil, err
	}
	attached := make(chan error, 1)
	go watch(says, attached)
	if err = <-attached; err == nil {
		err = t.run(ctx)
	}
	// An interrupt makes strace let go of the process and write its summary.
	_ = strace.Process.Signal(syscall.SIGINT)
	_ = strace.Wait() // it ends as the signal would have ended it
	if err != nil {
		return nil, err
	}
	file, err := os.Open(summary) //nolint:gosec // G304: written above
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return parseSummary(file)
}

// watch waits until strace says that it is attached, and reads on, lest it block.
func watch(says io.Reader, attached chan<- error) {
	lines := bufio.NewScanner(says)
	var last string
	for lines.Scan() {
		if last = lines.Text(); strings.Contains(last, " attached") {
			attached <- nil
			_, _ = io.Copy(io.Discard, says)
			return
		}
	}
	attached <- fmt.Errorf("strace did not attach: %s", last)
}

// parseSummary reads the table of strace -c: the calls are the fourth column, the
// name is the last.
func parseSummary(r io.Reader) (map[string]int64, error) {
	calls := make(map[string]int64)
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 5 || fields[len(fields)-1] == "total" {
			continue
		}
		if n, err := strconv.ParseInt(fields[3], 10, 64); err == nil {
			calls[fields[len(fields)-1]] = n
		}
	}
	return calls, lines.Err()
}
