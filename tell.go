package cors

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"golang.org/x/time/rate"

	"github.com/caddy-cors/caddy-cors/internal/origin"
)

// requestsTotal counts decisions. It is one for the whole process and is
// registered with every configuration that is loaded, so that it keeps counting
// over reloads. No label has a value that a request could choose.
var requestsTotal = prometheus.NewCounterVec(prometheus.CounterOpts{
	Namespace: "caddy",
	Subsystem: "cors",
	Name:      "requests_total",
	Help:      "Number of CORS requests (those with an Origin), by decision.",
}, []string{"policy", "type", "decision", "reason"})

// teller tells about decisions: metrics, placeholders, the access log, warnings
// and the debug header. It decides nothing.
type teller struct {
	counters [numOutcomes]atomic.Pointer[prometheus.Counter]
	words    [numOutcomes]caddy.ReplacerFunc // placeholders

	// warned are the origins whose refusal for a reason was told lately, and
	// pace is how many can be told: a flood of refused origins must not become
	// a flood of lines.
	warned    [numReasons]*lru.Cache[string, time.Time]
	pace      *rate.Limiter
	swallowed atomic.Int64

	// logs: the server of the handler has access logs. The first request
	// shows the server; until it is known, this is false.
	logs bool
}

const (
	maxWarned = 512 // for each reason
	warnAgain = time.Hour
	warnEvery = 6 * time.Second
	warnBurst = 10
	maxQuoted = 200
)

func (t *teller) provision(ctx caddy.Context, policy string) error {
	for n := range t.words {
		t.words[n] = wordsOf(policy, verdictOf(n), reasonOf(n))
	}
	if registry := ctx.GetMetricsRegistry(); registry != nil {
		var already prometheus.AlreadyRegisteredError
		if err := registry.Register(requestsTotal); err != nil && !errors.As(err, &already) {
			return err
		}
	}
	t.pace = rate.NewLimiter(rate.Every(warnEvery), warnBurst)
	for n := range t.warned {
		var err error
		if t.warned[n], err = lru.New[string, time.Time](maxWarned); err != nil {
			return err
		}
	}
	return nil
}

// tell is called once for every decision.
func (t *teller) tell(h *Handler, r *http.Request, req *request, d *decision) {
	if d.kind == kindNone {
		return
	}
	t.count(h, d)
	if t.logs {
		logField(r.Context(), h, d)
	}
	if d.verdict == verdictRefused {
		t.warn(h, r, req, d)
	}
}

// count finds the counter of the decision; it is looked up by labels only once.
func (t *teller) count(h *Handler, d *decision) {
	slot := &t.counters[d.outcome()]
	counter := slot.Load()
	if counter == nil {
		c := requestsTotal.WithLabelValues(h.Name, d.kind.String(), d.verdict.String(), d.reason.String())
		counter = &c
		slot.Store(counter)
	}
	(*counter).Inc()
}

// logField adds the decision to the access log, where there is one.
func logField(ctx context.Context, h *Handler, d *decision) {
	extra, ok := ctx.Value(caddyhttp.ExtraLogFieldsCtxKey).(*caddyhttp.ExtraLogFields)
	if !ok {
		return
	}
	key := "cors"
	if h.ReportOnly {
		key = "cors_report_only"
	}
	extra.Set(zap.Object(key, logged{h.Name, *d}))
}

// logged is a decision in the access log.
type logged struct {
	policy string
	decision
}

// MarshalLogObject implements zapcore.ObjectMarshaler.
func (l logged) MarshalLogObject(enc zapcore.ObjectEncoder) error {
	if l.policy != "" {
		enc.AddString("policy", l.policy)
	}
	enc.AddString("type", l.kind.String())
	enc.AddString("decision", l.verdict.String())
	if l.reason != reasonNone {
		enc.AddString("reason", l.reason.String())
	}
	return nil
}

// warn tells of a refusal, once for each reason and origin within an hour.
func (t *teller) warn(h *Handler, r *http.Request, req *request, d *decision) {
	o := req.origin[0]
	if d.reason == reasonOriginMalformed || len(o) > origin.MaxLength {
		o = "" // strangers can make up any number of these, and of any length
	}
	warned := t.warned[d.reason]
	if at, ok := warned.Peek(o); ok && time.Since(at) < warnAgain {
		return
	}
	if !t.pace.Allow() {
		t.swallowed.Add(1)
		return
	}
	// A copy: the request's memory must not outlive it.
	warned.Add(strings.Clone(o), time.Now())
	if c := h.logger.Check(zapcore.WarnLevel, "refused a CORS request"); c != nil {
		c.Write(
			zap.String("policy", h.describe()),
			zap.Bool("report_only", h.ReportOnly),
			zap.String("type", d.kind.String()),
			zap.String("reason", d.reason.String()),
			zap.String("origin", shorten(strings.Join(req.origin[:min(len(req.origin), 2)], ", "))),
			zap.String("method", r.Method),
			zap.String("host", shorten(r.Host)),
			zap.String("asked_method", shorten(firstOf(req.requestMethod))),
			zap.String("asked_headers", shorten(firstOf(req.requestHeaders))),
			zap.Int64("swallowed", t.swallowed.Swap(0)),
		)
	}
}

// shorten bounds what a stranger can write in the log.
func shorten(s string) string {
	if len(s) > maxQuoted {
		return strings.ToValidUTF8(s[:maxQuoted], "") + "…"
	}
	return s
}

func firstOf(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return lines[0]
}

// placeholders makes {http.cors.decision}, {http.cors.reason} and
// {http.cors.policy} known for the rest of the request.
func (t *teller) placeholders(ctx context.Context, d *decision) {
	if repl, ok := ctx.Value(caddy.ReplacerCtxKey).(*caddy.Replacer); ok {
		repl.Map(t.words[d.outcome()])
	}
}

// wordsOf are the placeholders of one outcome.
func wordsOf(policy string, v verdict, r reason) caddy.ReplacerFunc {
	return func(key string) (any, bool) {
		word, ok := strings.CutPrefix(key, "http.cors.")
		if !ok {
			return nil, false
		}
		switch word {
		case "decision":
			return v.String(), true
		case "reason":
			return r.String(), true
		case "policy":
			return policy, true
		}
		return nil, false
	}
}
