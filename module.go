// Package cors is a Caddy module that lets the pages of other origins use a
// site, as the CORS protocol of the Fetch Standard
// (https://fetch.spec.whatwg.org/#http-cors-protocol) describes it: the handler
// http.handlers.cors, the Caddyfile directive cors and the command caddy cors.
package cors

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/neighbours"
	"github.com/caddy-cors/caddy-cors/internal/placeholder"
	"github.com/caddy-cors/caddy-cors/internal/policy"
	"github.com/caddy-cors/caddy-cors/origins"
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
// streams and upgrades. That set replaces the six Access-Control-* headers of the
// protocol that an upstream sends; its other Access-Control-* headers pass. `Vary`
// tells caches what the answer depends on.
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
// decides. Side by side in a Caddyfile that is the one with the most specific
// path; one inside a `handle` comes after those beside that `handle`.
//
// A request's origin is judged in this order. One that is malformed is refused.
// One that the policy itself allows is allowed. A request from the site's own
// page needs no permission: nothing is refused or warned of (but see enforce).
// The sources of origins_from come last, and are asked only about the rest.
//
// A page is the site's own if the browser says so: `Sec-Fetch-Site` is
// `same-origin` or `none`, and no other word. Where the browser says nothing, the
// origin must have the host and the port of the request's Host, and the scheme
// https where TLS ends in this Caddy.
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
	// port, and a lone `*` for every origin, which excludes credentials. One `*`
	// inside the first label stands for one or more letters, digits and hyphens,
	// never for a dot (`https://deploy-*--shop.example.com`). Origins of apps
	// (`app://.`, `package://`, `capacitor://localhost`) are listed as they are
	// sent, and `*` covers them too. `null` and `file://` need `null_origin` among
	// dangerously_allow.
	//
	// A wildcard over a public suffix, where strangers can take names, is a
	// warning (`https://*.github.io`, `https://*-shop.netlify.app`), and so is `**`
	// over a domain that has such suffixes below it (`https://**.amazonaws.com`).
	// With credentials they need `public_suffixes` among dangerously_allow.
	// `https://*example.com` is an error: a dot is missing. A policy whose only
	// origin is the site's own, and an origin with a dot at its end, are warnings.
	//
	// Required, unless origin_regexp, origins_from or for is given, or enforce
	// has `requests`. Nothing is allowed by default.
	Origins []string `json:"origins,omitempty"`

	// Modules of the namespace `http.cors.origins` that add origins which change
	// while Caddy runs: `file`, `ask`, `storage` or others. They are asked only
	// about origins that the policy neither allows nor excepts by itself and that
	// are not the site's own. What they list obeys the rules of origins.
	OriginsFromRaw []json.RawMessage `json:"origins_from,omitempty" caddy:"namespace=http.cors.origins inline_key=source"`

	// Regular expressions (RE2) for origins, always matched against the whole
	// origin and separated by white space. When the configuration is loaded, each
	// is searched for origins that its writer cannot have meant.
	//
	// One that accepts the origins of strangers (`https://.*\.com`) is an error:
	// with credentials always, without them unless `any_origin_regexp` is among
	// dangerously_allow. The same holds for one that leaves open a part of the
	// name of an app or extension (`chrome-extension://[a-z]{32}`), because
	// anybody can publish one, and for one that is too large to be searched, or
	// the last of very many. One of more than 50,000 steps is always an error.
	//
	// One that accepts a lookalike (an unescaped dot, no dot in front of the
	// domain) is a warning, with credentials an error, and the message shows it
	// mended. One that strangers can match only below a suffix that they share
	// (`https://pr-\d+--shop\.netlify\.app`) is a warning; with credentials it
	// needs `public_suffixes` among dangerously_allow. One that no browser's
	// origin can match is an error; where that is so of one branch only, it is a
	// warning.
	//
	// With credentials an expression matches plain http origins only on loopback,
	// unless `insecure_origins` is among dangerously_allow.
	OriginRegexp []string `json:"origin_regexp,omitempty"`

	// Origins and patterns that are taken away from what the others allow.
	Except []string `json:"except,omitempty"`

	// Other permissions for some origins inside this policy. The first entry that
	// matches an origin decides; what it does not set is inherited.
	For []For `json:"for,omitempty"`

	// What all other origins may do.
	Permissions

	// The status of the answer to a preflight from an allowed origin, 200 to
	// 299. Default: 204. A refused origin gets 403.
	PreflightStatus int `json:"preflight_status,omitempty"`

	// Who answers preflights: `answer` (this handler) or `forward` (the next
	// handler, with the headers of this one added). Default: `answer`.
	Preflight string `json:"preflight,omitempty"`

	// What happens to the six Access-Control-* headers of the protocol that the
	// handlers behind send: `override` replaces them, `keep` leaves them where
	// there is an Access-Control-Allow-Origin among them. With `keep` the answer
	// depends on the upstream, so even a policy for `*` sends `Vary: Origin`.
	// Other Access-Control-* headers always pass. Default: `override`.
	Upstream string `json:"upstream,omitempty"`

	// Whether to send Timing-Allow-Origin, so that pages may read the resource's
	// timing (https://www.w3.org/TR/resource-timing/). Images, scripts and
	// navigations send no Origin, so where all origins (those of for, too) are
	// `*` or up to 32 exact ones, without except, the header is constant and on
	// every response but answers to preflights. Such a list tells everybody whom
	// the policy trusts. Otherwise it has the value of
	// Access-Control-Allow-Origin. The header is the policy's with `keep`, too.
	// Default: false.
	Timing bool `json:"timing,omitempty"`

	// What to refuse with 403 before it reaches the handlers behind, when its
	// origin is refused: `requests` (all but preflights, which are refused
	// anyway) or `websockets` (their handshakes, which browsers do not check
	// themselves).
	//
	// Handshakes always carry cookies, so for `websockets` an origin that only
	// `*` lets in counts as refused. `requests` beside a `*` without except
	// refuses nobody, and a warning says so. `requests` may stand without any
	// origin: then only the site's own pages, and clients that are no pages, get
	// through.
	//
	// Requests from the site's own pages pass if the Host is known to be the
	// site's: TLS ended here, the origin is https, the site's address names its
	// hosts, or nobody can register the name (an IP address, `localhost`,
	// `.internal` and the like). Otherwise a page could point a name of its own at
	// this server (DNS rebinding), so the request is refused with the reason
	// `host_not_verified`. Name the hosts in the site's address, or list the
	// site's own origin.
	//
	// Requests without an Origin pass, the plain GET of a rebound page among them:
	// only hosts in the site's address keep those out. With `tls internal` and
	// `on_demand` any name gets a certificate, so TLS proves nothing there.
	// Default: nothing.
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

	// Dangers that you accept by name: `null_origin` (`null` and `file://`, never
	// with credentials), `insecure_origins` (plain http origins with
	// credentials), `public_suffixes` (wildcards and expressions over domains
	// whose subdomains belong to strangers), `any_origin_regexp` (expressions that
	// accept strangers, or are too large to be searched, never with credentials).
	// Default: none.
	DangerouslyAllow []string `json:"dangerously_allow,omitempty"`

	policy       *policy.Policy
	sources      []origins.Source
	logger       *zap.Logger
	telemetry    telemetry
	way          []neighbours.Step // the routes that lead here
	hostVerified bool              // only requests with a Host of the site's come here

	neighbours sync.Once
	overlaps   sync.Once // one warning is enough
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
	o, found := h.options(placeholder.Expand)
	p, compiling := policy.Compile(&o)
	found = append(found, compiling...)
	if err := found.Err(); err != nil {
		return err
	}
	h.policy = p
	h.logWarnings(found.Warnings())
	h.way = wayTo(ctx)
	h.verifyHost()
	h.warnOfSoleOrigin(ctx)
	if err := h.loadSources(ctx); err != nil {
		return err
	}
	return h.telemetry.provision(ctx, h.Name)
}

// loadSources loads the guest modules, and starts those that need the rules.
func (h *Handler) loadSources(ctx caddy.Context) error {
	modules, err := ctx.LoadModule(h, "OriginsFromRaw")
	if err != nil {
		return fmt.Errorf("loading origins_from: %w", err)
	}
	loaded, _ := modules.([]any)
	for _, module := range loaded {
		source, ok := module.(origins.Source)
		if !ok {
			return fmt.Errorf("origins_from: %T is no source of origins; it lacks the method AllowsOrigin", module)
		}
		if err := origins.Start(source, h.policy.SourceRules()); err != nil {
			return fmt.Errorf("origins_from: %w", err)
		}
		h.sources = append(h.sources, source)
	}
	return nil
}

// maxWarnings bounds what a list of a million can say.
const maxWarnings = 25

func (h *Handler) logWarnings(warnings policy.Problems) {
	for i, w := range warnings {
		if i == maxWarnings {
			h.logger.Warn("there are more warnings", zap.Int("not_shown", len(warnings)-i), zap.String("policy", h.describe()))
			return
		}
		h.logger.Warn(httpwords.Printable(w.Text), zap.String("option", w.At.Option), zap.String("policy", h.describe()))
	}
}

// ServeHTTP implements caddyhttp.MiddlewareHandler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	rw, done, err := h.begin(w, r)
	switch {
	case done:
		return err
	case rw == nil:
		return next.ServeHTTP(w, r)
	}
	err = next.ServeHTTP(rw, r)
	rw.after()
	return err
}

// Interface guards.
var (
	_ caddy.Provisioner           = (*Handler)(nil)
	_ caddy.CleanerUpper          = (*Handler)(nil)
	_ caddyhttp.MiddlewareHandler = (*Handler)(nil)
)
