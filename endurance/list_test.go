package endurance

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/caddy-cors/caddy-cors/internal/oracle"
)

// list is a file of origins that is replaced all the time. Each version allows
// origins that no other does.
type list struct {
	path string

	mu       sync.Mutex
	versions []version // those that may still be in force, oldest first
	changes  int
}

// version is one state of the file.
type version struct {
	number  int
	written time.Time // before that
	seen    time.Time // in force before that; zero: not known to be yet
}

func newList(t *testing.T) *list {
	t.Helper()
	l := &list{path: filepath.Join(t.TempDir(), "origins.txt")}
	l.write(t, 0)
	return l
}

const inAllVersions = "https://all.lists.example"

func inVersion(n int) string { return fmt.Sprintf("https://v%d.lists.example", n) }

func byTurns(n int) string { return fmt.Sprintf("https://*.w%d.lists.example", n&1) }

// write makes a version and puts it in the place of the last one.
func (l *list) write(t *testing.T, number int) {
	l.mu.Lock()
	l.versions = append(l.versions, version{number: number, written: time.Now()})
	l.mu.Unlock()
	lines := []string{
		"# version " + fmt.Sprint(number), inAllVersions, inVersion(number), "https://bad.lists.example", "http://plain.lists.example",
		"*", "null", "not an origin", byTurns(number) + " # by turns",
	}
	replace(t, l.path, strings.Join(lines, "\n"))
}

// replace puts a file in another's place at once.
func replace(t *testing.T, path, text string) {
	if err := os.WriteFile(path+".new", []byte(text), 0o600); err != nil {
		t.Error(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Error(err)
	}
}

// confirm notes that the last version is in force; then no older one is.
func (l *list) confirm() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.versions[len(l.versions)-1].seen = time.Now()
	l.changes++
	// Requests that are under way may have met the one before. None is older
	// than a hundred changes.
	if n := len(l.versions) - 100; n > 0 {
		l.versions = slices.Delete(l.versions, 0, n)
	}
}

// rewrite changes the file again and again, as soon as the change before is in
// force. In between it is no list, or not there: then the last one counts.
func (l *list) rewrite(ctx context.Context, t *testing.T, allows func(origin string) bool) {
	for number := 1; pause(ctx, 10*time.Millisecond, 100*time.Millisecond); number++ {
		switch number % 4 {
		case 0:
			replace(t, l.path, "<html>502 Bad Gateway</html>\n")
			pause(ctx, 200*time.Millisecond, 400*time.Millisecond)
		case 1:
			os.Remove(l.path)
			pause(ctx, 200*time.Millisecond, 400*time.Millisecond)
		case 2: // a burst
			l.write(t, -number)
		}
		l.write(t, number)
		deadline := time.Now().Add(patience)
		for !allows(inVersion(number)) {
			if time.Now().After(deadline) {
				t.Errorf("version %d of the list was not in force after %s", number, patience)
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
		l.confirm()
	}
}

// possible are the versions that could be in force at some moment.
func (l *list) possible(sent, received time.Time) (numbers []int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, v := range l.versions {
		replaced := slices.ContainsFunc(l.versions[i+1:], func(later version) bool { return !later.seen.IsZero() && later.seen.Before(sent) })
		if v.written.Before(received) && !replaced {
			numbers = append(numbers, v.number)
		}
	}
	return numbers
}

// draw returns an origin that some version allows, or none.
func (l *list) draw(rnd *rand.Rand) string {
	l.mu.Lock()
	n := l.versions[rnd.IntN(len(l.versions))].number
	last := l.versions[len(l.versions)-1].number
	l.mu.Unlock()
	return pick(rnd, []string{
		inAllVersions, inVersion(last), inVersion(last), inVersion(last + 1), inVersion(n), "https://bad.lists.example",
		"http://plain.lists.example", "https://x.w0.lists.example", "https://x.w1.lists.example", "https://x.y.w1.lists.example",
	})
}

// listings are what the list can have said of an origin.
func (l *list) listings(origin string, sent, received time.Time) (said []listing) {
	for _, number := range l.possible(sent, received) {
		allowed := []string{inAllVersions, inVersion(number), "https://bad.lists.example", "http://plain.lists.example", byTurns(number)}
		answer := listedNo
		if oracle.AnyMatches(allowed, origin) {
			answer = listedYes
		}
		if !slices.Contains(said, answer) {
			said = append(said, answer)
		}
	}
	return said
}
