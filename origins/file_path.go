package origins

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// maxLinks is how many symbolic links a path may lead over, as in Linux.
const maxLinks = 40

// follow watches the directories of the path's steps, and no others. A file
// must be watched by its directory: to replace it is an event there. It looks
// again at the path that it watches now, or it would miss what came in between.
func (f *fileList) follow() {
	for range maxLinks {
		f.steps = pathSteps(f.path)
		if f.watcher == nil {
			return
		}
		f.watchSteps()
		if maps.Equal(f.steps, pathSteps(f.path)) {
			return
		}
	}
}

func (f *fileList) watchSteps() {
	wanted := make(map[string]bool)
	for step := range f.steps {
		dir := filepath.Dir(step)
		if wanted[dir] {
			continue
		}
		wanted[dir] = true
		// Adding one again changes nothing, unless it is another directory now.
		if err := f.watcher.Add(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			f.cannotWatch(err)
		}
	}
	for _, dir := range f.watcher.WatchList() {
		if !wanted[dir] {
			_ = f.watcher.Remove(dir) // or it is gone already
		}
	}
}

// pathSteps returns the paths that decide which file an absolute path means:
// every symbolic link on the way (Kubernetes swaps one of them: file ->
// ..data/file, ..data -> ..2024_01_01), and the file, or the first that is
// missing.
func pathSteps(path string) map[string]bool {
	steps := make(map[string]bool)
	at, rest := splitRoot(path)
	for links := 0; len(rest) > 0; {
		next := filepath.Join(at, rest[0])
		rest = rest[1:]
		info, err := os.Lstat(next)
		switch {
		case err != nil:
			steps[next] = true
			return steps
		case info.Mode()&fs.ModeSymlink == 0:
			at = next
			continue
		}
		steps[next] = true
		target, err := os.Readlink(next)
		if links++; err != nil || links > maxLinks {
			return steps
		}
		if filepath.IsAbs(target) {
			var names []string
			at, names = splitRoot(target)
			rest = slices.Concat(names, rest)
		} else {
			rest = slices.Concat(splitPath(target), rest)
		}
	}
	steps[at] = true
	return steps
}

// splitRoot splits an absolute path into its root and the names below.
func splitRoot(path string) (root string, names []string) {
	root = filepath.VolumeName(path) + string(filepath.Separator)
	return root, splitPath(strings.TrimPrefix(path, root))
}

func splitPath(path string) []string {
	return strings.FieldsFunc(filepath.ToSlash(path), func(r rune) bool { return r == '/' })
}
