package main

import (
	"encoding/json"
	"io"
)

// The measures: what a line of JSON is about.
const (
	measureEnvironment = "environment"
	measureRequests    = "requests"
	measureFile        = "file"
	measureStreams     = "streams"
)

// label says which measurement a line is.
type label struct {
	Measure   string `json:"measure"`
	Contender string `json:"contender,omitempty"`
	Round     int    `json:"round,omitempty"`
}

// requestsLine is a run of drive. Latencies and the server's CPU time are in
// microseconds.
type requestsLine struct {
	label

	Protocol    string  `json:"protocol"`
	Request     string  `json:"request"`
	Behind      string  `json:"behind,omitempty"` // the handler; empty in the runs of all contenders
	Connections int     `json:"connections"`
	Senders     int     `json:"senders"`
	Requests    int64   `json:"requests"`
	Errors      int64   `json:"errors"`
	Seconds     float64 `json:"seconds"`
	PerSecond   float64 `json:"per_second"`
	P50         float64 `json:"p50_us"`
	P99         float64 `json:"p99_us"`
	P999        float64 `json:"p999_us"`
	Max         float64 `json:"max_us"`
	CPU         float64 `json:"cpu_us_per_request,omitempty"`
	CPUSeconds  float64 `json:"cpu_seconds,omitempty"`
}

// fileLine is a run of fetch. The calls are those of a transfer that was traced,
// which is not timed.
type fileLine struct {
	label

	WriteIdle  string  `json:"write_idle"` // Caddy's timeout
	Bytes      int64   `json:"bytes"`
	Seconds    float64 `json:"seconds,omitempty"`
	CPUSeconds float64 `json:"cpu_seconds,omitempty"`
	Traced     bool    `json:"traced,omitempty"`
	Sendfile   int64   `json:"sendfile_calls,omitempty"`
	Write      int64   `json:"write_calls,omitempty"`
}

// streamsLine is a run of hold: what the server had more with the streams open
// than before, in bytes.
type streamsLine struct {
	label

	Kind       string `json:"kind"`
	Streams    int    `json:"streams"`
	Resident   int64  `json:"resident_bytes"`
	Heap       int64  `json:"heap_bytes"`
	Stack      int64  `json:"stack_bytes"`
	Goroutines int64  `json:"goroutines"`
}

// environmentLine is where the run took place.
type environmentLine struct {
	label

	CPUs  int    `json:"cpus"`
	Go    string `json:"go"`
	OS    string `json:"os"`
	Caddy string `json:"caddy"`
	Nginx string `json:"nginx,omitempty"`
}

func writeLine(out io.Writer, line any) error {
	return json.NewEncoder(out).Encode(line)
}
