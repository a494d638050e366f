// Package cors is a Caddy module that lets the pages of other origins use a
// site, as the CORS protocol of the Fetch Standard
// (https://fetch.spec.whatwg.org/#http-cors-protocol) describes it: the handler
// http.handlers.cors, the Caddyfile directive cors and the command caddy cors.
package cors

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"
)

func init() {
	caddy.RegisterModule(new(Handler))
}

// Handler lets the pages of other origins use a site, as the CORS protocol of
// the Fetch Standard (https://fetch.spec.whatwg.org/#http-cors-protocol)
// describes it.
//
// It answers CORS-preflight requests itself, before authentication or
// redirects can spoil them, and puts exactly one right set of headers on every
// other response of the handlers behind it: files, proxied answers, errors,
// streams and upgrades. Whatever Access-Control-* headers an upstream sends
// are replaced. `Vary` tells caches what the answer depends on.
//
// One line is a whole policy; it trusts the origin with the usual methods and
// headers, but not with cookies:
//
//	cors https://app.example.com
//
// Lists are split on white space and on commas, so that one environment
// variable can carry several values. Global placeholders such as
// `{env.ORIGINS}` and `{file.*}` are filled in when the configuration is
// loaded; a placeholder that depends on a request is an error, because it would
// let the request choose the policy.
//
// If several cors handlers meet one request, the first one that it reaches
// decides; in a Caddyfile that is the one with the most specific path.
//
// The handlers behind, error routes and the access log can use the placeholders
// `{http.cors.decision}` (`allowed`, `refused`, `same_origin` or `none`),
// `{http.cors.reason}` (empty unless refused) and `{http.cors.policy}` (the name
// of the policy that decided).
//
// CORS is carried out by browsers. It protects their users' data from the pages
// of other sites; it is no authentication and keeps no other client out.
type Handler struct {
	// The origins whose pages may read responses, as browsers send them
	// (`https://app.example.com`, `http://localhost:3000`), or patterns:
	// `https://*.example.com` stands for exactly one label in front,
	// `https://**.example.com` for one or more, `http://localhost:*` for any
	// port, and a lone `*` for every origin, which excludes credentials.
	// `null` needs `null_origin` among dangerously_allow.
	// Required, unless origin_regexp, origins_from or for is given. Nothing is
	// allowed by default.
	Origins []string `json:"origins,omitempty"`

	// Modules of the namespace `http.cors.origins` that add origins which change
	// while Caddy runs: `file`, `ask`, `storage` or others. They are asked about
	// origins that the policy does not allow by itself.
	OriginsFromRaw []json.RawMessage `json:"origins_from,omitempty" caddy:"namespace=http.cors.origins inline_key=source"`

	// Regular expressions (RE2) for origins, always matched against the whole
	// origin. One that accepts a stranger's origin is an error, unless
	// `any_origin_regexp` is among dangerously_allow. With credentials an
	// expression matches plain http origins only on loopback, unless
	// `insecure_origins` is.
	OriginRegexp []string `json:"origin_regexp,omitempty"`

	// Origins and patterns that are taken away from what the others allow.
	Except []string `json:"except,omitempty"`

	// Other rights for some origins inside this policy. The first entry that
	// matches an origin decides; what it does not set is inherited.
	For []For `json:"for,omitempty"`

	// What all other origins may do.
	Rights

	// The status of the answer to a preflight from an allowed origin, 200 to
	// 299. Default: 204. A refused origin gets 403.
	PreflightStatus int `json:"preflight_status,omitempty"`

	// Who answers preflights: `answer` (this handler) or `forward` (the next
	// handler, with the headers of this one added). Default: `answer`.
	Preflight string `json:"preflight,omitempty"`

	// What happens to the Access-Control-* headers of the handlers behind:
	// `override` replaces them, `keep` leaves them where they contain an
	// Access-Control-Allow-Origin. Default: `override`.
	Upstream string `json:"upstream,omitempty"`

	// Whether to send Timing-Allow-Origin with the value of
	// Access-Control-Allow-Origin, so that pages may read the resource's timing
	// (https://www.w3.org/TR/resource-timing/). Default: false.
	Timing bool `json:"timing,omitempty"`

	// What to refuse with 403 before it reaches the handlers behind, when its
	// origin is refused: `requests` (all but preflights, which are refused
	// anyway) or `websockets` (their handshakes, which browsers do not check
	// themselves). Requests without an Origin, and from the site's own origin,
	// pass. Default: nothing.
	Enforce []string `json:"enforce,omitempty"`

	// Decide, log and count, but change nothing: no header is touched, no
	// preflight answered. For trying a policy on live traffic beside the one in
	// force; write it first, so that it sees preflights. Default: false.
	ReportOnly bool `json:"report_only,omitempty"`

	// Whether to explain each decision in a Cors-Debug response header, a
	// dictionary of RFC 9651. Default: false.
	Debug bool `json:"debug,omitempty"`

	// A name for the policy, for logs, metrics and placeholders. Default: none.
	Name string `json:"name,omitempty"`

	// Dangers that you accept by name: `null_origin`, `insecure_origins` (plain
	// http origins with credentials), `public_suffixes` (wildcards over
	// domains whose subdomains belong to strangers), `any_origin_regexp`.
	DangerouslyAllow []string `json:"dangerously_allow,omitempty"`

	policy  *policy
	sources []OriginSource
	logger  *zap.Logger
	teller  teller

	// observe is told every decision; nil except in `caddy cors explain`.
	observe func(decision)

	surveyed sync.Once
	overlaps sync.Once // one warning is enough
}

// CaddyModule returns the Caddy module information.
func (*Handler) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{
		ID:  "http.handlers.cors",
		New: func() caddy.Module { return new(Handler) },
	}
}

// Provision fills in placeholders, compiles the policy and starts the sources.
// The error names every mistake; what loads but smells is logged as a warning.
func (h *Handler) Provision(ctx caddy.Context) error {
	h.logger = ctx.Logger()
	o, found := h.options(expand)
	p, compiling := compile(&o)
	found = append(found, compiling...)
	if err := found.err(); err != nil {
		return err
	}
	h.policy = p
	h.logWarnings(found.warnings())
	if err := h.loadSources(ctx); err != nil {
		return err
	}
	return h.teller.provision(ctx, h.Name)
}

// loadSources loads the guest modules, and starts those that need the rules.
func (h *Handler) loadSources(ctx caddy.Context) error {
	modules, err := ctx.LoadModule(h, "OriginsFromRaw")
	if err != nil {
		return fmt.Errorf("loading origins_from: %w", err)
	}
	loaded, _ := modules.([]any)
	for _, module := range loaded {
		source, ok := module.(OriginSource)
		if !ok {
			return fmt.Errorf("origins_from: %T is no source of origins; it lacks the method AllowsOrigin", module)
		}
		if ruled, ok := source.(ruledSource); ok {
			if err := ruled.start(h.policy.sourceRules); err != nil {
				return fmt.Errorf("origins_from: %w", err)
			}
		}
		h.sources = append(h.sources, source)
	}
	return nil
}

// maxWarnings bounds what a list of a million can say.
const maxWarnings = 25

func (h *Handler) logWarnings(warnings problems) {
	for i, w := range warnings {
		if i == maxWarnings {
			h.logger.Warn("there are more warnings", zap.Int("not_shown", len(warnings)-i), zap.String("policy", h.Name))
			return
		}
		h.logger.Warn(w.text, zap.String("option", w.from.option), zap.String("policy", h.Name))
	}
}

// ServeHTTP implements caddyhttp.MiddlewareHandler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	ctx := r.Context()
	h.surveyed.Do(func() { h.survey(ctx) })
	table := varsOf(ctx)
	if first := table.governing(); first != nil && !h.ReportOnly {
		h.warnOverlap(ctx, first.handler)
		return next.ServeHTTP(w, r)
	}
	req := readRequest(r)
	d := h.decide(ctx, &req)
	h.teller.tell(h, r, &req, &d)
	if h.ReportOnly {
		return next.ServeHTTP(w, r)
	}
	h.teller.placeholders(ctx, &d)
	if d.kind == kindPreflight && !h.policy.forward && !inErrorRoute(ctx) {
		h.answer(w, &d)
		return nil
	}
	rw := newResponse(w, h, &d)
	rw.before()
	if h.refuses(&d, r) {
		rw.after() // with `upstream keep` nothing but Vary stands there yet
		return errRefused(&d)
	}
	table.govern(rw)
	err := next.ServeHTTP(rw, r)
	rw.after()
	return err
}

// decide judges a request. Sources are asked only about an origin that the
// policy does not allow by itself.
func (h *Handler) decide(ctx context.Context, req *request) decision {
	d := h.policy.decide(req)
	if len(h.sources) > 0 && d.grant == nil && h.policy.canBeListed(req) {
		req.listed = h.askSources(ctx, req.origin[0])
		d = h.policy.decide(req)
	}
	if h.observe != nil {
		h.observe(d)
	}
	return d
}

// askSources returns what the sources say together: one yes is enough, and
// without one nobody may be silent.
func (h *Handler) askSources(ctx context.Context, o string) listing {
	answer := listedNo
	for _, source := range h.sources {
		switch yes, err := source.AllowsOrigin(ctx, o); {
		case err != nil:
			answer = listedUnknown
		case yes:
			return listedYes
		}
	}
	return answer
}

// inErrorRoute: answering a preflight there would hide the error, a firewall's
// 403 for one.
func inErrorRoute(ctx context.Context) bool {
	return ctx.Value(caddyhttp.ErrorCtxKey) != nil
}

// Interface guards.
var (
	_ caddy.Provisioner           = (*Handler)(nil)
	_ caddyhttp.MiddlewareHandler = (*Handler)(nil)
)
