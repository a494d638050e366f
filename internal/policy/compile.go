package policy

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/origin"
)

// Defaults of a policy; the README's table says why.
const (
	defaultMaxAge          = 2 * time.Hour
	defaultPreflightStatus = http.StatusNoContent
)

var (
	defaultMethods = []string{
		http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
	}
	defaultHeaders = []string{httpwords.Wildcard, "Authorization"}
)

// Words of dangerously_allow.
const (
	dangerNullOrigin     = "null_origin"
	dangerInsecure       = "insecure_origins"
	dangerPublicSuffixes = "public_suffixes"
	dangerAnyRegexp      = "any_origin_regexp"
)

var dangers = []string{dangerNullOrigin, dangerInsecure, dangerPublicSuffixes, dangerAnyRegexp}

// Compile makes a policy of options. It returns everything that it found
// wrong; the policy is nil if any of that is a mistake.
func Compile(o *Options) (*Policy, Problems) {
	c := compiler{options: o, policy: &Policy{origins: origin.NewSet(len(o.Origins)), null: -1, sources: o.Sources > 0}}
	c.dangerously()
	c.modes()
	c.addFors()
	c.addOrigins()
	c.addRegexps()
	c.addExcept()
	c.anyOrigin()
	c.lintOrigins()
	c.lintAllExcepted()
	c.lintModes()
	for _, f := range o.For {
		c.policy.permissions = append(c.policy.permissions, c.permissions(f.Permissions.inherit(o.Permissions)))
	}
	c.policy.permissions = append(c.policy.permissions, c.permissions(o.Permissions))
	c.timing()
	c.soleOrigin()
	c.unusedDangers()
	c.found = c.found.once()
	if len(c.found.Mistakes()) > 0 {
		return nil, c.found
	}
	return c.policy, c.found
}

// compiler is the state of one compilation.
type compiler struct {
	options *Options
	policy  *Policy
	found   Problems

	allowed map[string]*danger

	// For the warnings.
	entries  []entry
	parsed   []origin.Pattern // see patterns
	wide     []int            // the entries with a wildcard
	https    bool             // there is an https entry
	insecure []*Item          // entries that are plain http
	excepted []origin.Pattern

	// What origins are added with: the index of their permissions, and whether these have
	// credentials.
	forValue    origin.Value
	credentials bool
}

// danger is one word of dangerously_allow, and whether anything needed it.
type danger struct {
	at     Location
	needed bool
}

// entry is what was compiled into a pattern. It is small, as there may be a
// million.
type entry struct {
	*Item

	value origin.Value
}

func (c *compiler) dangerously() {
	c.allowed = make(map[string]*danger)
	for _, it := range c.options.Dangerous {
		if !slices.Contains(dangers, it.Text) {
			c.found.Mistake(it.At, "unknown word %q after dangerously_allow; %s", it.Text, choices(it.Text, dangers))
			continue
		}
		if c.allowed[it.Text] != nil {
			c.found.Warn(it.At, "%s is listed twice", it.Text)
			continue
		}
		c.allowed[it.Text] = &danger{at: it.At}
	}
}

// accepts reports whether the operator accepted a danger, and notes that it
// was there to be accepted.
func (c *compiler) accepts(word string) bool {
	d := c.allowed[word]
	if d == nil {
		return false
	}
	d.needed = true
	return true
}

func (c *compiler) unusedDangers() {
	if c.options.Unknown {
		return
	}
	for _, it := range c.options.Dangerous {
		if d := c.allowed[it.Text]; d != nil && d.at == it.At && !d.needed {
			c.found.Warn(it.At, "nothing here needs %s; remove it, so that it cannot hide a later mistake", it.Text)
		}
	}
}

// modes reads the options about preflights, the upstream and enforcement, on
// which the meaning of others depends.
func (c *compiler) modes() {
	o, p := c.options, c.policy
	p.preflightStatus = o.PreflightStatus
	if p.preflightStatus == 0 {
		p.preflightStatus = defaultPreflightStatus
	}
	if p.preflightStatus < 200 || p.preflightStatus > 299 {
		c.found.Mistake(Location{Option: "preflight_status"},
			"preflight_status %d is not a success, and browsers accept no other: choose one from 200 to 299", o.PreflightStatus)
	}
	p.forward = c.choose(o.Preflight, "preflight", "answer", "forward")
	p.keep = c.choose(o.Upstream, "upstream", "override", "keep")
	for _, it := range o.Enforce {
		switch it.Text {
		case enforceRequests:
			p.enforceRequests = true
		case enforceWebSockets:
			p.enforceWebSockets = true
		default:
			c.found.Mistake(it.At, "unknown word %q after enforce; %s", it.Text, choices(it.Text, enforceWords))
		}
	}
}

// Words of enforce.
const (
	enforceRequests   = "requests"
	enforceWebSockets = "websockets"
)

var enforceWords = []string{enforceRequests, enforceWebSockets}

// lintModes warns of modes that do nothing.
func (c *compiler) lintModes() {
	o, p := c.options, c.policy
	if p.forward && (o.Permissions.MaxAge != nil || o.Permissions.Methods.Set || o.Permissions.Headers.Set) {
		c.found.Warn(o.Preflight.At, "with `preflight forward` the upstream's status decides: "+
			"max_age, methods and headers are written on its answer, but browsers read them only if it answers 200 to 299")
	}
	for _, it := range o.Enforce {
		if it.Text == enforceRequests && p.any && p.except == nil && !p.exceptNull {
			c.found.Warn(it.At, "`*` refuses nobody, so `enforce requests` does nothing; list the origins, or except some")
		}
		if o.ReportOnly {
			c.found.Warn(it.At, "`report_only` changes nothing, so `enforce %s` does nothing", it.Text)
		}
	}
}

// soleOrigin notes the one origin of a policy that allows no other.
func (c *compiler) soleOrigin() {
	p := c.policy
	if len(c.entries) == 1 && len(c.wide) == 0 && !p.any && p.null < 0 && len(p.regexps) == 0 && !p.sources && !c.options.Unknown {
		p.sole = c.patterns()[0]
	}
}

// maxTimingOrigins bounds the list that Timing-Allow-Origin carries on every
// response.
const maxTimingOrigins = 32

// timing finds out whether Timing-Allow-Origin can be the same on every
// response: loads without an Origin are measured too.
func (c *compiler) timing() {
	p := c.policy
	p.timing = c.options.Timing
	switch {
	case !p.timing || p.except != nil || p.exceptNull:
	case p.any:
		p.timingOrigins = httpwords.Wildcard
	case p.null >= 0 || len(p.regexps) > 0 || p.sources || len(c.wide) > 0 || len(c.entries) > maxTimingOrigins:
	default:
		texts := make([]string, len(c.entries))
		for i, e := range c.entries {
			texts[i] = e.Text
		}
		p.timingOrigins = strings.Join(texts, ", ")
	}
}

// choose reads an option of two words and reports whether it is the second.
func (c *compiler) choose(it Item, option, first, second string) bool {
	switch it.Text {
	case "", first:
		return false
	case second:
		return true
	default:
		c.found.Mistake(it.At, "unknown value %q after %s; choose %s or %s", it.Text, option, first, second)
		return false
	}
}

// permissions compiles what some origins may do.
func (c *compiler) permissions(r PermissionOptions) Permissions {
	g := Permissions{Credentials: r.withCredentials()}
	c.methods(&g, r.Methods)
	c.headers(&g, r.Headers)
	c.expose(&g, r.Expose.Items)
	switch {
	case r.MaxAge == nil:
		g.maxAge = seconds(defaultMaxAge)
	case *r.MaxAge >= 0:
		c.checkMaxAge(*r.MaxAge, r.MaxAgeAt)
		g.maxAge = seconds(*r.MaxAge)
	}
	return g
}

func (c *compiler) checkMaxAge(d time.Duration, at Location) {
	if d%time.Second != 0 {
		c.found.Mistake(at, "max_age %s is not a whole number of seconds, which is all that the header can say; write for example 10m or 600s", d)
	}
	if d > 24*time.Hour {
		c.found.Warn(at, "max_age %s s is longer than any browser keeps (Firefox 86400, Chromium 7200, Safari 600); use at most 24h", seconds(d))
	}
}

func seconds(d time.Duration) string { return strconv.FormatInt(int64(d/time.Second), 10) }

// Words are those that an option takes. Nil: it takes others.
func Words(option string) []string {
	return map[string][]string{"dangerously_allow": dangers, "enforce": enforceWords}[option]
}

// choices says which words there are, and which was perhaps meant.
func choices(s string, words []string) string {
	if w := DidYouMean(s, words); w != "" {
		return "did you mean " + w + "? The words are " + strings.Join(words, ", ")
	}
	return "choose from " + strings.Join(words, ", ")
}
