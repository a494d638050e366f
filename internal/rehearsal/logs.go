package rehearsal

import (
	"strings"

	"github.com/caddyserver/caddy/v2"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

// Warning is what a cors handler, or a source of origins inside of it, warned of.
type Warning struct {
	Handler *Handler
	Text    string
}

// logCore is the log of a rehearsal. It keeps the warnings.
type logCore struct {
	zapcore.Core
}

// newest is what the core keeps that was provisioned last: Caddy makes it from JSON, and
// gives it to nobody. Guarded by Provisioning.
var newest *observer.ObservedLogs

// CaddyModule returns the Caddy module information.
func (*logCore) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "caddy.logging.cores." + moduleName, New: func() caddy.Module { return new(logCore) }}
}

// Provision implements caddy.Provisioner.
func (c *logCore) Provision(caddy.Context) error {
	c.Core, newest = observer.New(zap.LevelEnablerFunc(func(l zapcore.Level) bool { return l == zapcore.WarnLevel }))
	return nil
}

// warnings are those of cors handlers. The marker in front of each handler logs its number
// first.
func (r *Rehearsal) warnings(log []observer.LoggedEntry) (all []Warning) {
	var at *Handler
	for _, e := range log {
		text := e.Message
		for _, f := range e.Context {
			switch {
			case strings.HasSuffix(e.LoggerName, moduleName):
				at = r.Handlers[f.Integer]
			case f.Key == "option" && f.String != "":
				text = f.String + ": " + text
			}
		}
		if at != nil && at.Kind == "cors" && strings.Contains(e.LoggerName, "cors") && !strings.HasSuffix(e.LoggerName, moduleName) {
			all = append(all, Warning{at, text})
		}
	}
	return all
}

// Interface guards.
var (
	_ zapcore.Core      = (*logCore)(nil)
	_ caddy.Provisioner = (*logCore)(nil)
)
