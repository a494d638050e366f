package origins

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
	"go.uber.org/zap"

	"github.com/caddy-cors/caddy-cors/internal/originlist"
	"github.com/caddy-cors/caddy-cors/internal/policy"
)

// fileList is a list in a file, and the watch over it.
type fileList struct {
	keeper
	path string

	// How long to wait; tests wait less. A file that is being written is read
	// once it has not changed for quiet, or after longest if it keeps changing.
	// A file system that reports no changes is looked at every poll.
	quiet   time.Duration
	longest time.Duration
	poll    time.Duration

	// The rest belongs to the goroutine.
	watcher     *fsnotify.Watcher
	watchFailed bool            // it was logged that the watcher is not enough
	steps       map[string]bool // what decides which file it is: see pathSteps
	last        os.FileInfo     // of the file that was read last; nil: read it again
	readAt      time.Time
}

func newFileList(path string, rules policy.SourceRules) *fileList {
	return &fileList{
		keeper:  newKeeper("file "+path, rules),
		path:    path,
		quiet:   100 * time.Millisecond,
		longest: 5 * time.Second,
		poll:    10 * time.Second,
	}
}

func (f *fileList) open() { f.run(f.watch) }

// watch loads the file, and again whenever it changes.
func (f *fileList) watch(ctx context.Context, loaded func()) {
	var events chan fsnotify.Event // of a nil channel nothing comes
	var failures chan error
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		f.cannotWatch(err)
	} else {
		defer watcher.Close()
		f.watcher, events, failures = watcher, watcher.Events, watcher.Errors
	}
	f.load(ctx)
	loaded()
	poll := time.NewTicker(f.poll)
	defer poll.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case event := <-events:
			if f.concerns(event) {
				f.settle(ctx, f.quiet)
				f.last = nil
				f.load(ctx)
			}
		case err := <-failures: // events were lost
			f.log().Debug("watching a list of origins", zap.String("source", f.list.name), zap.Error(err))
			f.last = nil
			f.load(ctx)
		case <-f.wake:
			if f.repeatFailure(ctx) {
				f.last = nil
			}
			f.load(ctx)
		case <-poll.C:
			f.load(ctx)
		}
	}
}

// cannotWatch logs once that changes may be noticed late.
func (f *fileList) cannotWatch(err error) {
	if !f.watchFailed {
		f.watchFailed = true
		f.log().Warn("cannot watch a list of origins; looking at it from time to time instead",
			zap.String("source", f.list.name), zap.Duration("every", f.poll), zap.Error(err))
	}
}

// concerns tells the events of the file from those of its neighbours.
func (f *fileList) concerns(e fsnotify.Event) bool {
	name := filepath.Clean(e.Name)
	if f.steps[name] {
		return true
	}
	for step := range f.steps { // a watched directory itself was moved or removed
		if name == filepath.Dir(step) {
			return true
		}
	}
	return false
}

// settle waits until nothing has happened to the file for a while, but not for
// ever.
func (f *fileList) settle(ctx context.Context, while time.Duration) {
	var events chan fsnotify.Event
	if f.watcher != nil {
		events = f.watcher.Events
	}
	quiet, longest := time.NewTimer(while), time.NewTimer(f.longest)
	defer quiet.Stop()
	defer longest.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case event := <-events:
			if f.concerns(event) {
				quiet.Reset(while)
			}
		case <-quiet.C:
			return
		case <-longest.C:
			return
		}
	}
}

// load reads the file if it changed. It watches first, so that it misses
// nothing that happens in between.
func (f *fileList) load(ctx context.Context) {
	f.follow()
	if f.last != nil && !f.changed() {
		return
	}
	content, err := f.read()
	for begin := time.Now(); errors.Is(err, errUnsettled) && time.Since(begin) < f.longest && ctx.Err() == nil; {
		f.settle(ctx, f.quiet)
		content, err = f.read()
	}
	if set := f.list.set.Load(); err == nil && len(content) == 0 && set != nil && set.Len() > 0 {
		// More likely the first step of a writer than a list of nobody.
		f.settle(ctx, 5*f.quiet)
		content, err = f.read()
	}
	switch {
	case ctx.Err() != nil:
	case err != nil:
		f.last = nil
		f.list.failed(f.log(), err)
	default:
		f.list.update(ctx, f.log(), content)
	}
}

// changed compares the file with the one that was read. A file that was young
// then may have changed since without looking different: clocks of file systems
// are coarse.
func (f *fileList) changed() bool {
	now, err := os.Stat(f.path)
	const coarse = 3 * time.Second
	return err != nil || !sameFile(now, f.last) || f.readAt.Sub(f.last.ModTime()) < coarse
}

func sameFile(a, b os.FileInfo) bool {
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

// read returns the content of the file, unless that changes meanwhile.
func (f *fileList) read() ([]byte, error) {
	f.last, f.readAt = nil, time.Now()
	info, err := os.Stat(f.path) // opening a pipe would hang
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("it is no regular file (%s)", info.Mode().Type())
	case info.Size() > originlist.MaxSize:
		return nil, errTooLarge
	}
	file, err := os.Open(f.path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	before, err := file.Stat()
	if err != nil {
		return nil, err
	}
	content := bytes.NewBuffer(make([]byte, 0, info.Size()+bytes.MinRead))
	if _, err := content.ReadFrom(io.LimitReader(file, originlist.MaxSize+1)); err != nil {
		return nil, err
	}
	if content.Len() > originlist.MaxSize {
		return nil, errTooLarge
	}
	after, err := os.Stat(f.path)
	if err != nil || !sameFile(before, after) {
		return nil, errUnsettled
	}
	f.last = after
	return content.Bytes(), nil
}

var (
	errTooLarge  = fmt.Errorf("it is larger than %d MiB, which no list of origins is", originlist.MaxSize>>20)
	errUnsettled = errors.New("it changes while it is read; replace it at once, by renaming another file")
)
