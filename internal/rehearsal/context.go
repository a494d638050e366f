package rehearsal

import (
	"encoding/json"
	"sync"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/certmagic"
)

// Provisioning is held while Caddy provisions: it loads one configuration at a
// time, and writes package variables then.
var Provisioning sync.Mutex

// Hush takes Caddy's own log away, which would stand in front of the answer: which
// file it reads, and that it has adapted it. Its errors are returned besides.
func Hush() error {
	log := newLog()
	defer log.close()
	_, err := emptyContext(log, nil)
	return err
}

// emptyContext is that of a configuration without apps, which logs into a record.
// Without a storage it has one in memory.
func emptyContext(log *recordedLog, storageRaw json.RawMessage) (caddy.Context, error) {
	register()
	Provisioning.Lock()
	defer Provisioning.Unlock()
	storage := certmagic.Default.Storage
	defer func() { certmagic.Default.Storage = storage }()
	if storageRaw == nil {
		storageRaw = json.RawMessage(`{"module":"` + moduleName + `"}`)
	}
	return caddy.ProvisionContext(&caddy.Config{
		Admin: &caddy.AdminConfig{Disabled: true},
		Logging: &caddy.Logging{Logs: map[string]*caddy.CustomLog{
			// Another writer would be announced on the old one.
			"default": {BaseLog: caddy.BaseLog{Level: "FATAL", CoreRaw: log.raw()}},
		}},
		StorageRaw: storageRaw,
	})
}
