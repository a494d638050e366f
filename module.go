// Package cors is a Caddy module that lets the pages of other origins use a
// site, as the CORS protocol of the Fetch Standard
// (https://fetch.spec.whatwg.org/#http-cors-protocol) describes it: the handler
// http.handlers.cors, the Caddyfile directive cors and the command caddy cors.
package cors

import (
	"context"
	"net/http"
	"slices"
	"strings"
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
// CORS is carried out by browsers. It protects their users' data from the pages
// of other sites; it is no authentication and keeps no other client out.
type Handler struct {
	// The origins whose pages may read responses, as browsers send them
	// (`https://app.example.com`, `http://localhost:3000`), or patterns:
	// `https://*.example.com` stands for exactly one label in front,
	// `https://**.example.com` for one or more, `http://localhost:*` for any
	// port, and a lone `*` for every origin, which excludes credentials.
	// `null` needs `null_origin` among dangerously_allow.
	// Required, unless origin_regexp is given. Nothing is allowed by default.
	Origins []string `json:"origins,omitempty"`

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

	// A name for the policy, for logs. Default: none.
	Name string `json:"name,omitempty"`

	// Dangers that you accept by name: `null_origin`, `insecure_origins` (plain
	// http origins with credentials), `public_suffixes` (wildcards over
	// domains whose subdomains belong to strangers), `any_origin_regexp`.
	DangerouslyAllow []string `json:"dangerously_allow,omitempty"`

	policy *policy
	logger *zap.Logger

	// observe is told every decision; nil except in `caddy cors explain`.
	observe func(decision)

	surveyed sync.Once
	overlaps sync.Once // one warning is enough
}

// Rights are what the pages of an origin may do.
type Rights struct {
	// Whether pages may send cookies, HTTP authentication and client
	// certificates, and read the answer. Default: false.
	Credentials *bool `json:"credentials,omitempty"`

	// The methods that pages may use, case-sensitive; `*` for all. GET, HEAD
	// and POST need no listing. An empty list (or `none`) allows no others.
	// Default: GET, HEAD, POST, PUT, PATCH, DELETE.
	Methods []string `json:"methods,omitzero"`

	// The request headers that pages may set, beyond those that are always
	// allowed; `*` for all but Authorization. An empty list (or `none`) allows
	// no others. Default: `*` and Authorization.
	Headers []string `json:"headers,omitzero"`

	// The response headers that pages may read, beyond those that are always
	// readable; `*` for all. Default: none.
	Expose []string `json:"expose,omitzero"`

	// How long browsers may keep the answer to a preflight, in whole seconds.
	// Negative: send no header, so that browsers use their own 5 seconds.
	// Default: 2h, the most that Chromium keeps.
	MaxAge *caddy.Duration `json:"max_age,omitempty"`
}

// For gives some origins rights of their own.
type For struct {
	// The origins and patterns; they are allowed, and need not be among the
	// policy's origins. Required.
	Origins []string `json:"origins"`

	// What differs; the rest is the policy's.
	Rights
}

// CaddyModule returns the Caddy module information.
func (*Handler) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{
		ID:  "http.handlers.cors",
		New: func() caddy.Module { return new(Handler) },
	}
}

// Provision fills in placeholders and compiles the policy. The error names
// every mistake; what loads but smells is logged as a warning.
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
	h.surveyed.Do(func() { h.survey(r.Context()) })
	if first := governing(r.Context()); first != nil {
		h.warnOverlap(r.Context(), first.handler)
		return next.ServeHTTP(w, r)
	}
	req := readRequest(r)
	d := h.policy.decide(&req)
	if h.observe != nil {
		h.observe(d)
	}
	if d.kind == kindPreflight && !h.policy.forward && !inErrorRoute(r.Context()) {
		d.answer(w, h.policy)
		return nil
	}
	rw := &response{policy: h.policy, decision: d, handler: h}
	rw.ResponseWriter = w
	rw.before()
	govern(r.Context(), rw)
	err := next.ServeHTTP(rw, r)
	govern(r.Context(), nil)
	rw.after()
	return err
}

// warnOverlap tells once that this handler was passed by, and what led to the
// two, so that an overlap that nobody meant is found.
func (h *Handler) warnOverlap(ctx context.Context, first *Handler) {
	h.overlaps.Do(func() {
		h.logger.Warn("two cors handlers can meet one request; the first one reached decides, this one did nothing",
			zap.String("first", first.describe()), zap.Strings("first_matchers", first.matchers(ctx)),
			zap.String("passed_by", h.describe()), zap.Strings("passed_by_matchers", h.matchers(ctx)))
	})
}

// maxDescribed is how many words name a handler that has no name.
const maxDescribed = 5

// describe names a handler for people.
func (h *Handler) describe() string {
	if h.Name != "" {
		return h.Name
	}
	words := slices.Concat([]string{"cors"}, h.Origins, h.OriginRegexp)
	if len(words) > maxDescribed {
		words = append(words[:maxDescribed], "…")
	}
	return strings.Join(words, " ")
}

// governingVar marks a request while a cors handler governs it. Only then:
// Caddy runs its error routes after that, and they start afresh.
const governingVar = "cors.governing"

func governing(ctx context.Context) *response {
	rw, _ := caddyhttp.GetVar(ctx, governingVar).(*response)
	return rw
}

func govern(ctx context.Context, rw *response) {
	if rw == nil {
		caddyhttp.SetVar(ctx, governingVar, nil) // deletes it
		return
	}
	caddyhttp.SetVar(ctx, governingVar, rw)
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
