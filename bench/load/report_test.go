package main

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMedian(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		values []float64
		want   float64
	}{
		{nil, 0},
		{[]float64{7}, 7},
		{[]float64{9, 1}, 5},
		{[]float64{100, 1, 3}, 3},
		{[]float64{4, 1, 1000, 2}, 3},
	} {
		if got := median(c.values); got != c.want {
			t.Errorf("median of %v is %v, want %v", c.values, got, c.want)
		}
	}
	unsorted := []float64{3, 1, 2}
	if median(unsorted); unsorted[0] != 3 {
		t.Error("the median sorts what it was given")
	}
}

// TestRatio: a ratio is taken within each round, so that a slow round counts for
// both.
func TestRatio(t *testing.T) {
	t.Parallel()
	base := series{1: 100, 2: 10, 3: 100}
	twice := series{1: 200, 2: 20, 3: 200, 4: 1}
	if got := twice.ratio(base); got != 2 {
		t.Errorf("ratio %v, want 2", got)
	}
	if got := (series{1: 90, 2: 20, 3: 110}).ratio(base); math.Abs(got-1.1) > 1e-9 {
		t.Errorf("ratio %v, want 1.1", got)
	}
	if got := (series{4: 1}).ratio(base); got != 0 {
		t.Errorf("ratio %v of rounds that have no base", got)
	}
}

// TestBounds: the ranks are those of the tables of the sign test.
func TestBounds(t *testing.T) {
	t.Parallel()
	for n, rank := range map[int]int{0: 0, 1: 0, 5: 0, 6: 1, 8: 1, 9: 2, 20: 6, 25: 8, 50: 18, 100: 40} {
		values := make([]float64, n)
		for i := range values {
			values[i] = float64(n - i) // n to 1
		}
		want := [2]float64{float64(rank), float64(n + 1 - rank)}
		if rank == 0 {
			want = [2]float64{math.Inf(-1), math.Inf(1)}
		}
		if low, high := bounds(values); low != want[0] || high != want[1] {
			t.Errorf("%d values: %v to %v, want %v", n, low, high, want)
		}
	}
}

func TestAgainst(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		low, high float64
		want      string
	}{
		{0.9, 1.02, "met"},
		{1.021, 1.03, "missed"},
		{1.01, 1.03, "not told apart"},
		{math.Inf(-1), math.Inf(1), "not told apart"},
	} {
		if got := against(floorTarget, c.low, c.high); got != c.want {
			t.Errorf("%v to %v: %s, want %s", c.low, c.high, got, c.want)
		}
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for v, want := range map[float64]string{
		0: "–", 0.01234: "0.0123", 1: "1.00", 9.876: "9.88", 12.34: "12.3", 123.4: "123", 45678.9: "45679", -12.34: "-12.3",
	} {
		if got := number(v); got != want {
			t.Errorf("%v is %q, want %q", v, got, want)
		}
	}
}

// TestReport writes the results of two rounds into a document.
func TestReport(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "document.md")
	if err := os.WriteFile(file, []byte("# T\n\n<!-- begin: load -->\n<!-- end: load -->\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run(t.Context(), []string{"report", "-into", file, "testdata/results.jsonl"}, &out); err != nil {
		t.Fatal(err)
	}
	if out.Len() > 0 {
		t.Errorf("printed what it wrote: %s", out.String())
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"on 4 CPUs", "Caddy v9.9.9, nginx 8.8.8.\n", "each of 2 rounds", "turns of 1.5 s", "with 16 requests",
		"| HTTP/1.1 | Caddy | 1500 | 1.00 | 15.0 | 1.00 | 150 | 200 | 300 | 900 |\n",
		"| HTTP/1.1 | Caddy, `cors` | 1350 | 0.90 | 16.5 | 1.10 | 160 | 210 | 310 | 500 |\n",
		"| HTTP/2 | nginx, `map` and `if` | 5000 | – | 3.00 | – | 50.0 | 60.0 | 70.0 | 80.0 |\n",
		"turns of 0.6 s in 6 rounds",
		"| HTTP/2 | `file_server` | 10.0 | 20.0 | 20.2 | 2.000 | 1.010 | 1.005 to 1.015 | met |\n",
		"| HTTP/3 | `reverse_proxy` | 1.00 | 2.00 | 3.00 | 2.000 | 1.500 | – to – | not told apart |\n",
		"| 1m, the default | Caddy | 1024 | 1.00 | 0.600 | 1.00 | 0 | 999 |\n",
		"| 1m, the default | Caddy, `cors` | 512 | 0.50 | 1.20 | 2.00 | – | – |\n",
		"| off | Caddy, `cors` | 2048 | – | 0.200 | – | 77 | 1 |\n",
		"| SSE | Caddy | 1000 | 20.0 | 1.00 | 10.0 | 1.00 | 5.00 | 3.00 |\n",
		"| SSE | Caddy, `cors` | 1000 | 30.0 | 1.50 | 12.0 | 1.20 | 5.00 | 3.00 |\n",
	} {
		if !strings.Contains(string(got), want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
}

// TestReportRefuses: a run that broke off is no report.
func TestReportRefuses(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("testdata/results.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(content), "\n")
	for name, text := range map[string]string{
		"empty": "", "only the start": strings.Join(lines[:2], ""),
		"cut":     strings.TrimSuffix(string(content), "}\n"),
		"unknown": string(content) + "{\"measure\":\"other\"}\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "results.jsonl")
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if err := run(t.Context(), []string{"report", file}, &out); err == nil {
				t.Errorf("reported:\n%s", out.String())
			}
		})
	}
}
