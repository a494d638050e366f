package corstest

import (
	"bytes"
	"io"
	"strings"
	"sync"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

// memoryLog is a log writer that keeps what Caddy logs in memory; use it with
// `log { output memory <id> }` in the global options.
type memoryLog struct {
	ID string `json:"id,omitempty"`
}

// memoryLogs has the lines by id.
var memoryLogs sync.Map

func init() { caddy.RegisterModule(memoryLog{}) }

func (memoryLog) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "caddy.logging.writers.memory", New: func() caddy.Module { return new(memoryLog) }}
}

func (m *memoryLog) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next()
	d.Args(&m.ID)
	return nil
}

func (m *memoryLog) String() string                      { return "memory:" + m.ID }
func (m *memoryLog) WriterKey() string                   { return m.String() }
func (m *memoryLog) OpenWriter() (io.WriteCloser, error) { return LogLines(m.ID), nil }

// Lines is a buffer of log lines, safe for concurrent use.
type Lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// LogLines are the lines that were logged to an id.
func LogLines(id string) *Lines {
	l, _ := memoryLogs.LoadOrStore(id, new(Lines))
	return l.(*Lines)
}

// Write implements io.Writer.
func (l *Lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// Close implements io.Closer.
func (l *Lines) Close() error { return nil }

// Reset forgets the lines.
func (l *Lines) Reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buf.Reset()
}

// String returns all lines.
func (l *Lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// Count is the number of lines that contain all the words.
func (l *Lines) Count(words ...string) (n int) {
next:
	for line := range strings.Lines(l.String()) {
		for _, w := range words {
			if !strings.Contains(line, w) {
				continue next
			}
		}
		n++
	}
	return n
}
