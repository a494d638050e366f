package cors

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"go.uber.org/zap"
)

func init() {
	caddy.RegisterModule(new(FileSource))
}

// FileSource takes origins from a file, one origin or pattern a line. The file
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
type FileSource struct {
	// The file. A relative path starts at Caddy's working directory. Global
	// placeholders such as `{env.NAME}` are filled in. Required.
	Path string `json:"path,omitempty"`

	logger   *zap.Logger
	file     string // the absolute path
	list     *originList
	giveBack func()
}

// CaddyModule returns the Caddy module information.
func (*FileSource) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{
		ID:  "http.cors.origins.file",
		New: func() caddy.Module { return new(FileSource) },
	}
}

// Provision fills in placeholders. The file is not opened yet.
func (s *FileSource) Provision(ctx caddy.Context) error {
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
	rules originRules
}

// start loads the file and begins to watch it. That it is not there yet is no
// error.
func (s *FileSource) start(rules originRules) error {
	shared, giveBack := share(fileKey{s.file, rules}, &member{logger: s.logger}, func() *fileList {
		return newFileList(s.file, rules)
	})
	s.list, s.giveBack = &shared.list, giveBack
	return nil
}

// AllowsOrigin implements OriginSource.
func (s *FileSource) AllowsOrigin(_ context.Context, origin string) (bool, error) {
	if s.list == nil {
		return false, errNotStarted
	}
	return s.list.allows(origin)
}

// Cleanup stops the watch, unless another policy shares the file.
func (s *FileSource) Cleanup() error {
	if s.giveBack != nil {
		s.giveBack()
	}
	return nil
}

// UnmarshalCaddyfile reads the source:
//
//	origins_from file <path>
func (s *FileSource) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // the source's name
	if err := onlyArg(d, "file", "path", &s.Path); err != nil {
		return err
	}
	return sourceOptions(nil).parse(d, "file")
}

// Interface guards.
var (
	_ caddy.Provisioner     = (*FileSource)(nil)
	_ caddy.CleanerUpper    = (*FileSource)(nil)
	_ caddyfile.Unmarshaler = (*FileSource)(nil)
	_ ruledSource           = (*FileSource)(nil)
)
