package rehearsal

import (
	"context"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/certmagic"
)

// memory is a storage that is forgotten with the configuration.
type memory struct {
	mu    sync.Mutex
	items map[string]memoryItem
}

type memoryItem struct {
	value []byte
	at    time.Time
}

// CaddyModule returns the Caddy module information.
func (*memory) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "caddy.storage." + moduleName, New: func() caddy.Module { return new(memory) }}
}

// CertMagicStorage implements caddy.StorageConverter.
func (m *memory) CertMagicStorage() (certmagic.Storage, error) {
	m.items = map[string]memoryItem{}
	return m, nil
}

// Lock implements certmagic.Locker. Nobody else uses this storage.
func (*memory) Lock(context.Context, string) error { return nil }

// Unlock implements certmagic.Locker.
func (*memory) Unlock(context.Context, string) error { return nil }

// Store implements certmagic.Storage.
func (m *memory) Store(_ context.Context, key string, value []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.items[key] = memoryItem{slices.Clone(value), time.Now()}
	return nil
}

// Load implements certmagic.Storage.
func (m *memory) Load(_ context.Context, key string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	item, ok := m.items[key]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return slices.Clone(item.value), nil
}

// Delete implements certmagic.Storage.
func (m *memory) Delete(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	maps.DeleteFunc(m.items, func(k string, _ memoryItem) bool { return within(k, key) })
	return nil
}

// Exists implements certmagic.Storage.
func (m *memory) Exists(_ context.Context, key string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for k := range m.items {
		if within(k, key) {
			return true
		}
	}
	return false
}

// List implements certmagic.Storage.
func (m *memory) List(_ context.Context, path string, _ bool) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var keys []string
	for _, k := range slices.Sorted(maps.Keys(m.items)) {
		if within(k, path) {
			keys = append(keys, k)
		}
	}
	return keys, nil
}

// Stat implements certmagic.Storage.
func (m *memory) Stat(_ context.Context, key string) (certmagic.KeyInfo, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	item, ok := m.items[key]
	if !ok {
		return certmagic.KeyInfo{}, fs.ErrNotExist
	}
	return certmagic.KeyInfo{Key: key, Modified: item.at, Size: int64(len(item.value)), IsTerminal: true}, nil
}

// within: the key is the path, or below it.
func within(key, path string) bool {
	return path == "" || key == path || strings.HasPrefix(key, strings.TrimSuffix(path, "/")+"/")
}

// Interface guards.
var (
	_ caddy.StorageConverter = (*memory)(nil)
	_ certmagic.Storage      = (*memory)(nil)
)
