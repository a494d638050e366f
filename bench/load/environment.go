package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"runtime"
	"strconv"
)

// portsCommand prints ports that are free on 127.0.0.1, for TCP and UDP.
func portsCommand(_ context.Context, args []string, out io.Writer) error {
	if len(args) != 1 {
		return fmt.Errorf("ports takes a number, got %q", args)
	}
	n, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	ports, err := freePorts(n)
	for _, p := range ports {
		fmt.Fprintln(out, p)
	}
	return err
}

// freePorts holds all the ports before it gives them up, so that they differ.
func freePorts(n int) (ports []int, err error) {
	var held []io.Closer
	defer func() {
		for _, h := range held {
			_ = h.Close()
		}
	}()
	for range 10 * n {
		if len(ports) == n {
			return ports, nil
		}
		tcp, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			return nil, err
		}
		held = append(held, tcp)
		address, err := net.ResolveUDPAddr("udp", tcp.Addr().String())
		if err != nil {
			return nil, err
		}
		udp, err := net.ListenUDP("udp", address)
		if err != nil {
			continue // taken for HTTP/3
		}
		held = append(held, udp)
		ports = append(ports, address.Port)
	}
	return ports, fmt.Errorf("found %d free ports, not %d", len(ports), n)
}

// environmentCommand tells where the run takes place.
func environmentCommand(_ context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("environment", flag.ContinueOnError)
	line := environmentLine{
		label: label{Measure: measureEnvironment},
		CPUs:  runtime.NumCPU(), Go: runtime.Version(), OS: runtime.GOOS + "/" + runtime.GOARCH,
	}
	flags.StringVar(&line.Caddy, "caddy", "", "its version")
	flags.StringVar(&line.Nginx, "nginx", "", "its version")
	if err := flags.Parse(args); err != nil {
		return err
	}
	return writeLine(out, line)
}
