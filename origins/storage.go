package origins

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/certmagic"

	"github.com/caddy-cors/caddy-cors/internal/originlist"
	"github.com/caddy-cors/caddy-cors/internal/placeholder"
	"github.com/caddy-cors/caddy-cors/internal/policy"
)

func init() {
	caddy.RegisterModule(new(Storage))
}

// Storage takes origins from a list in Caddy's configured storage, which
// all Caddy instances with that storage share.
//
// The storage is the file system by default, or any module of the namespace
// `caddy.storage`.
//
// The value under the key has one origin or pattern a line, in the format of
// the source file. `caddy cors origins list`, `add` and `remove` edit it under
// the storage's lock. A change, from whichever instance, takes effect within
// refresh, without a reload.
//
// While the storage fails, or the key is gone, is larger than 256 MiB or has no
// valid entry at all, the last good state stays in use; an empty value allows
// nobody. If there never was a good state, origins are refused with the reason
// `source_unavailable` until there is one. Requests never wait for the storage.
//
// Policies with the same key share one list in memory, which also outlives a
// reload of the configuration.
type Storage struct {
	// The key in the storage, such as `cors/origins`. Slashes separate its
	// parts. Global placeholders such as `{env.NAME}` are filled in. Required.
	Key string `json:"key,omitempty"`

	// How often to look for changes, at least 100ms. The whole list is read each
	// time, so choose more for a long list in a slow storage. Default: 10s.
	Refresh caddy.Duration `json:"refresh,omitempty"`

	member   *member
	key      storageKey
	list     *liveList
	giveBack func()
}

// storageKey tells shared lists of storages apart.
type storageKey struct {
	storage any
	key     string
	refresh time.Duration
	rules   policy.SourceRules
}

// CaddyModule returns the Caddy module information.
func (*Storage) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{
		ID:  "http.cors.origins.storage",
		New: func() caddy.Module { return new(Storage) },
	}
}

// minRefresh keeps a storage from being worn out.
const minRefresh = 100 * time.Millisecond

// Provision fills in placeholders and defaults. The storage is not asked yet.
func (s *Storage) Provision(ctx caddy.Context) error {
	return s.provision(&member{logger: ctx.Logger(), storage: ctx.Storage()})
}

func (s *Storage) provision(m *member) error {
	key, err := expandOption("key", s.Key)
	if err != nil {
		return err
	}
	if err := originlist.CheckKey(key); err != nil {
		return err
	}
	if err := setDefault("refresh", &s.Refresh, caddy.Duration(10*time.Second)); err != nil {
		return err
	}
	if refresh := time.Duration(s.Refresh); refresh < minRefresh {
		return fmt.Errorf("refresh %v would wear the storage out; choose at least %v", refresh, minRefresh)
	}
	s.member = m
	s.key = storageKey{storageIdentity(m.storage), key, time.Duration(s.Refresh), policy.SourceRules{}}
	return nil
}

// storageIdentity tells storages apart, so that a list outlives a reload only
// if the storage does. Storages that cannot say who they are, are themselves.
func storageIdentity(s certmagic.Storage) any {
	if named, ok := s.(fmt.Stringer); ok {
		return fmt.Sprintf("%T %s", s, named)
	}
	if reflect.ValueOf(s).Kind() == reflect.Pointer {
		return s
	}
	return new(byte)
}

// start loads the list and begins to refresh it. That it is not there yet is no
// error.
func (s *Storage) start(rules policy.SourceRules) error {
	s.key.rules = rules
	shared, giveBack := share(s.key, s.member, func() *storageList {
		return newStorageList(s.key.key, s.key.refresh, rules)
	})
	s.list, s.giveBack = &shared.list, giveBack
	return nil
}

// AllowsOrigin implements Source.
func (s *Storage) AllowsOrigin(_ context.Context, raw string) (bool, error) { return ask(s, raw) }

func (s *Storage) allows(q Question) (bool, error) {
	if s.list == nil {
		return false, errNotStarted
	}
	return s.list.allows(q.Origin)
}

// Cleanup stops refreshing, unless another policy shares the list.
func (s *Storage) Cleanup() error {
	if s.giveBack != nil {
		s.giveBack()
	}
	return nil
}

// UnmarshalCaddyfile reads the source:
//
//	origins_from storage <key> {
//		refresh <duration>
//	}
func (s *Storage) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // the source's name
	if err := onlyArg(d, "storage", "key", "cors/origins", &s.Key); err != nil {
		return err
	}
	if _, whole, _ := placeholder.Later(s.Key); whole {
		if err := originlist.CheckKey(s.Key); err != nil {
			return d.WrapErr(err)
		}
	}
	return sourceOptions{"refresh": durationOption(&s.Refresh)}.parse(d, "storage")
}

// storageList is a list in a storage, and what looks after it.
type storageList struct {
	keeper
	key         string
	refresh     time.Duration
	loadTimeout time.Duration // of one load
}

func newStorageList(key string, refresh time.Duration, rules policy.SourceRules) *storageList {
	return &storageList{newKeeper("storage "+key, rules), key, refresh, time.Minute}
}

func (l *storageList) open() { l.run(l.watch) }

// watch loads the list, again and again.
func (l *storageList) watch(ctx context.Context, loaded func()) {
	l.load(ctx)
	loaded()
	refresh := time.NewTicker(l.refresh)
	defer refresh.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-refresh.C:
		case <-l.wake:
			l.repeatFailure(ctx)
		}
		l.load(ctx)
	}
}

func (l *storageList) load(ctx context.Context) {
	loading, cancel := context.WithTimeout(ctx, l.loadTimeout)
	defer cancel()
	content, err := l.newest().load(loading, l.key)
	switch {
	case ctx.Err() != nil:
	case errors.Is(err, fs.ErrNotExist):
		l.list.failed(l.log(), fmt.Errorf("there is nothing under the key %q; `caddy cors origins add --key %[1]s <origins...>` makes the list", l.key))
	case err != nil:
		l.list.failed(l.log(), err)
	case len(content) > originlist.MaxSize:
		l.list.failed(l.log(), errTooLarge)
	default:
		l.list.update(ctx, l.log(), content)
	}
}

// load does not wait for a storage that forgets about ctx, nor asks it again
// until it has come back.
func (m *member) load(ctx context.Context, key string) ([]byte, error) {
	if m.storage == nil {
		return nil, errNotStarted
	}
	if !m.loading.CompareAndSwap(false, true) {
		return nil, errHangs
	}
	type result struct {
		content []byte
		err     error
	}
	loaded := make(chan result, 1)
	go func() {
		content, err := m.storage.Load(ctx, key)
		m.loading.Store(false)
		loaded <- result{content, err}
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case r := <-loaded:
		return r.content, r.err
	}
}

var errHangs = errors.New("the storage has not answered an earlier question yet")

// Interface guards.
var (
	_ caddy.Provisioner     = (*Storage)(nil)
	_ caddy.CleanerUpper    = (*Storage)(nil)
	_ caddyfile.Unmarshaler = (*Storage)(nil)
	_ ruled                 = (*Storage)(nil)
)
