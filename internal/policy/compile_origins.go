package policy

import (
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
	"github.com/caddy-cors/caddy-cors/internal/origin"
)

// addFors compiles the origins that have rights of their own. Their values are
// smaller than the policy's, so that the first `for` that matches wins.
func (c *compiler) addFors() {
	for _, f := range c.options.For {
		if len(f.Origins) == 0 && !c.options.Unknown {
			c.found.Mistake(f.At, "this `for` names no origin; write the origins that have rights of their own behind it")
		}
		c.credentials = f.Permissions.inherit(c.options.Permissions).withCredentials()
		for i := range f.Origins {
			if it := &f.Origins[i]; it.Text == httpwords.Wildcard {
				c.found.Mistake(it.At, "`for *` would be for everybody; write `origins *`, and the rights in the policy itself (credentials go only with listed origins)")
			} else {
				c.add(it)
			}
		}
		c.forValue++
	}
	c.credentials = c.options.Permissions.withCredentials()
}

func (c *compiler) addOrigins() {
	o := c.options
	if len(o.Origins)+len(o.Regexps)+len(o.For)+o.Sources == 0 && !o.Unknown && !c.policy.enforceRequests {
		c.found.Mistake(Location{Option: "origins"}, "no origin is allowed, so this handler can never help a page; "+
			"list one, e.g. `origins https://app.example.com`, or write `origins *` to let any page read (without credentials)")
	}
	c.entries = slices.Grow(c.entries, len(o.Origins))
	for i := range o.Origins {
		c.add(&o.Origins[i])
	}
}

// add compiles one entry with the rights that c is at.
func (c *compiler) add(it *Item) {
	switch it.Text {
	case httpwords.Wildcard:
		c.addAny(*it)
	case httpwords.NullOrigin:
		c.addNull(*it)
	default:
		c.addOrigin(it)
	}
}

func (c *compiler) addAny(it Item) {
	if c.policy.any {
		c.found.Warn(it.At, "`*` is listed twice")
		return
	}
	c.policy.any = true
	if c.credentials {
		c.found.Mistake(it.At, "`*` with credentials would let every site on the web read with your users' cookies, and browsers refuse it; "+
			"list the origins that need credentials, or drop credentials")
	}
}

func (c *compiler) addNull(it Item) {
	if c.policy.null >= 0 {
		c.found.Warn(it.At, "null is listed twice")
		return
	}
	c.policy.null = int(c.forValue)
	if !c.accepts(dangerNullOrigin) {
		c.found.Mistake(it.At, "%q is the origin of every sandboxed frame, file: and data: page on the web, so allowing it allows any attacker; "+
			"if you need it, add `dangerously_allow null_origin`", httpwords.NullOrigin)
		return
	}
	if c.credentials {
		c.found.Mistake(it.At, "null with credentials lets any web page (through a sandboxed frame) read with your users' cookies; drop one of the two")
	}
}

func (c *compiler) addOrigin(it *Item) {
	p, err := origin.ParsePattern(it.Text)
	if err != nil {
		c.found.Mistake(it.At, "%v", err)
		return
	}
	if !c.policy.origins.Add(p, c.forValue) {
		c.listedTwice(p, *it)
		return
	}
	if p.IsAnonymous() {
		c.checkAnonymous(*it)
	}
	if p.IsExact() && len(p.Host) > 1 && strings.HasSuffix(p.Host, ".") {
		c.found.Warn(it.At, "the host of %s ends with a dot, so only pages that are opened with that dot match; remove it", it.Text)
	}
	if !p.IsExact() {
		c.wide = append(c.wide, len(c.entries))
	}
	c.entries = append(c.entries, entry{it, c.forValue})
	c.https = c.https || p.Scheme == "https"
	if isInsecure(p.Scheme, p.IsLoopback()) {
		c.insecure = append(c.insecure, it)
		c.checkInsecure(*it)
	}
	c.checkPublicSuffix(p, *it)
}

// listedTwice warns, except where the policy's own list repeats an origin that
// a `for` gives other permissions.
func (c *compiler) listedTwice(p origin.Pattern, it Item) {
	if len(c.options.For) == 0 {
		c.found.Warn(it.At, "%s is listed twice", it.Text)
		return
	}
	switch first, _ := c.policy.origins.Get(p); {
	case first == c.forValue:
		c.found.Warn(it.At, "%s is listed twice", it.Text)
	case int(c.forValue) < len(c.options.For):
		c.found.Warn(it.At, "%s stands in an earlier `for`, which decides; it adds nothing here", it.Text)
	}
}

func (c *compiler) checkInsecure(it Item) {
	if !c.credentials || c.accepts(dangerInsecure) {
		return
	}
	c.found.Mistake(it.At, "%s with credentials: anybody on the network path can write a plain http page and read with your users' cookies; "+
		"use https, or add `dangerously_allow insecure_origins`", it.Text)
}

// checkPublicSuffix: below a public suffix (https://publicsuffix.org), names
// belong to strangers.
func (c *compiler) checkPublicSuffix(p origin.Pattern, it Item) {
	suffix, ok := p.PublicSuffix()
	if !ok {
		suffix, ok = p.SuffixBelow()
	}
	if !ok || c.accepts(dangerPublicSuffixes) {
		return
	}
	if c.credentials {
		c.found.Mistake(it.At, "%s is a public suffix (its subdomains belong to strangers), so %s with credentials lets them read with your users' cookies; "+
			"name your own subdomain, or add `dangerously_allow public_suffixes`", suffix, it.Text)
		return
	}
	c.found.Warn(it.At, "%s is a public suffix, where anybody can take a name: %s allows every site there that fits; name your own subdomain", suffix, it.Text)
}

// checkAnonymous: file:// is sent by every page of an embedded engine or of the
// disk, so it is as anonymous as null.
func (c *compiler) checkAnonymous(it Item) {
	if !c.accepts(dangerNullOrigin) {
		c.found.Mistake(it.At, "%q is the origin of whatever page an app or engine opens from its disk, so it is as anonymous as null; "+
			"if you need it, add `dangerously_allow null_origin`", it.Text)
		return
	}
	if c.credentials {
		c.found.Mistake(it.At, "%s with credentials lets any page from a disk read with your users' cookies; drop one of the two", it.Text)
	}
}

func (c *compiler) addRegexps() {
	o := c.options
	budget := origin.NewBudget() // so that no policy takes long to load
	for _, it := range o.Regexps {
		re, err := origin.CompileRegexp(it.Text)
		if err != nil {
			c.found.Mistake(it.At, "%v", err)
			continue
		}
		c.policy.regexps = append(c.policy.regexps, re)
		for _, f := range re.AuditWithin(budget) {
			c.judgeFinding(f, it)
		}
	}
	// Which origins an expression or a source allows is not known in advance,
	// so plain http ones are left out per request unless they were asked for.
	rules := &c.policy.sourceRules
	rules.credentials = c.credentials
	if (len(o.Regexps) > 0 || o.Sources > 0) && c.credentials {
		rules.insecure = c.accepts(dangerInsecure)
	}
	if o.Sources > 0 {
		rules.publicSuffixes = c.accepts(dangerPublicSuffixes)
		rules.anonymous = !c.credentials && c.accepts(dangerNullOrigin)
	}
}

func (c *compiler) addExcept() {
	o, p := c.options, c.policy
	for _, it := range o.Except {
		switch it.Text {
		case httpwords.Wildcard:
			c.found.Mistake(it.At, "`except *` would take every origin away; remove the handler instead")
			continue
		case httpwords.NullOrigin:
			p.exceptNull = true
			if !p.any && p.null < 0 && !o.Unknown {
				c.found.Warn(it.At, "null is not allowed anyway; `except null` does nothing")
			}
			continue
		}
		pattern, err := origin.ParsePattern(it.Text)
		if err != nil {
			c.found.Mistake(it.At, "%v", err)
			continue
		}
		if p.except == nil {
			p.except = origin.NewSet(len(o.Except))
		}
		if _, twice := p.except.Get(pattern); twice {
			c.found.Warn(it.At, "%s is listed twice", it.Text)
		}
		p.except.Add(pattern, 0)
		c.excepted = append(c.excepted, pattern)
		c.lintExcept(pattern, it)
	}
}

// anyOrigin finds out whether `*` makes the policy static.
func (c *compiler) anyOrigin() {
	p := c.policy
	if !p.any {
		return
	}
	p.static = p.except == nil && !p.exceptNull && len(c.options.For) == 0 && !p.keep
	if p.enforceWebSockets {
		return // an origin beside the `*` may open one
	}
	for _, e := range c.entries {
		if int(e.value) < len(c.options.For) {
			continue // it has permissions of its own
		}
		c.found.Warn(e.At, "`*` already allows every origin; %s adds nothing", e.Text)
	}
	for _, it := range c.options.Regexps {
		c.found.Warn(it.At, "`*` already allows every origin; origin_regexp %s adds nothing", origin.QuoteRegexp(it.Text))
	}
	if c.options.Sources > 0 {
		c.found.Warn(Location{Option: "origins_from"}, "`*` already allows every origin; origins_from adds nothing")
	}
}
