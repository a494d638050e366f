package origins

import (
	"context"
	"errors"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"go.uber.org/zap"

	"github.com/caddy-cors/caddy-cors/internal/placeholder"
	"github.com/caddy-cors/caddy-cors/internal/policy"
)

func init() {
	caddy.RegisterModule(new(Ask))
}

// Ask asks an HTTP endpoint about origins, typically the application
// itself, which knows its customers from a database.
//
// For an origin that the policy does not allow by itself it sends
// `GET <url>?origin=https%3A%2F%2Fapp.example.com`. A status of 200 to 299 means
// yes, 403 and 404 mean no. The body means nothing. Everything else, redirects
// too, is no answer: the origin is refused with the reason
// `source_unavailable`, unless there is an earlier answer.
//
// Answers are kept in memory, for ttl or negative_ttl. When the endpoint fails
// after that, the last answer about an origin, yes or no, is used for as long as
// stale says. Strangers who make up origins cannot drown the endpoint: there is
// one question at a time per origin, and no more than max_in_flight in all; an
// origin beyond that gets its earlier answer, or is refused. Nor can they displace
// the answers that are yes, which are kept apart.
//
// With per_host the endpoint is also told the host that the request is for, as
// the parameter host, in lower case, without its port and without a dot at its
// end: `GET <url>?origin=https%3A%2F%2Fapp.example.com&host=tenant.example.net`.
// Each host has answers of its own, so that the tenants of one site can be kept
// apart. The host is what the client sent: where the site's address names no
// hosts, it may be any, and each made-up one takes a place in the cache. A Host
// that cannot be a host is not asked about; its origin is refused with the
// reason `source_unavailable`.
//
// The rules of the policy's `origins` hold for every answer. An origin that
// they exclude, such as plain http with credentials, is not even asked about.
//
// Policies with the same options share their answers, which also outlive a
// reload of the configuration.
type Ask struct {
	// The http or https URL to ask. The parameter origin is added to its query.
	// Global placeholders such as `{env.NAME}` are filled in. Required.
	URL string `json:"url,omitempty"`

	// How long to wait for an answer. A request from a new origin may take that
	// long. Default: 2s.
	Timeout caddy.Duration `json:"timeout,omitempty"`

	// How long a yes holds before the endpoint is asked again. Default: 5m.
	TTL caddy.Duration `json:"ttl,omitempty"`

	// How long a no holds. Default: 1m.
	NegativeTTL caddy.Duration `json:"negative_ttl,omitempty"`

	// How much longer than ttl or negative_ttl an answer serves while the endpoint
	// fails. Negative: not at all. Default: 1h.
	Stale caddy.Duration `json:"stale,omitempty"`

	// How many origins to remember, of each answer. Default: 10000.
	CacheSize int `json:"cache_size,omitempty"`

	// How many questions there may be at once. Default: 16.
	MaxInFlight int `json:"max_in_flight,omitempty"`

	// Whether to ask, and to remember the answer, separately for each host of the
	// site. Default: false.
	PerHost bool `json:"per_host,omitempty"`

	logger   *zap.Logger
	options  askOptions
	rules    policy.SourceRules
	asker    *asker
	giveBack func()
}

// askOptions are the options as they are used. They tell shared answers apart.
type askOptions struct {
	url                              string // ends where the value of origin belongs
	name                             string // the URL without its secrets
	timeout, ttl, negativeTTL, stale time.Duration
	cacheSize, maxInFlight           int
	perHost                          bool
}

// CaddyModule returns the Caddy module information.
func (*Ask) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{
		ID:  "http.cors.origins.ask",
		New: func() caddy.Module { return new(Ask) },
	}
}

// Provision fills in placeholders and defaults. Nobody is asked yet.
func (s *Ask) Provision(ctx caddy.Context) error {
	s.logger = ctx.Logger()
	raw, err := expandOption("url", s.URL)
	if err != nil {
		return err
	}
	u, err := parseAskURL(raw, s.URL, s.PerHost)
	if err != nil {
		return err
	}
	stale := s.Stale
	if stale == 0 {
		stale = caddy.Duration(time.Hour)
	}
	if err := errors.Join(
		setDefault("timeout", &s.Timeout, caddy.Duration(2*time.Second)),
		setDefault("ttl", &s.TTL, caddy.Duration(5*time.Minute)),
		setDefault("negative_ttl", &s.NegativeTTL, caddy.Duration(time.Minute)),
		setDefault("cache_size", &s.CacheSize, 10_000),
		setDefault("max_in_flight", &s.MaxInFlight, 16),
	); err != nil {
		return err
	}
	s.options = askOptions{
		url:         withOrigin(*u),
		name:        "ask " + u.Scheme + "://" + u.Host + u.EscapedPath(),
		timeout:     time.Duration(s.Timeout),
		ttl:         time.Duration(s.TTL),
		negativeTTL: time.Duration(s.NegativeTTL),
		stale:       max(time.Duration(stale), 0),
		cacheSize:   s.CacheSize,
		maxInFlight: s.MaxInFlight,
		perHost:     s.PerHost,
	}
	return nil
}

// start makes ready to ask. Whether the endpoint is there shows when it is
// asked.
func (s *Ask) start(rules policy.SourceRules) error {
	s.rules = rules
	s.asker, s.giveBack = share(s.options, &member{logger: s.logger}, func() *asker { return newAsker(s.options) })
	return nil
}

// AllowsOrigin implements Source. With per_host it does not know, since it is
// not told the host.
func (s *Ask) AllowsOrigin(_ context.Context, raw string) (bool, error) { return ask(s, raw) }

func (s *Ask) allows(q Question) (bool, error) {
	switch {
	case s.asker == nil:
		return false, errNotStarted
	case !s.rules.Accepts(q.Origin): // an origin that must not be allowed is a plain no
		return false, nil
	}
	about := subject{origin: q.Origin.Raw}
	if s.options.perHost {
		var err error
		if about.host, err = askHost(q.Host); err != nil {
			return false, err
		}
	}
	return s.asker.allows(about)
}

// Cleanup forgets the answers and ends the questions, unless another policy
// shares them.
func (s *Ask) Cleanup() error {
	if s.giveBack != nil {
		s.giveBack()
	}
	return nil
}

// UnmarshalCaddyfile reads the source:
//
//	origins_from ask <url> {
//		timeout       <duration>
//		ttl           <duration>
//		negative_ttl  <duration>
//		stale         <duration> | off
//		cache_size    <origins>
//		max_in_flight <questions>
//		per_host
//	}
func (s *Ask) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // the source's name
	if err := onlyArg(d, "ask", "url", "http://localhost:8000/cors", &s.URL); err != nil {
		return err
	}
	_, whole, _ := placeholder.Later(s.URL)
	if whole {
		if _, err := parseAskURL(s.URL, s.URL, false); err != nil {
			return d.WrapErr(err)
		}
	}
	stale := durationOption(&s.Stale)
	staleOrOff := func(value string) error {
		if value == "off" {
			s.Stale = -1
			return nil
		}
		return stale.set(value)
	}
	err := sourceOptions{
		"timeout":       durationOption(&s.Timeout),
		"ttl":           durationOption(&s.TTL),
		"negative_ttl":  durationOption(&s.NegativeTTL),
		"stale":         {set: staleOrOff},
		"cache_size":    numberOption(&s.CacheSize),
		"max_in_flight": numberOption(&s.MaxInFlight),
		"per_host":      flagOption(&s.PerHost),
	}.parse(d, "ask")
	if err == nil && whole && s.PerHost { // the URL may not have all that it may without
		if _, err := parseAskURL(s.URL, s.URL, true); err != nil {
			return d.WrapErr(err)
		}
	}
	return err
}

// Interface guards.
var (
	_ caddy.Provisioner     = (*Ask)(nil)
	_ caddy.CleanerUpper    = (*Ask)(nil)
	_ caddyfile.Unmarshaler = (*Ask)(nil)
	_ ruled                 = (*Ask)(nil)
)
