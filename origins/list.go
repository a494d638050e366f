package origins

import (
	"context"
	"crypto/sha256"
	"errors"
	"sync/atomic"

	"go.uber.org/zap"

	"github.com/caddy-cors/caddy-cors/internal/origin"
	"github.com/caddy-cors/caddy-cors/internal/originlist"
	"github.com/caddy-cors/caddy-cors/internal/policy"
)

// liveList is a list that is replaced as a whole, so that nobody ever sees
// half of it. Requests read it, and never wait; one goroutine writes it.
type liveList struct {
	name  string // for people: "file /etc/caddy/origins.txt"
	rules policy.SourceRules
	set   atomic.Pointer[origin.Set]

	// What the writing goroutine remembers.
	seen        [sha256.Size]byte // the hash of what was read last, good or bad
	read        bool              // whether seen is one
	parseErr    error             // why what was read last is no list
	lastFailure string            // the failure that was logged last; "" when all is well
}

// allows reports whether an origin is listed. It does not allocate.
func (l *liveList) allows(o origin.Origin) (bool, error) {
	set := l.set.Load()
	if set == nil {
		return false, errNeverRead
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
func (l *liveList) update(ctx context.Context, log *zap.Logger, content []byte) {
	hash := sha256.Sum256(content)
	if l.read && hash == l.seen {
		l.unchanged(log)
		return
	}
	set, bad, err := originlist.Parse(ctx, content, l.rules)
	if ctx.Err() != nil {
		return
	}
	l.seen, l.read, l.parseErr = hash, true, err
	for _, b := range bad.First {
		log.Warn("an origin of a list is skipped: "+b.Err.Error(), zap.String("source", l.name), zap.Int("line", b.Line))
	}
	if rest := bad.Count - len(bad.First); rest > 0 {
		log.Warn("more origins of the list are skipped", zap.String("source", l.name), zap.Int("not_shown", rest))
	}
	if err != nil {
		l.failed(log, err)
		return
	}
	l.lastFailure = ""
	if set.Len() == 0 {
		log.Warn("a list of origins is empty, so it allows nobody", zap.String("source", l.name))
	} else {
		log.Info("loaded a list of origins", zap.String("source", l.name), zap.Int("origins", set.Len()), zap.Int("skipped", bad.Count))
	}
	l.set.Store(set) // last: whoever sees the list finds it in the log
}

// failed logs why the list could not be read, once for each reason.
func (l *liveList) failed(log *zap.Logger, err error) {
	if l.lastFailure == err.Error() {
		return
	}
	l.lastFailure = err.Error()
	msg := "a list of origins cannot be read; its last good state stays in use"
	if l.set.Load() == nil {
		msg = "a list of origins cannot be read; until it can be, its origins are refused"
	}
	log.Warn(msg, zap.String("source", l.name), zap.Error(err))
}

// unchanged logs that a failure to read ended with what was read before it.
func (l *liveList) unchanged(log *zap.Logger) {
	if l.parseErr != nil {
		l.failed(log, l.parseErr)
		return
	}
	if l.lastFailure != "" {
		l.lastFailure = ""
		log.Info("a list of origins can be read again", zap.String("source", l.name))
	}
}
