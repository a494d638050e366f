package rehearsal

import (
	"encoding/json"
	"os"
	"sync"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/certmagic"
	"go.uber.org/zap/zaptest/observer"
)

// Provisioning is held while Caddy provisions: it loads one configuration at a
// time, and writes package variables then.
var Provisioning sync.Mutex

// Hush takes Caddy's own log away, which would stand in front of the answer: which
// file it reads, and that it has adapted it. Its errors are returned besides.
func Hush() error {
	_, _, err := emptyContext(noStorage)
	return err
}

// noStorage has nothing in it, and nothing can be put there.
var noStorage = caddyconfig.JSONModuleObject(struct {
	Root string `json:"root"`
}{os.DevNull}, "module", "file_system", nil)

// emptyContext is that of a configuration without apps, with its log.
func emptyContext(storage json.RawMessage) (caddy.Context, *observer.ObservedLogs, error) {
	register()
	Provisioning.Lock()
	defer Provisioning.Unlock()
	before := certmagic.Default.Storage
	defer func() { certmagic.Default.Storage = before }()
	ctx, err := caddy.ProvisionContext(&caddy.Config{
		Admin: &caddy.AdminConfig{Disabled: true},
		Logging: &caddy.Logging{Logs: map[string]*caddy.CustomLog{
			// Another writer would be announced on the old one.
			"default": {BaseLog: caddy.BaseLog{Level: "FATAL", CoreRaw: json.RawMessage(`{"module":"` + moduleName + `"}`)}},
		}},
		StorageRaw: storage,
	})
	return ctx, newest, err
}
