package cors

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/caddy-cors/caddy-cors/internal/policy"
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

// telemetry tells about decisions: metrics, placeholders, the access log, warnings
// and the debug header. It decides nothing.
type telemetry struct {
	counters [policy.NumOutcomes]atomic.Pointer[prometheus.Counter]
	words    [policy.NumOutcomes]caddy.ReplacerFunc // placeholders

	refusals *refusals

	// logs: the server of the handler has access logs.
	logs bool
}

func (t *telemetry) provision(ctx caddy.Context, name string) error {
	for n := range t.words {
		t.words[n] = wordsOf(name, policy.VerdictOf(n), policy.ReasonOf(n))
	}
	if registry := ctx.GetMetricsRegistry(); registry != nil {
		var already prometheus.AlreadyRegisteredError
		if err := registry.Register(requestsTotal); err != nil && !errors.As(err, &already) {
			return err
		}
	}
	if srv := serverOf(ctx); srv != nil {
		t.logs = srv.Logs != nil
	}
	t.refusals = newRefusals()
	return nil
}

// tell is called once for every decision.
func (t *telemetry) tell(h *Handler, r *http.Request, req *policy.Request, d *policy.Decision) {
	if d.Kind == policy.KindNone {
		return
	}
	t.count(h, d)
	if t.logs {
		logField(r.Context(), h, d)
	}
	if d.Verdict == policy.VerdictRefused {
		t.refusals.warn(h, r, req, d)
	}
}

// count finds the counter of the decision; it is looked up by labels only once.
func (t *telemetry) count(h *Handler, d *policy.Decision) {
	slot := &t.counters[d.Outcome()]
	counter := slot.Load()
	if counter == nil {
		c := requestsTotal.WithLabelValues(h.Name, d.Kind.String(), d.Verdict.String(), d.Reason.String())
		counter = &c
		slot.Store(counter)
	}
	(*counter).Inc()
}

// logField adds the decision to the access log, where there is one.
func logField(ctx context.Context, h *Handler, d *policy.Decision) {
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
	name string
	policy.Decision
}

// MarshalLogObject implements zapcore.ObjectMarshaler.
func (l logged) MarshalLogObject(enc zapcore.ObjectEncoder) error {
	if l.name != "" {
		enc.AddString("policy", l.name)
	}
	enc.AddString("type", l.Kind.String())
	enc.AddString("decision", l.Verdict.String())
	if l.Reason != policy.ReasonNone {
		enc.AddString("reason", l.Reason.String())
	}
	return nil
}

// placeholders makes {http.cors.decision}, {http.cors.reason} and
// {http.cors.policy} known for the rest of the request.
func (t *telemetry) placeholders(ctx context.Context, d *policy.Decision) {
	if repl, ok := ctx.Value(caddy.ReplacerCtxKey).(*caddy.Replacer); ok {
		repl.Map(t.words[d.Outcome()])
	}
}

// wordsOf are the placeholders of one outcome.
func wordsOf(name string, v policy.Verdict, r policy.Reason) caddy.ReplacerFunc {
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
			return name, true
		}
		return nil, false
	}
}
