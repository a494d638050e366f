package rehearsal

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing/fstest"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// files is every file system of the configuration. Where a root exists, its
// files are the real ones; elsewhere they are all there, or all missing.
type files struct {
	roots []string // those in the configuration, some with placeholders
	run   *run     // whose question it is
}

// played is a folder with a file in it, for where there is none.
var played = fstest.MapFS{"file": {Data: []byte("a file\n"), Mode: 0o644, ModTime: time.Unix(1_700_000_000, 0)}}

// Open implements fs.FS.
func (f *files) Open(name string) (fs.File, error) {
	if root, isPlayed := f.rootOf(name); isPlayed {
		return f.play(root, name)
	}
	return os.Open(name) //nolint:gosec // what the site itself would open
}

// Stat implements fs.StatFS.
func (f *files) Stat(name string) (fs.FileInfo, error) {
	if root, isPlayed := f.rootOf(name); isPlayed {
		file, err := f.play(root, name)
		if err != nil {
			return nil, err
		}
		return file.Stat()
	}
	return os.Stat(name)
}

// Glob implements fs.GlobFS.
func (f *files) Glob(pattern string) ([]string, error) {
	if _, isPlayed := f.rootOf(pattern); isPlayed {
		if strings.ContainsAny(pattern, `*?[\`) || f.run == nil || f.run.question.FilesMissing {
			return nil, nil
		}
		return []string{pattern}, nil
	}
	return filepath.Glob(pattern)
}

// rootOf finds the root of a file, and whether it has to be played because
// there is no such folder.
func (f *files) rootOf(name string) (root string, played bool) {
	if f.run == nil {
		return "", false
	}
	for _, r := range f.run.roots(f.roots) {
		if r != "" && len(r) > len(root) && (name == r || strings.HasPrefix(name, strings.TrimSuffix(r, "/")+"/")) {
			root = r
		}
	}
	if root == "" {
		return "", false
	}
	_, err := os.Stat(root)
	return root, err != nil
}

func (f *files) play(root, name string) (fs.File, error) {
	f.run.answer.FilesPlayed = appendNew(f.run.answer.FilesPlayed, root)
	switch {
	case filepath.Clean(name) == filepath.Clean(root):
		return played.Open(".")
	case f.run.question.FilesMissing:
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	case strings.HasSuffix(name, "/"):
		return played.Open(".")
	}
	return played.Open("file")
}

// roots are the folders that the configuration serves to this request.
func (r *run) roots(configured []string) []string {
	var repl *caddy.Replacer
	out := slices.Clone(configured)
	if r.request != nil {
		repl, _ = r.request.Context().Value(caddy.ReplacerCtxKey).(*caddy.Replacer)
		if root, ok := caddyhttp.GetVar(r.request.Context(), "root").(string); ok {
			out = append(out, root)
		}
	}
	for i, root := range out {
		if repl != nil {
			root = repl.ReplaceAll(root, "")
		}
		if root != "" {
			root = filepath.Clean(root)
		}
		out[i] = root
	}
	return out
}
