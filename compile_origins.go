package cors

import (
	"slices"

	"github.com/caddy-cors/caddy-cors/internal/origin"
)

// addFors compiles the origins that have rights of their own. Their values are
// smaller than the policy's, so that the first `for` that matches wins.
func (c *compiler) addFors() {
	for _, f := range c.options.fors {
		if len(f.origins) == 0 && !c.options.unknown {
			c.found.mistake(f.from, "this `for` names no origin; write the origins that have rights of their own behind it")
		}
		c.credentials = f.rights.inherit(c.options.rights).withCredentials()
		for i := range f.origins {
			if it := &f.origins[i]; it.text == wildcard {
				c.found.mistake(it.from, "`for *` would be for everybody; write the rights in the policy itself, and `origins *`")
			} else {
				c.add(it)
			}
		}
		c.forValue++
	}
	c.credentials = c.options.rights.withCredentials()
}

func (c *compiler) addOrigins() {
	o := c.options
	if len(o.origins) == 0 && len(o.regexps) == 0 && len(o.fors) == 0 && o.sources == 0 && !o.unknown {
		c.found.mistake(source{option: "origins"}, "no origin is allowed, so this handler can never help a page; "+
			"list one, e.g. `origins https://app.example.com`, or write `origins *` to let any page read (without credentials)")
	}
	c.entries = slices.Grow(c.entries, len(o.origins))
	for i := range o.origins {
		c.add(&o.origins[i])
	}
}

// add compiles one entry with the rights that c is at.
func (c *compiler) add(it *item) {
	switch it.text {
	case wildcard:
		c.addAny(*it)
	case nullOrigin:
		c.addNull(*it)
	default:
		c.addOrigin(it)
	}
}

func (c *compiler) addAny(it item) {
	if c.policy.any {
		c.found.warn(it.from, "`*` is listed twice")
		return
	}
	c.policy.any = true
	if c.credentials {
		c.found.mistake(it.from, "`*` with credentials would let every site on the web read with your users' cookies, and browsers refuse it; "+
			"list the origins that need credentials, or drop credentials")
	}
}

func (c *compiler) addNull(it item) {
	if c.policy.null >= 0 {
		c.found.warn(it.from, "null is listed twice")
		return
	}
	c.policy.null = int(c.forValue)
	if !c.accepts(dangerNullOrigin) {
		c.found.mistake(it.from, "%q is the origin of every sandboxed frame, file: and data: page on the web, so allowing it allows any attacker; "+
			"if you need it, add `dangerously_allow null_origin`", nullOrigin)
		return
	}
	if c.credentials {
		c.found.mistake(it.from, "null with credentials lets any web page (through a sandboxed frame) read with your users' cookies; drop one of the two")
	}
}

func (c *compiler) addOrigin(it *item) {
	p, err := origin.ParsePattern(it.text)
	if err != nil {
		c.found.mistake(it.from, "%v", err)
		return
	}
	if !c.policy.origins.Add(p, c.forValue) {
		c.listedTwice(p, *it)
		return
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
// a `for` gives other rights.
func (c *compiler) listedTwice(p origin.Pattern, it item) {
	if len(c.options.fors) == 0 {
		c.found.warn(it.from, "%s is listed twice", it.text)
		return
	}
	switch first, _ := c.policy.origins.Get(p); {
	case first == c.forValue:
		c.found.warn(it.from, "%s is listed twice", it.text)
	case int(c.forValue) < len(c.options.fors):
		c.found.warn(it.from, "%s stands in an earlier `for`, which decides; it adds nothing here", it.text)
	}
}

func (c *compiler) checkInsecure(it item) {
	if !c.credentials || c.accepts(dangerInsecure) {
		return
	}
	c.found.mistake(it.from, "%s with credentials: anybody on the network path can write a plain http page and read with your users' cookies; "+
		"use https, or add `dangerously_allow insecure_origins`", it.text)
}

func (c *compiler) checkPublicSuffix(p origin.Pattern, it item) {
	suffix, ok := p.PublicSuffix()
	if !ok || c.accepts(dangerPublicSuffixes) {
		return
	}
	if c.credentials {
		c.found.mistake(it.from, "%s is a public suffix (its subdomains belong to strangers), so %s with credentials lets them read with your users' cookies; "+
			"name your own subdomain, or add `dangerously_allow public_suffixes`", suffix, it.text)
		return
	}
	c.found.warn(it.from, "%s is a public suffix: %s allows every site below it", suffix, it.text)
}

func (c *compiler) addRegexps() {
	o := c.options
	for _, it := range o.regexps {
		re, err := origin.CompileRegexp(it.text)
		if err != nil {
			c.found.mistake(it.from, "%v", err)
			continue
		}
		c.policy.regexps = append(c.policy.regexps, re)
		stranger, found := re.Stranger()
		if !found {
			c.checkNeighbour(re, it)
			continue
		}
		switch {
		case c.credentials:
			c.found.mistake(it.from, "origin_regexp %q also accepts %s, and with credentials that lets strangers read with your users' cookies; "+
				"end it with your own domain", it.text, stranger)
		case !c.accepts(dangerAnyRegexp):
			c.found.mistake(it.from, "origin_regexp %q also accepts %s; end it with your own domain, "+
				"or add `dangerously_allow any_origin_regexp` if any site may read", it.text, stranger)
		}
	}
	// Which origins an expression or a source allows is not known in advance,
	// so plain http ones are left out per request unless they were asked for.
	rules := &c.policy.sourceRules
	rules.credentials = c.credentials
	if (len(o.regexps) > 0 || o.sources > 0) && c.credentials {
		rules.insecure = c.accepts(dangerInsecure)
	}
	if o.sources > 0 {
		rules.publicSuffixes = c.accepts(dangerPublicSuffixes)
	}
}

func (c *compiler) addExcept() {
	o, p := c.options, c.policy
	for _, it := range o.except {
		switch it.text {
		case wildcard:
			c.found.mistake(it.from, "`except *` would take every origin away; remove the handler instead")
			continue
		case nullOrigin:
			p.exceptNull = true
			if !p.any && p.null < 0 && !o.unknown {
				c.found.warn(it.from, "null is not allowed anyway; `except null` does nothing")
			}
			continue
		}
		pattern, err := origin.ParsePattern(it.text)
		if err != nil {
			c.found.mistake(it.from, "%v", err)
			continue
		}
		if p.except == nil {
			p.except = origin.NewSet(len(o.except))
		}
		if _, twice := p.except.Get(pattern); twice {
			c.found.warn(it.from, "%s is listed twice", it.text)
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
	p.static = p.except == nil && !p.exceptNull && len(c.options.fors) == 0
	for _, e := range c.entries {
		if int(e.value) < len(c.options.fors) {
			continue // it has rights of its own
		}
		c.found.warn(e.from, "`*` already allows every origin; %s adds nothing", e.text)
	}
	for _, it := range c.options.regexps {
		c.found.warn(it.from, "`*` already allows every origin; origin_regexp %q adds nothing", it.text)
	}
	if c.options.sources > 0 {
		c.found.warn(source{option: "origins_from"}, "`*` already allows every origin; origins_from adds nothing")
	}
}
