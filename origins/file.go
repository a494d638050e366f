package origins

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"go.uber.org/zap"

	"github.com/caddy-cors/caddy-cors/internal/policy"
)

func init() {
	caddy.RegisterModule(new(File))
}

// File takes origins from a file, one origin or pattern a line. The file
// is watched: a change takes effect within a second, without a reload.
//
// Empty lines, and comments after a `#`, mean nothing. An entry that is wrong,
// or that the policy would not accept among its `origins`, is skipped with a
// warning that names its line. `*` and `null` are such entries.
//
// Replace the file at once: write another beside it and rename that, as editors
// and deployment tools do, and as Kubernetes does with a ConfigMap. Symbolic
// links on the way to the file are watched too. A file that is written in place
// is read when it has been left alone for a moment, so a writer that pauses may
// publish half a list.
//
// While the file is missing, cannot be read, is larger than 256 MiB or has no
// valid entry at all, its last good state stays in use; an empty file allows
// nobody. If there never was a good state, origins are refused with the reason
// `source_unavailable` until there is one. Requests never wait for the file.
//
// Policies that share a file share one list in memory, which also outlives a
// reload of the configuration.
type File struct {
	// The file. A relative path starts at Caddy's working directory. Global
	// placeholders such as `{env.NAME}` are filled in. Required.
	Path string `json:"path,omitempty"`

	logger   *zap.Logger
	file     string // the absolute path
	list     *liveList
	giveBack func()
}

// CaddyModule returns the Caddy module information.
func (*File) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{
		ID:  "http.cors.origins.file",
		New: func() caddy.Module { return new(File) },
	}
}

// Provision fills in placeholders. The file is not opened yet.
func (s *File) Provision(ctx caddy.Context) error {
	s.logger = ctx.Logger()
	path, err := expandOption("path", s.Path)
	if err != nil {
		return err
	}
	if s.file, err = filepath.Abs(path); err != nil {
		return fmt.Errorf("finding the file %q: %w", path, err)
	}
	return nil
}

// fileKey tells shared file lists apart.
type fileKey struct {
	file  string
	rules policy.SourceRules
}

// start loads the file and begins to watch it. That it is not there yet is no
// error.
func (s *File) start(rules policy.SourceRules) error {
	shared, giveBack := share(fileKey{s.file, rules}, &member{logger: s.logger}, func() *fileList {
		return newFileList(s.file, rules)
	})
	s.list, s.giveBack = &shared.list, giveBack
	return nil
}

// AllowsOrigin implements Source.
func (s *File) AllowsOrigin(_ context.Context, raw string) (bool, error) { return ask(s, raw) }

func (s *File) allows(q Question) (bool, error) {
	if s.list == nil {
		return false, errNotStarted
	}
	return s.list.allows(q.Origin)
}

// Cleanup stops the watch, unless another policy shares the file.
func (s *File) Cleanup() error {
	if s.giveBack != nil {
		s.giveBack()
	}
	return nil
}

// UnmarshalCaddyfile reads the source:
//
//	origins_from file <path>
func (s *File) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // the source's name
	if err := onlyArg(d, "file", "path", "/etc/caddy/origins.txt", &s.Path); err != nil {
		return err
	}
	return sourceOptions(nil).parse(d, "file")
}

// Interface guards.
var (
	_ caddy.Provisioner     = (*File)(nil)
	_ caddy.CleanerUpper    = (*File)(nil)
	_ caddyfile.Unmarshaler = (*File)(nil)
	_ ruled                 = (*File)(nil)
)
