package cli_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/caddy-cors/caddy-cors/internal/cli"
)

// TestProgress: people at a terminal hear how far it is once it takes longer than
// a second, four times in one at most, and nothing of it stays.
func TestProgress(t *testing.T) {
	for _, tt := range []struct {
		name string
		at   []int // milliseconds when a site is done, of as many
		want string
	}{
		{"quick", []int{200, 400, 999}, ""},
		{"slow", []int{500, 1100, 1500, 2000}, "\r2 of 4 sites\r3 of 4 sites\r\x1b[K"},
		{"many", []int{1001, 1002, 1003, 1300, 1301}, "\r1 of 5 sites\r4 of 5 sites\r\x1b[K"},
		{"only the last is slow", []int{100, 5000}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
			now := start
			var b bytes.Buffer
			tell := cli.ProgressOn(&b, func() time.Time { return now })
			for i, at := range tt.at {
				now = start.Add(time.Duration(at) * time.Millisecond)
				tell(i+1, len(tt.at))
			}
			if b.String() != tt.want {
				t.Errorf("got %q", b.String())
			}
		})
	}
}

// TestProgressFiles: a file and a pipe get none.
func TestProgressFiles(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	for _, to := range []*os.File{f, w} {
		if cli.ProgressTo(to) != nil {
			t.Errorf("%s gets progress", to.Name())
		}
	}
}
