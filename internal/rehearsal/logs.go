package rehearsal

import (
	"encoding/json"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/caddyserver/caddy/v2"
	"go.uber.org/zap/zapcore"
)

// Warning is what a cors handler, or a source of origins inside of it, warned of.
type Warning struct {
	Handler *Handler
	Text    string
}

// recordedLog keeps what is logged while handlers are provisioned. The marker
// in front of each handler logs its number first.
type recordedLog struct {
	id       int64
	current  int
	warnings []recordedWarning
}

type recordedWarning struct {
	id   int
	text string
}

// Caddy makes the core of a log itself, from JSON, so it finds its record here.
var (
	logs   sync.Map // by number
	lastID atomic.Int64
)

func newLog() *recordedLog {
	l := &recordedLog{id: lastID.Add(1)}
	logs.Store(l.id, l)
	return l
}

func (l *recordedLog) close() { logs.Delete(l.id) }

func (l *recordedLog) raw() json.RawMessage {
	return json.RawMessage(`{"module":"` + moduleName + `","record":` + strconv.FormatInt(l.id, 10) + `}`)
}

// logCore writes into a record.
type logCore struct {
	Record int64 `json:"record"`

	to *recordedLog
}

// CaddyModule returns the Caddy module information.
func (*logCore) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "caddy.logging.cores." + moduleName, New: func() caddy.Module { return new(logCore) }}
}

// Provision finds the record.
func (c *logCore) Provision(caddy.Context) error {
	found, ok := logs.Load(c.Record)
	if !ok {
		return errOutside
	}
	c.to, _ = found.(*recordedLog)
	return nil
}

// Enabled implements zapcore.LevelEnabler.
func (*logCore) Enabled(level zapcore.Level) bool { return level == zapcore.WarnLevel }

// With implements zapcore.Core.
func (c *logCore) With([]zapcore.Field) zapcore.Core { return c }

// Check implements zapcore.Core.
func (c *logCore) Check(e zapcore.Entry, to *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if e.Level == zapcore.WarnLevel && strings.Contains(e.LoggerName, "cors") {
		return to.AddCore(e, c)
	}
	return to
}

// Write implements zapcore.Core.
func (c *logCore) Write(e zapcore.Entry, fields []zapcore.Field) error {
	if strings.HasSuffix(e.LoggerName, moduleName) {
		c.to.current = int(fields[0].Integer)
		return nil
	}
	text := e.Message
	for _, f := range fields {
		if f.Key == "option" && f.String != "" {
			text = f.String + ": " + text
		}
	}
	c.to.warnings = append(c.to.warnings, recordedWarning{c.to.current, text})
	return nil
}

// Sync implements zapcore.Core.
func (*logCore) Sync() error { return nil }

// Interface guards.
var (
	_ zapcore.Core      = (*logCore)(nil)
	_ caddy.Provisioner = (*logCore)(nil)
)
