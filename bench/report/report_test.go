package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// run1 and run2 are what two runs printed; the values are easy to compare.
const (
	run1 = `goversion: go1.99
rs: v9.8.7
goos: plan9
goarch: mips
BenchmarkBare/list=exact/origins=1/request=no-origin/handler=cors-8 100 100 ns/op 16 B/op 1 allocs/op
BenchmarkBare/list=exact/origins=1/request=no-origin/handler=rs-8 100 90 ns/op 0 B/op 0 allocs/op
BenchmarkBare/list=exact/origins=1/request=actual-allowed/handler=cors-8 100 100 ns/op 16 B/op 1 allocs/op
BenchmarkBare/list=exact/origins=1/request=actual-allowed/handler=rs-8 100 400 ns/op 16 B/op 1 allocs/op
BenchmarkBare/list=exact/origins=1000000/request=actual-allowed/handler=cors-8 100 140 ns/op 16 B/op 1 allocs/op
BenchmarkBare/list=exact/origins=1000000/request=actual-allowed/handler=rs-8 100 900 ns/op 16 B/op 1 allocs/op
BenchmarkBare/list=exact/origins=1000000/request=no-origin/handler=cors-8 100 100 ns/op 16 B/op 1 allocs/op
BenchmarkBare/list=exact/origins=1000000/request=no-origin/handler=rs-8 100 90000 ns/op 0 B/op 0 allocs/op
BenchmarkBare/list=exact/origins=1/request=actual-allowed-spread/handler=cors-8 100 100 ns/op 16 B/op 1 allocs/op
BenchmarkBare/list=exact/origins=1000000/request=actual-allowed-spread/handler=cors-8 100 300 ns/op 16 B/op 1 allocs/op
BenchmarkBare/list=exact/origins=1/request=preflight-allowed/handler=cors-8 100 200 ns/op 16 B/op 2 allocs/op
BenchmarkBare/list=exact/origins=1/request=hostile-commas/handler=cors-8 100 300 ns/op 16 B/op 2 allocs/op
BenchmarkBare/list=exact/origins=1/request=hostile-commas/handler=chi-8 100 5000000 ns/op 16000 B/op 11 allocs/op
BenchmarkBare/list=exact/origins=1/request=no-origin/handler=least-8 100 60 ns/op 16 B/op 1 allocs/op
BenchmarkBare/list=exact/origins=1/request=actual-allowed/handler=least-8 100 80 ns/op 16 B/op 1 allocs/op
BenchmarkBare/list=exact/origins=1/request=actual-allowed-spread/handler=least-8 100 10 ns/op 16 B/op 1 allocs/op
BenchmarkBare/list=exact/origins=1/request=preflight-30-headers/handler=cors-8 100 900 ns/op 1600 B/op 7 allocs/op
BenchmarkBare/list=exact/origins=1/request=preflight-30-headers/handler=least-8 100 10 ns/op 16 B/op 1 allocs/op
BenchmarkBare/list=exact/origins=1/request=actual-refused/handler=cors-8 100 70 ns/op 176 B/op 1 allocs/op
BenchmarkLookup/list=exact/origins=1/request=actual-allowed-spread/handler=least-8 100 30 ns/op 0 B/op 0 allocs/op
BenchmarkLookup/list=exact/origins=1/request=actual-allowed-spread/handler=cors-8 100 100 ns/op 16 B/op 1 allocs/op
BenchmarkLookup/list=exact/origins=1000000/request=actual-allowed-spread/handler=least-8 100 130 ns/op 0 B/op 0 allocs/op
BenchmarkLookup/list=exact/origins=1000000/request=actual-allowed-spread/handler=cors-8 100 300 ns/op 16 B/op 1 allocs/op
BenchmarkStack/request=no-origin/handler=cors-8 100 10 ns/op 0 B/op 0 allocs/op
BenchmarkStack/request=no-origin/handler=gin-8 100 40 ns/op 0 B/op 0 allocs/op
BenchmarkChain/list=exact/origins=1/request=actual-allowed/handler=nothing-8 100 4000 ns/op 4000 nothing-ns/op 16 B/op 50 allocs/op
BenchmarkChain/list=exact/origins=1/request=actual-allowed/handler=cors-8 100 4100 ns/op 4000 nothing-ns/op 16 B/op 51 allocs/op
BenchmarkChain/list=exact/origins=1/request=actual-allowed/handler=empty-8 100 4020 ns/op 4000 nothing-ns/op 16 B/op 51 allocs/op
BenchmarkChain/list=exact/origins=1/request=actual-allowed/handler=least-8 100 4040 ns/op 4000 nothing-ns/op 16 B/op 51 allocs/op
BenchmarkChain/list=exact/origins=1/request=actual-allowed/handler=snippet-8 100 6000 ns/op 4000 nothing-ns/op 16 B/op 70 allocs/op
BenchmarkParts/request=no-origin/part=next-8 1 10 part-ns/op
BenchmarkParts/request=no-origin/part=count-8 1 -1 part-ns/op
BenchmarkParts/request=no-origin/part=whole-8 1 100 part-ns/op
BenchmarkParts/request=actual-allowed/part=next-8 1 20 part-ns/op
BenchmarkParts/request=actual-allowed/part=count-8 1 7 part-ns/op
BenchmarkParts/request=actual-allowed/part=warn-8 1 12.6 part-ns/op
BenchmarkParts/request=actual-allowed/part=whole-8 1 400 part-ns/op
BenchmarkCompile/list=exact/origins=1000000-8 1 1500000000 ns/op 72.5 B/origin
BenchmarkReload/list=exact/origins=1000000-8 1 2000000000 ns/op 1048576 one-B 3145728 peak-B 1048576 after-B
BenchmarkReloadText/list=exact/origins=1000000-8 1 1000000000 ns/op 524288 one-B 2097152 peak-B 524288 after-B
PASS
`
	run2 = `BenchmarkBare/list=exact/origins=1/request=no-origin/handler=cors-8 100 300 ns/op 16 B/op 1 allocs/op
BenchmarkBare/list=exact/origins=1/request=no-origin/handler=rs-8 100 110 ns/op 0 B/op 0 allocs/op
`
)

func parse(t *testing.T, runs ...string) *results {
	t.Helper()
	rs, err := readFiles(write(t, runs...))
	if err != nil {
		t.Fatal(err)
	}
	return rs
}

func write(t *testing.T, contents ...string) (files []string) {
	t.Helper()
	dir := t.TempDir()
	for i, content := range contents {
		file := filepath.Join(dir, string(rune('a'+i)))
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

// TestMeasure: the best time counts, and the middle of all else.
func TestMeasure(t *testing.T) {
	t.Parallel()
	k := key{"Bare", "exact", 1, "no-origin", "cors"}
	more := strings.ReplaceAll(run2, "16 B/op", "32 B/op")
	outlier := strings.ReplaceAll(strings.ReplaceAll(run2, "300 ns/op", "9000 ns/op"), "16 B/op", "9000 B/op")
	for _, c := range []struct {
		runs         []string
		time, memory float64
	}{
		{[]string{run1}, 100e-9, 16},
		{[]string{run1, more}, 100e-9, 24}, // between the two
		{[]string{outlier, more, run1}, 100e-9, 32},
	} {
		rs := parse(t, c.runs...)
		if got, ok := rs.measure(k, seconds); !ok || duration(got) != duration(c.time) {
			t.Errorf("%d runs: %v, want %v", len(c.runs), got, c.time)
		}
		if got, ok := rs.measure(k, memory); !ok || got != c.memory {
			t.Errorf("%d runs: %v bytes, want %v", len(c.runs), got, c.memory)
		}
	}
	if v, ok := parse(t, run1).measure(k.in("nobody"), seconds); ok {
		t.Errorf("a handler that did not run: %v", v)
	}
}

// TestInTurns: what counts is the middle of the comparisons, and not the
// comparison of the middles or the best.
func TestInTurns(t *testing.T) {
	t.Parallel()
	const line = "BenchmarkChain/list=exact/origins=1/request=no-origin/handler=cors-8 100 "
	rs := parse(t, line+"220 ns/op 200 nothing-ns/op\n", line+"990 ns/op 900 nothing-ns/op\n", line+"400 ns/op 100 nothing-ns/op\n")
	k := key{"Chain", "exact", 1, "no-origin", "cors"}
	if r, ok := rs.inTurns(k, quotient); !ok || times(r) != "1.10×" {
		t.Errorf("%v times", r)
	}
	if d, ok := rs.inTurns(k, difference); !ok || duration(d) != "90.0 ns" {
		t.Errorf("%v more", duration(d))
	}
	if r, ok := rs.inTurns(k.in("nobody"), quotient); ok {
		t.Errorf("a handler that did not run: %v", r)
	}
	if r, ok := rs.addedAgainst(k, k.in("nobody")); ok {
		t.Errorf("against a handler that did not run: %v", r)
	}
}

// TestAddedAgainst: what two add is compared within each run; a run in which the other
// took less time than nothing says nothing.
func TestAddedAgainst(t *testing.T) {
	t.Parallel()
	const line = "BenchmarkChain/list=exact/origins=1/request=no-origin/handler="
	rs := parse(t,
		line+"cors-8 1 220 ns/op 200 nothing-ns/op\n"+line+"least-8 1 210 ns/op 200 nothing-ns/op\n",
		line+"cors-8 1 990 ns/op 900 nothing-ns/op\n"+line+"least-8 1 890 ns/op 900 nothing-ns/op\n",
		line+"cors-8 1 160 ns/op 100 nothing-ns/op\n"+line+"least-8 1 150 ns/op 100 nothing-ns/op\n",
		line+"cors-8 1 400 ns/op 100 nothing-ns/op\n"+line+"least-8 1 300 ns/op 100 nothing-ns/op\n",
	)
	k := key{"Chain", "exact", 1, "no-origin", "cors"}
	if r, ok := rs.addedAgainst(k, k.in(least)); !ok || times(r) != "1.50×" {
		t.Errorf("%v times, want the middle of 2, 1.2 and 1.5", r)
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	rs := parse(t, run1, run2)
	if least, most := rs.runs(); least != 1 || most != 2 {
		t.Errorf("%d to %d runs, want 1 to 2", least, most)
	}
	if rs.threads != "8" || rs.config["goversion"] != "go1.99" {
		t.Errorf("threads %q, config %q", rs.threads, rs.config)
	}
	for _, c := range []struct{ name, content, want string }{
		{"nothing", "PASS\n", "no benchmarks"},
		{"an unknown part", "BenchmarkBare/colour=red-2 1 1 ns/op\n", "colour=red"},
		{"a bad number", "BenchmarkBare/origins=many-2 1 1 ns/op\n", "many"},
		{"a broken line", "BenchmarkBare/origins=1-2 1 x ns/op\n", "a:1"},
	} {
		if _, err := readFiles(write(t, c.content)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with %q", c.name, err, c.want)
		}
	}
	if _, err := readFiles([]string{filepath.Join(t.TempDir(), "missing")}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

const document = "# Title\n\n<!-- begin: bench -->\n<!-- end: bench -->\n\n<!-- begin: load -->\nstays\n<!-- end: load -->\n"

func TestReport(t *testing.T) {
	t.Parallel()
	doc := write(t, document+"<!-- begin: scale -->\n<!-- end: scale -->\n")[0]
	input := write(t, run1, run2)
	var out bytes.Buffer
	if err := report(&out, doc, input); err != nil {
		t.Fatal(err)
	}
	first := read(t, doc)
	for _, want := range []string{
		"<!-- begin: load -->\nstays\n<!-- end: load -->",
		"Best of the tenth percentiles of 1 to 2 runs, and medians of all else; plan9/mips, 8 threads, go1.99.\nrs/cors v9.8.7.\n",
		"| no Origin | 100 ns, 1 | **0.90×**, 0 |",
		"| actual, allowed | 100 ns, 1 | 4.00×, 1 |",
		"| actual, allowed | 1 | 4.00 µs, 50 | 20.0 ns, +0.5 %, +1 | 40.0 ns, +1.0 %, +1 | 100 ns, +2.5 %, +1 | 2.50× | 2.00 µs, +50.0 %, +20 |",
		"| no Origin | 90.0 ns, 0 | 60.0 ns, 1 | 100 ns, 1 | 1.67× |",
		"| exact | 1,000,000 | 1.50 s | 72.5 | 2.00 s | 1.00 MiB | 3.00 MiB | 1.00 MiB | 512 KiB | 2.00 MiB |",
		"| gin-contrib/cors¹ | 40.0 ns, 0 |",
		"| count | -1 | 7 | the metric",
		"| remember the warning | – | 13 | one warning",
		"| answer the preflight | – | – | ",
		"| **the whole handler** | 90 | 380 |  |  |\n| without what the least does not do | 91 | 360 |  |  |\n| the least | 50 | 60 |  |  |\n",
	} {
		if !strings.Contains(first, want) {
			t.Errorf("the document lacks %q", want)
		}
	}
	for _, name := range []string{growthChart, requestsChart, hostileChart, chainChart} {
		if !strings.Contains(first, "]("+name+")") {
			t.Errorf("the document does not show %s", name)
		}
		wellFormed(t, read(t, filepath.Join(filepath.Dir(doc), name)))
	}
	if err := report(io.Discard, doc, input); err != nil || read(t, doc) != first {
		t.Errorf("the second time something else comes out (%v)", err)
	}
}

// TestReportRefuses: a document that lacks a marker stays as it is.
func TestReportRefuses(t *testing.T) {
	t.Parallel()
	doc := write(t, document)[0] // without scale
	if err := report(io.Discard, doc, write(t, run1)); err == nil || !strings.Contains(err.Error(), "begin: scale") {
		t.Errorf("got %v, want an error about begin: scale", err)
	}
	if read(t, doc) != document {
		t.Error("the document was changed")
	}
	if entries, err := os.ReadDir(filepath.Dir(doc)); err != nil || len(entries) != 1 {
		t.Errorf("%v (%v), want no charts", entries, err)
	}
}

func TestTargets(t *testing.T) {
	t.Parallel()
	got := make(map[string]verdict)
	for _, v := range judge(parse(t, run1)) {
		got[v.target] = v
	}
	for _, want := range []verdict{
		{"one origin: at most 1.25 times the time of the least", "1.67× (no Origin; exact, 1 origin); missed in 1 of 2", "no", ""},
		{"4,096 origins in turn: with 1,000 and more in the list at most 1.1 times the time with 1, beyond what a bare Go map costs", "2.00× (actual, allowed, 4,096 origins in turn; exact, 1,000,000 origins); missed in 1 of 1", "no", ""},
		{"ordinary request: one allocation", "2 (preflight, allowed; exact, 1 origin); missed in 1 of 8", "no", ""},
		{"ordinary request: at most 160 bytes", "176 (actual, refused; exact, 1 origin); missed in 1 of 8", "no", ""},
		{"hostile input: at most 2 times the time of an ordinary request of that kind", "1.50× (preflight with 1 MiB of commas; exact, 1 origin)", "yes", ""},
		{"Caddy's chain: `cors` adds to an actual request at most 1.25 times what the least adds", "2.50× (actual, allowed; exact, 1 origin); missed in 1 of 1", "no", ""},
		{"Caddy's chain: `cors` answers a preflight in less time than `respond`", "", "not measured", ""},
		{"1,000,000 origins: at most 1 s to compile", "1.50 s (exact, 1,000,000 origins); missed in 1 of 1", "no", ""},
		{"1,000,000 origins: at most 100 bytes an origin beyond the text", "72.5 (exact, 1,000,000 origins)", "yes", ""},
		{"1,000,000 origins: at most twice the heap at the peak of a reload, garbage included", "3.00× (exact, 1,000,000 origins); missed in 1 of 1", "no", "4.00× (exact, 1,000,000 origins); missed in 1 of 1"},
		{"1,000,000 origins: a reload leaves no memory behind", "1.00× (exact, 1,000,000 origins)", "yes", ""},
	} {
		if got[want.target] != want {
			t.Errorf("got  %q\nwant %q", got[want.target], want)
		}
	}
}

func TestFormat(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		duration(0):         "0 ns",
		duration(45.25e-9):  "45.2 ns",
		duration(999.6e-9):  "1.00 µs",
		duration(-120e-9):   "-120 ns",
		duration(1.234e-3):  "1.23 ms",
		duration(12345):     "12,345 s",
		size(1 << 20):       "1.00 MiB",
		size(512):           "512 B",
		times(1234567):      "1,234,567×",
		count(-1000):        "-1,000",
		tick(1e-7):          "100 ns",
		tick(1e-6):          "1 µs",
		plural(1):           "1 origin",
		plural(100_000):     "100,000 origins",
		percent(0.0312):     "3.1 %",
		digits(99.96):       "100",
		digits(9.996):       "10.0",
		digits(0.004999999): "0.00",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestEscapes: text is no markup.
func TestEscapes(t *testing.T) {
	t.Parallel()
	svg := newCanvas(10, 10, "a < b & <i>").end()
	wellFormed(t, svg)
	if strings.Contains(svg, "<i>") {
		t.Error(svg)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func wellFormed(t *testing.T, svg string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in %.200s", err, svg)
		}
	}
	for _, bad := range []string{"NaN", "Inf", `="-`} { // a coordinate that is none, or outside
		if strings.Contains(svg, bad) {
			t.Errorf("%s in %s", bad, svg)
		}
	}
}
