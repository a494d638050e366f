package cors

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"go.uber.org/zap"

	"github.com/caddy-cors/caddy-cors/internal/origin"
)

// A list of origins, in a file or in Caddy's storage, has one origin or pattern
// a line. White space around it, empty lines and comments (# at the start of a
// line, or after white space) mean nothing, nor do a byte order mark and
// carriage returns.

const (
	// maxList is the size in bytes of the longest list: some ten million
	// origins. What is longer is no list, and would fill the memory.
	maxList = 256 << 20

	// maxEntry is the length in bytes of the longest line, beyond comments. No
	// origin is half as long.
	maxEntry = 1 << 10

	// maxBadEntries is how many bad entries of one load are logged.
	maxBadEntries = 20
)

const byteOrderMark = "\ufeff"

// originList is a list that is replaced as a whole, so that nobody ever sees
// half of it. Requests read it, and never wait; one goroutine writes it.
type originList struct {
	name  string // for people: "file /etc/caddy/origins.txt"
	rules originRules
	set   atomic.Pointer[origin.Set]

	// What the writing goroutine remembers.
	seen    [sha256.Size]byte // the hash of what was read last, good or bad
	read    bool              // whether seen is one
	verdict error             // why what was read last is no list
	trouble string            // the failure that was logged last; "" when all is well
}

// allows reports whether a serialized origin is listed. It does not allocate.
func (l *originList) allows(raw string) (bool, error) {
	set := l.set.Load()
	if set == nil {
		return false, errNeverRead
	}
	o, ok := origin.Parse(raw)
	if !ok {
		return false, nil
	}
	_, listed := set.Lookup(o)
	return listed, nil
}

var (
	errNeverRead  = errors.New("the list of origins was never read; the log says why")
	errNotStarted = errors.New("the source was not started")
)

// update replaces the list by what was read, unless that is what it was made
// of. A failure leaves it as it is.
func (l *originList) update(ctx context.Context, log *zap.Logger, content []byte) {
	hash := sha256.Sum256(content)
	if l.read && hash == l.seen {
		l.unchanged(log)
		return
	}
	set, bad, err := parseList(ctx, content, l.rules)
	if ctx.Err() != nil {
		return
	}
	l.seen, l.read, l.verdict = hash, true, err
	for _, b := range bad.first {
		log.Warn("an origin of a list is skipped: "+b.err.Error(), zap.String("source", l.name), zap.Int("line", b.line))
	}
	if rest := bad.count - len(bad.first); rest > 0 {
		log.Warn("more origins of the list are skipped", zap.String("source", l.name), zap.Int("not_shown", rest))
	}
	if err != nil {
		l.failed(log, err)
		return
	}
	l.trouble = ""
	if set.Len() == 0 {
		log.Warn("a list of origins is empty, so it allows nobody", zap.String("source", l.name))
	} else {
		log.Info("loaded a list of origins", zap.String("source", l.name), zap.Int("origins", set.Len()), zap.Int("skipped", bad.count))
	}
	l.set.Store(set) // last: whoever sees the list finds it in the log
}

// failed logs why the list could not be read, once for each reason.
func (l *originList) failed(log *zap.Logger, err error) {
	if l.trouble == err.Error() {
		return
	}
	l.trouble = err.Error()
	msg := "a list of origins cannot be read; its last good state stays in use"
	if l.set.Load() == nil {
		msg = "a list of origins cannot be read; until it can be, its origins are refused"
	}
	log.Warn(msg, zap.String("source", l.name), zap.Error(err))
}

// unchanged logs that a failure to read ended with what was read before it.
func (l *originList) unchanged(log *zap.Logger) {
	if l.verdict != nil {
		l.failed(log, l.verdict)
		return
	}
	if l.trouble != "" {
		l.trouble = ""
		log.Info("a list of origins can be read again", zap.String("source", l.name))
	}
}

// badEntries are the lines of a list that are skipped.
type badEntries struct {
	count int
	first []badEntry // as many as are logged
}

type badEntry struct {
	line int
	err  error
}

func (b *badEntries) add(line int, err error) {
	b.count++
	if len(b.first) < maxBadEntries {
		b.first = append(b.first, badEntry{line, err})
	}
}

var (
	errNoText = errors.New("it is not UTF-8 text; write one origin a line")
	errNoList = errors.New("none of its lines is an origin; write one a line, such as https://app.example.com (an empty list allows nobody)")
)

// parseList reads a list. What is no text, or has bad entries only, is no list:
// an error page, say, that somebody's script took for one.
func parseList(ctx context.Context, content []byte, rules originRules) (*origin.Set, badEntries, error) {
	var bad badEntries
	if bytes.IndexByte(content, 0) >= 0 || !utf8.Valid(content) {
		return nil, bad, errNoText
	}
	// The set's keys are parts of this string. The hint must not believe that
	// every line break of a strange file is an origin.
	text := string(content)
	set := origin.NewSet(min(strings.Count(text, "\n")+1, strings.Count(text, "://")))
	number := 0
	for line := range strings.Lines(text) {
		if number++; number%4096 == 0 && ctx.Err() != nil {
			return nil, bad, ctx.Err()
		}
		entry, err := listEntry(line)
		switch {
		case err != nil:
			bad.add(number, err)
			continue
		case entry == "":
			continue
		}
		p, err := rules.parse(entry)
		if err != nil {
			bad.add(number, err)
			continue
		}
		set.Add(p, 0)
	}
	if set.Len() == 0 && bad.count > 0 {
		return nil, bad, errNoList
	}
	return set, bad, nil
}

// listEntry returns what a line of a list says without its comment; "" if that
// is nothing.
func listEntry(line string) (string, error) {
	line = strings.TrimSpace(strings.TrimPrefix(line, byteOrderMark))
	if strings.HasPrefix(line, "#") {
		return "", nil
	}
	if i := strings.IndexFunc(line, unicode.IsSpace); i >= 0 {
		// Only a comment may follow.
		if rest := strings.TrimSpace(line[i:]); strings.HasPrefix(rest, "#") {
			line = line[:i]
		}
	}
	if len(line) > maxEntry {
		return "", fmt.Errorf("the line has %d bytes, and no origin has more than %d; write one origin a line", len(line), origin.MaxLength)
	}
	return line, nil
}
