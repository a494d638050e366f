package main

import (
	"fmt"
	"strings"
)

func (r *results) reportRequests(text *strings.Builder, request, title string) {
	intro := ""
	if request == "preflight" {
		intro = "Caddy without CORS answers them as it answers all other requests."
	}
	table(text, title, intro, "protocol", "server", "requests/s", "×", "CPU, µs a request", "×",
		"p50, µs", "p99, µs", "p99.9, µs", "max, µs")
	for _, protocol := range []string{"HTTP/1.1", "HTTP/2", "HTTP/3"} {
		cell := func(contender string, value func(requestsLine) float64) series {
			return pick(r.requests, func(l requestsLine) bool {
				return l.Protocol == protocol && l.Request == request && l.Contender == contender && l.Behind == ""
			}, func(l requestsLine) int { return l.Round }, value)
		}
		rate := func(l requestsLine) float64 { return l.PerSecond }
		cpu := func(l requestsLine) float64 { return l.CPU }
		for _, c := range contenders {
			rates, cpus := cell(c.name, rate), cell(c.name, cpu)
			if len(rates) == 0 {
				continue
			}
			row(text, protocol, c.title,
				number(rates.median()), ratio(rates.ratio(cell(bare, rate))),
				number(cpus.median()), ratio(cpus.ratio(cell(bare, cpu))),
				number(cell(c.name, func(l requestsLine) float64 { return l.P50 }).median()),
				number(cell(c.name, func(l requestsLine) float64 { return l.P99 }).median()),
				number(cell(c.name, func(l requestsLine) float64 { return l.P999 }).median()),
				number(cell(c.name, func(l requestsLine) float64 { return l.Max }).max()))
		}
	}
}

// writeIdles are the settings that the file is served with.
var writeIdles = []struct{ value, title string }{{"1m", "1m, the default"}, {"-1s", "off"}}

func (r *results) reportFile(text *strings.Builder) {
	const gib = 1 << 30
	table(text, "A large file", fmt.Sprintf("%d MiB over HTTP/1.1, by `file_server`. To notice clients that stall, Caddy writes in pieces\n"+
		"(`servers { timeouts { write_idle … } }`), and Go may not see the file in a piece: the calls,\n"+
		"those of a transfer under strace, tell. With that off, sendfile must be used, with `cors` too, or\n"+
		"the run fails.", r.files[0].Bytes>>20),
		"`write_idle`", "server", "MiB/s", "×", "CPU, s a GiB", "×", "sendfile calls", "write calls")
	for _, idle := range writeIdles {
		cell := func(contender string, traced bool, value func(fileLine) float64) series {
			return pick(r.files, func(l fileLine) bool {
				return l.WriteIdle == idle.value && l.Contender == contender && l.Traced == traced
			}, func(l fileLine) int { return l.Round }, value)
		}
		rate := func(l fileLine) float64 { return float64(l.Bytes>>20) / l.Seconds }
		cpu := func(l fileLine) float64 { return l.CPUSeconds * gib / float64(l.Bytes) }
		for _, c := range contenders[:2] {
			rates, cpus := cell(c.name, false, rate), cell(c.name, false, cpu)
			sendfile, write := "–", "–"
			if traced := cell(c.name, true, func(l fileLine) float64 { return float64(l.Sendfile) }); len(traced) > 0 {
				sendfile = fmt.Sprintf("%.0f", traced.max())
				write = fmt.Sprintf("%.0f", cell(c.name, true, func(l fileLine) float64 { return float64(l.Write) }).max())
			}
			row(text, idle.title, c.title,
				number(rates.median()), ratio(rates.ratio(cell(bare, false, rate))),
				number(cpus.median()), ratio(cpus.ratio(cell(bare, false, cpu))), sendfile, write)
		}
	}
}

func (r *results) reportStreams(text *strings.Builder) {
	table(text, "Open streams", "Through `reverse_proxy`: event streams over HTTP/2 to the upstream, WebSockets over HTTP/1.1,\n"+
		"so that a WebSocket takes two of the files that a process may have open. The memory is\n"+
		"Caddy's for one stream, after a collection of garbage; all streams were alive at the end.",
		"kind", "server", "open at once", "resident, KiB", "×", "heap, KiB", "×", "stacks, KiB", "goroutines")
	for _, kind := range []string{"SSE", "WebSocket"} {
		cell := func(contender string, value func(streamsLine) float64) series {
			return pick(r.streams, func(l streamsLine) bool { return l.Kind == kind && l.Contender == contender },
				func(l streamsLine) int { return l.Round },
				func(l streamsLine) float64 { return value(l) / float64(l.Streams) })
		}
		resident := func(l streamsLine) float64 { return float64(l.Resident) / 1024 }
		heap := func(l streamsLine) float64 { return float64(l.Heap) / 1024 }
		for _, c := range contenders[:2] {
			open := pick(r.streams, func(l streamsLine) bool { return l.Kind == kind && l.Contender == c.name },
				func(l streamsLine) int { return l.Round }, func(l streamsLine) float64 { return float64(l.Streams) })
			residents, heaps := cell(c.name, resident), cell(c.name, heap)
			row(text, kind, c.title, fmt.Sprintf("%.0f", open.median()),
				number(residents.median()), ratio(residents.ratio(cell(bare, resident))),
				number(heaps.median()), ratio(heaps.ratio(cell(bare, heap))),
				number(cell(c.name, func(l streamsLine) float64 { return float64(l.Stack) / 1024 }).median()),
				number(cell(c.name, func(l streamsLine) float64 { return float64(l.Goroutines) }).median()))
		}
	}
}
