package main

import (
	"bytes"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestFetchChecks: a download that is not all of the file, or not as expected, is
// no result.
func TestFetchChecks(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(answer{200, []string{origin}, strings.Repeat("x", 3<<20)})
	t.Cleanup(server.Close)
	for name, c := range map[string]struct {
		bytes       int64
		allowOrigin string
		right       bool
	}{
		"right":        {3 << 20, origin, true},
		"too short":    {3<<20 + 1, origin, false},
		"too long":     {3<<20 - 1, origin, false},
		"wrong header": {3 << 20, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := transfer{
				target: target{url: server.URL}, bytes: c.bytes, limit: time.Minute,
				want: expectation{major: 1, status: 200, allowOrigin: c.allowOrigin},
			}
			if err := d.run(t.Context()); (err == nil) != c.right {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestTraceSummary(t *testing.T) {
	t.Parallel()
	const summary = `% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 98.51    0.003305          12       275        62 sendfile
  1.49    0.000050          50         1           write
------ ----------- ----------- --------- --------- ----------------
100.00    0.003355          12       276        62 total
`
	calls, err := parseSummary(strings.NewReader(summary))
	if err != nil || len(calls) != 2 || calls["sendfile"] != 275 || calls["write"] != 1 {
		t.Errorf("%v, error %v", calls, err)
	}
}

// TestLoopbackOnly: nothing here can be turned against others.
func TestLoopbackOnly(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"http://localhost:80/":        "127.0.0.1:80",
		"https://127.0.0.7:8443":      "127.0.0.7:8443",
		"http://[::1]:80/":            "[::1]:80",
		"http://example.com:80/":      "",
		"http://192.0.2.1:80/":        "",
		"http://0.0.0.0:80/":          "",
		"http://localhost.example:80": "",
		"http://localhost/":           "",
		"":                            "",
	} {
		got, err := (&target{url: url}).address()
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, error %v, want %q", url, got, err, want)
		}
	}
}

func TestPorts(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(t.Context(), []string{"ports", "20"}, &out); err != nil {
		t.Fatal(err)
	}
	ports := strings.Fields(out.String())
	slices.Sort(ports)
	if ports = slices.Compact(ports); len(ports) != 20 {
		t.Errorf("%d different ports, want 20", len(ports))
	}
	for _, p := range ports {
		if n, err := strconv.Atoi(p); err != nil || n < 1 || n > 65535 {
			t.Errorf("%q is no port", p)
		}
	}
}

func TestCommands(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		nil,
		{"unknown"},
		{"ports"},
		{"drive", "-request", "other", "-url", "http://127.0.0.1:1"},
		{"drive", "-protocol", "HTTP/1.1", "-senders", "2", "-url", "http://127.0.0.1:1"},
		{"drive", "-protocol", "HTTP/4", "-url", "http://127.0.0.1:1"},
		{"drive", "-url", "http://127.0.0.1:1", "-roots", "/nonexistent"},
		{"hold", "-kind", "other"},
		{"report", "/nonexistent"},
		{"report"},
	} {
		var out bytes.Buffer
		if err := run(t.Context(), args, &out); err == nil {
			t.Errorf("%q: no error; wrote %q", args, out.String())
		}
	}
}
