// Command load measures servers on real sockets, from a process of its own:
// requests over HTTP/1.1, HTTP/2 and HTTP/3, the transfer of a large file, and
// thousands of open streams. The script run beside it starts the servers and
// calls it; each measurement is a line of JSON, and report makes tables of them.
//
// Every response is checked, and a wrong one fails the run. Everything is bounded
// in time and number, and goes to loopback addresses only.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

// A command reads its arguments and writes lines of JSON.
type command func(ctx context.Context, args []string, out io.Writer) error

var commands = map[string]command{
	"certificate": certificateCommand,
	"drive":       driveCommand,
	"environment": environmentCommand,
	"fetch":       fetchCommand,
	"hold":        holdCommand,
	"ports":       portsCommand,
	"report":      reportCommand,
	"upstream":    upstreamCommand,
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "load "+strings.Join(os.Args[1:], " ")+":")
		fmt.Fprintln(os.Stderr, "  "+err.Error())
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 {
		return errors.New("no command")
	}
	c, ok := commands[args[0]]
	if !ok {
		return fmt.Errorf("unknown command %q", args[0])
	}
	return c(ctx, args[1:], out)
}
