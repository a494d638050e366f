package origins

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/caddy-cors/caddy-cors/internal/policy"
)

// TestFileWriteInProgress: the moment in which a writer in place has emptied
// the file is not taken for a list of nobody. That moment must not be too long:
// a machine that is too busy to be quick gets another try.
func TestFileWriteInProgress(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "origins.txt")
	writeFile(t, path, before)
	l := newFileList(path, policy.SourceRules{})
	l.quiet = 300 * time.Millisecond // five times that until an empty file is believed
	l.open()
	t.Cleanup(func() { l.Destruct() })
	s := watched{l}
	for range 10 {
		must(t, os.WriteFile(path, []byte(before), 0o600))
		comesToSay(t, s, "no", after)
		comesToSay(t, s, "yes", before)
		begin := time.Now()
		must(t, os.Truncate(path, 0))
		time.Sleep(l.quiet + l.quiet/2) // it was read empty
		must(t, os.WriteFile(path, []byte(before+"\n"+after), 0o600))
		tooLong := time.Since(begin) > 5*l.quiet
		eventually(t, "the new list, or none", func() bool { return answered(s, after) == "yes" || answered(s, before) == "no" })
		switch {
		case answered(s, before) == "yes":
			return
		case !tooLong:
			t.Fatal("a file that is being written was taken for an empty one")
		}
	}
	t.Fatal("the machine is too busy for this test")
}

// TestFileWithoutEvents: a look from time to time finds what no event told of,
// even if the file looks as before.
func TestFileWithoutEvents(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "origins.txt")
	log, logs := observed()
	l := newFileList(path, policy.SourceRules{})
	l.join(&member{logger: log})
	want := func(list string, age time.Duration, loads int) {
		t.Helper()
		l.load(t.Context())
		wantAnswer(t, watched{l}, "yes", list)
		if got := toldOf(logs, "loaded a list"); got != loads {
			t.Errorf("%d loads, want %d", got, loads)
		}
		if age > 0 {
			old := time.Now().Add(-age)
			must(t, os.Chtimes(path, old, old))
		}
	}
	must(t, os.WriteFile(path, []byte(before), 0o600))
	want(before, 0, 1)
	// As long, in the same file, at the same time as far as the clock can tell.
	info, err := os.Stat(path)
	must(t, err)
	must(t, os.WriteFile(path, []byte(after+"\n"), 0o600))
	must(t, os.Chtimes(path, info.ModTime(), info.ModTime()))
	want(after, time.Hour, 2)
	want(after, 0, 2)
	if l.changed() {
		t.Error("an old file that did not change is read again and again")
	}
	writeFile(t, path, before)
	want(before, 0, 3)
}

// TestFileGrows: what changes while it is read may be half of something.
func TestFileGrows(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "origins.txt")
	must(t, os.WriteFile(path, []byte(before), 0o600))
	must(t, os.Truncate(path, 64<<20)) // long to read
	ctx, cancel := context.WithCancel(t.Context())
	var writer sync.WaitGroup
	writer.Go(func() {
		for ctx.Err() == nil {
			f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o600)
			if err != nil {
				return
			}
			f.WriteString("\n")
			f.Close()
			time.Sleep(time.Millisecond)
		}
	})
	l := newFileList(path, policy.SourceRules{})
	eventually(t, "a change to be noticed", func() bool {
		_, err := l.read()
		return errors.Is(err, errUnsettled) && l.last == nil
	})
	cancel()
	writer.Wait()
	if _, err := l.read(); err != nil {
		t.Error(err)
	}
}

// TestFilePipe: opening a pipe would hang.
func TestFilePipe(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pipe")
	makePipe(t, path)
	s, logs := startFile(t, path, policy.SourceRules{})
	wantAnswer(t, s, "unknown", before)
	if toldOf(logs, "no regular file") != 1 {
		t.Errorf("logged %v", logs.All())
	}
}
