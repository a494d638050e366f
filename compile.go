package cors

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

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
	defaultHeaders = []string{wildcard, "Authorization"}
)

// Words of dangerously_allow.
const (
	dangerNullOrigin     = "null_origin"
	dangerInsecure       = "insecure_origins"
	dangerPublicSuffixes = "public_suffixes"
	dangerAnyRegexp      = "any_origin_regexp"
)

var dangers = []string{dangerNullOrigin, dangerInsecure, dangerPublicSuffixes, dangerAnyRegexp}

// compile makes a policy of options. It returns everything that it found
// wrong; the policy is nil if any of that is a mistake.
func compile(o *options) (*policy, problems) {
	c := compiler{options: o, policy: &policy{origins: origin.NewSet(len(o.origins)), null: -1}}
	c.dangerously()
	c.addFors()
	c.addOrigins()
	c.addRegexps()
	c.addExcept()
	c.anyOrigin()
	c.lintOrigins()
	c.lintAllExcepted()
	for _, f := range o.fors {
		c.policy.grants = append(c.policy.grants, c.grant(f.rights.inherit(o.rights)))
	}
	c.policy.grants = append(c.policy.grants, c.grant(o.rights))
	c.preflight()
	c.unusedDangers()
	c.found = c.found.once()
	if len(c.found.mistakes()) > 0 {
		return nil, c.found
	}
	return c.policy, c.found
}

// compiler is the state of one compilation.
type compiler struct {
	options *options
	policy  *policy
	found   problems

	allowed map[string]*danger

	// For the warnings.
	entries  []entry
	parsed   []origin.Pattern // see patterns
	wide     []int            // the entries with a wildcard
	https    bool             // there is an https entry
	insecure []*item          // entries that are plain http
	excepted []origin.Pattern

	// What origins are added with: the index of their grant, and whether it has
	// credentials.
	forValue    origin.Value
	credentials bool
}

// danger is one word of dangerously_allow, and whether anything needed it.
type danger struct {
	from   source
	needed bool
}

// entry is what was compiled into a pattern. It is small, as there may be a
// million.
type entry struct {
	*item

	value origin.Value
}

func (c *compiler) dangerously() {
	c.allowed = make(map[string]*danger)
	for _, it := range c.options.dangerous {
		if !slices.Contains(dangers, it.text) {
			c.found.mistake(it.from, "unknown word %q after dangerously_allow; %schoose from %s",
				it.text, suggestion(it.text, dangers), strings.Join(dangers, ", "))
			continue
		}
		if c.allowed[it.text] != nil {
			c.found.warn(it.from, "%s is listed twice", it.text)
			continue
		}
		c.allowed[it.text] = &danger{from: it.from}
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
	if c.options.unknown {
		return
	}
	for _, it := range c.options.dangerous {
		if d := c.allowed[it.text]; d != nil && d.from == it.from && !d.needed {
			c.found.warn(it.from, "nothing here needs %s; remove it, so that it cannot hide a later mistake", it.text)
		}
	}
}

// preflight reads the options about preflights and the upstream.
func (c *compiler) preflight() {
	o, p := c.options, c.policy
	p.timing = o.timing
	p.preflightStatus = o.preflightStatus
	if p.preflightStatus == 0 {
		p.preflightStatus = defaultPreflightStatus
	}
	if p.preflightStatus < 200 || p.preflightStatus > 299 {
		c.found.mistake(source{option: "preflight_status"},
			"preflight_status %d is not a success, and browsers accept no other: choose one from 200 to 299", o.preflightStatus)
	}
	p.forward = c.choose(o.preflight, "preflight", "answer", "forward")
	c.enforce()
	p.keep = c.choose(o.upstream, "upstream", "override", "keep")
	if p.forward && (o.rights.maxAge != nil || o.rights.methods.set || o.rights.headers.set) {
		c.found.warn(o.preflight.from, "with `preflight forward` the upstream's status decides: "+
			"max_age, methods and headers are written on its answer, but browsers read them only if it answers 200 to 299")
	}
}

// enforce reads what is refused before it reaches the handlers behind.
func (c *compiler) enforce() {
	words := []string{"requests", "websockets"}
	for _, it := range c.options.enforce {
		switch it.text {
		case words[0]:
			c.policy.enforceRequests = true
		case words[1]:
			c.policy.enforceWebSockets = true
		default:
			c.found.mistake(it.from, "unknown word %q after enforce; %schoose requests or websockets", it.text, suggestion(it.text, words))
			continue
		}
		if c.policy.static {
			c.found.warn(it.from, "`*` refuses nobody, so `enforce %s` does nothing", it.text)
		}
		if c.options.reportOnly {
			c.found.warn(it.from, "`report_only` changes nothing, so `enforce %s` does nothing", it.text)
		}
	}
}

// choose reads an option of two words and reports whether it is the second.
func (c *compiler) choose(it item, option, first, second string) bool {
	switch it.text {
	case "", first:
		return false
	case second:
		return true
	default:
		c.found.mistake(it.from, "unknown value %q after %s; choose %s or %s", it.text, option, first, second)
		return false
	}
}

// grant compiles what some origins may do.
func (c *compiler) grant(r rights) grant {
	g := grant{credentials: r.withCredentials()}
	c.methods(&g, r.methods)
	c.headers(&g, r.headers)
	c.expose(&g, r.expose.items)
	switch {
	case r.maxAge == nil:
		g.maxAge = seconds(defaultMaxAge)
	case *r.maxAge >= 0:
		c.checkMaxAge(*r.maxAge, r.maxAgeFrom)
		g.maxAge = seconds(*r.maxAge)
	}
	return g
}

func (c *compiler) checkMaxAge(d time.Duration, from source) {
	if d%time.Second != 0 {
		c.found.mistake(from, "max_age %s is not a whole number of seconds, which is all that the header can say; write for example 10m or 600s", d)
	}
	if d > 24*time.Hour {
		c.found.warn(from, "max_age %s s is longer than any browser keeps (Firefox 86400, Chromium 7200, Safari 600); use at most 24h", seconds(d))
	}
}

func seconds(d time.Duration) string { return strconv.FormatInt(int64(d/time.Second), 10) }

// suggestion is "did you mean …? " or nothing.
func suggestion(s string, words []string) string {
	if w := didYouMean(s, words); w != "" {
		return "did you mean " + w + "? Or "
	}
	return ""
}
