package cors

import (
	"maps"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"golang.org/x/time/rate"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/origin"
	"github.com/caddy-cors/caddy-cors/internal/policy"
)

// refusals tells of refused requests in the log: once for each reason and origin
// within an hour, and at a pace, so that a flood of refused origins does not become
// a flood of lines. A refusal that was told already costs one atomic read and one
// lookup, one that the pace swallows one read and one addition more: no lock and no
// clock.
type refusals struct {
	told [policy.NumReasons]toldOrigins

	pace      *rate.Limiter
	quiet     atomic.Bool // the pace is used up, for a moment
	swallowed atomic.Int64
}

const (
	warnAgain = time.Hour
	warnEvery = 6 * time.Second
	warnBurst = 10

	// maxWarned is more than the pace lets through within warnAgain.
	maxWarned = 1024 // for each reason
)

func newRefusals() *refusals {
	return &refusals{pace: rate.NewLimiter(rate.Every(warnEvery), warnBurst)}
}

// Cleanup lets go of what was remembered for an hour. Caddy calls it when the
// configuration has been replaced.
func (h *Handler) Cleanup() error {
	if h.telemetry.refusals != nil { // Provision came so far
		h.telemetry.refusals.stop()
	}
	return nil
}

// stop ends all timers.
func (f *refusals) stop() {
	for i := range f.told {
		f.told[i].stop()
	}
}

// warn tells of one refusal.
func (f *refusals) warn(h *Handler, r *http.Request, req *policy.Request, d *policy.Decision) {
	o := req.Origin[0]
	if d.Reason == policy.ReasonOriginMalformed || len(o) > origin.MaxLength {
		o = "" // strangers can make up any number of these, and of any length
	}
	told := &f.told[d.Reason]
	if told.has(o) {
		return
	}
	if f.quiet.Load() {
		f.swallowed.Add(1)
		return
	}
	if !f.pace.Allow() {
		f.swallowed.Add(1)
		if f.quiet.CompareAndSwap(false, true) {
			time.AfterFunc(warnEvery, func() { f.quiet.Store(false) })
		}
		return
	}
	told.add(strings.Clone(o)) // the request's memory must not outlive it
	if c := h.logger.Check(zapcore.WarnLevel, "refused a CORS request"); c != nil {
		c.Write(
			zap.String("policy", h.describe()),
			zap.Bool("report_only", h.ReportOnly),
			zap.String("type", d.Kind.String()),
			zap.String("reason", d.Reason.String()),
			zap.String("origin", httpwords.Shorten(strings.Join(req.Origin[:min(len(req.Origin), 2)], ", "))),
			zap.String("method", r.Method),
			zap.String("host", httpwords.Shorten(r.Host)),
			zap.String("asked_method", httpwords.Shorten(firstOf(req.RequestMethod))),
			zap.String("asked_headers", httpwords.Shorten(firstOf(r.Header[httpwords.RequestHeaders]))),
			zap.Int64("swallowed", f.swallowed.Swap(0)),
		)
	}
}

func firstOf(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return lines[0]
}

// toldOrigins are the origins that were told of within warnAgain, with what forgets
// them. The map is never changed: whoever adds or forgets replaces it, which the
// pace keeps rare.
type toldOrigins struct {
	origins atomic.Pointer[map[string]*time.Timer]
	writing sync.Mutex
	stopped bool
}

func (t *toldOrigins) has(o string) bool {
	origins := t.origins.Load()
	if origins == nil {
		return false
	}
	_, ok := (*origins)[o]
	return ok
}

func (t *toldOrigins) add(o string) {
	t.replace(func(origins map[string]*time.Timer) {
		if _, ok := origins[o]; !ok && len(origins) < maxWarned && !t.stopped {
			origins[o] = time.AfterFunc(warnAgain, func() { t.forget(o) })
		}
	})
}

func (t *toldOrigins) forget(o string) {
	t.replace(func(origins map[string]*time.Timer) { delete(origins, o) })
}

// stop forgets nothing any more: a timer would hold what it forgets, after a reload
// too, for an hour.
func (t *toldOrigins) stop() {
	t.replace(func(origins map[string]*time.Timer) {
		t.stopped = true
		for _, timer := range origins {
			timer.Stop()
		}
	})
}

func (t *toldOrigins) replace(change func(map[string]*time.Timer)) {
	t.writing.Lock()
	defer t.writing.Unlock()
	next := make(map[string]*time.Timer)
	if old := t.origins.Load(); old != nil {
		maps.Copy(next, *old)
	}
	change(next)
	t.origins.Store(&next)
}
