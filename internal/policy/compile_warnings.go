package policy

import (
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/origin"
)

// maxPairs bounds the warnings that compare every pattern with every wildcard:
// they are a courtesy, and a list of a million must still load at once.
const maxPairs = 1 << 20

// judgeFinding judges what was found out about an expression. It never gets a
// laxer answer than the equal pattern.
func (c *compiler) judgeFinding(f origin.Finding, it Item) {
	expr := origin.QuoteRegexp(it.Text)
	switch f.Kind {
	case origin.FoundDead:
		c.found.Mistake(it.At, "origin_regexp %s can match no origin that a browser sends: %s %s; %s", expr, f.Example, f.Problem, f.Cure)
	case origin.FoundStranger:
		switch {
		case c.credentials:
			c.found.Mistake(it.At, "origin_regexp %s also accepts %s, and with credentials that lets strangers read with your users' cookies; %s",
				expr, f.Example, f.Cure)
		case !c.accepts(dangerAnyRegexp):
			c.found.Mistake(it.At, "origin_regexp %s also accepts %s; %s, or add `dangerously_allow any_origin_regexp` if any site may read",
				expr, f.Example, f.Cure)
		}
	case origin.FoundTooLarge:
		switch {
		case c.credentials:
			c.found.Mistake(it.At, "origin_regexp %s is too large to be searched for strangers, so it cannot have credentials; %s", expr, f.Cure)
		case !c.accepts(dangerAnyRegexp):
			c.found.Mistake(it.At, "origin_regexp %s is too large to be searched for strangers; %s, or add `dangerously_allow any_origin_regexp` if any site may read",
				expr, f.Cure)
		}
	case origin.FoundLookalike:
		if c.credentials {
			c.found.Mistake(it.At, "origin_regexp %s also accepts %s, a name that a stranger can register and then read with your users' cookies; write %s",
				expr, f.Example, origin.QuoteRegexp(f.Mended))
			return
		}
		c.found.Warn(it.At, "origin_regexp %s also accepts %s, a name that a stranger can register; write %s", expr, f.Example, origin.QuoteRegexp(f.Mended))
	case origin.FoundShared:
		switch {
		case c.accepts(dangerPublicSuffixes):
		case c.credentials:
			c.found.Mistake(it.At, "origin_regexp %s also accepts %s, and %s is a public suffix (its subdomains belong to strangers), which with credentials lets them read with your users' cookies; "+
				"use a domain of your own, or add `dangerously_allow public_suffixes`", expr, f.Example, f.Suffix)
		default:
			c.found.Warn(it.At, "origin_regexp %s also accepts %s, and %s is a public suffix, where a stranger can take that name", expr, f.Example, f.Suffix)
		}
	case origin.FoundDeadBranch:
		c.found.Warn(it.At, "in origin_regexp %s the part %s can match no origin: it %s; %s", expr, origin.QuoteRegexp(f.Part), f.Problem, f.Cure)
	}
}

// lintAllExcepted warns of a policy that takes away whatever it allows.
func (c *compiler) lintAllExcepted() {
	o, p := c.options, c.policy
	if len(c.entries) == 0 || p.except == nil || p.any || p.null >= 0 && !p.exceptNull || o.Unknown ||
		len(p.regexps) > 0 || o.Sources > 0 || len(c.excepted)*len(c.entries) > maxPairs {
		return
	}
	for _, allowed := range c.patterns() {
		if !slices.ContainsFunc(c.excepted, func(taken origin.Pattern) bool { return taken.Covers(allowed) }) {
			return
		}
	}
	c.found.Warn(Location{Option: "except"}, "except takes away every origin that is allowed here, so this handler can never help a page; remove one of the two")
}

// lintExcept warns of an exception to nothing.
func (c *compiler) lintExcept(p origin.Pattern, it Item) {
	if c.policy.any || c.options.Unknown || len(c.policy.regexps) > 0 || c.options.Sources > 0 || len(c.entries) > maxPairs/64 {
		return
	}
	for _, allowed := range c.patterns() {
		if allowed.Overlaps(p) {
			return
		}
	}
	c.found.Warn(it.At, "nothing here allows %s, so excepting it does nothing", it.Text)
}

// lintOrigins warns of origins that load but smell.
func (c *compiler) lintOrigins() {
	if c.policy.any {
		return
	}
	c.lintCovered()
	c.lintMixed()
}

// lintCovered warns of an origin that a wildcard allows already.
func (c *compiler) lintCovered() {
	if len(c.wide) == 0 || len(c.wide)*len(c.entries) > maxPairs {
		return
	}
	patterns := c.patterns()
	for i, e := range c.entries {
		for _, w := range c.wide {
			if w != i && e.value == c.entries[w].value && patterns[w].Covers(patterns[i]) {
				c.found.Warn(e.At, "%s is already covered by %s", e.Text, c.entries[w].Text)
				break
			}
		}
	}
}

// patterns returns those of the entries. They are parsed again where somebody
// wants them, and not kept for everybody, as there may be a million.
func (c *compiler) patterns() []origin.Pattern {
	if c.parsed == nil {
		c.parsed = make([]origin.Pattern, len(c.entries))
		for i, e := range c.entries {
			c.parsed[i], _ = origin.ParsePattern(e.Text)
		}
	}
	return c.parsed
}

// lintMixed warns of plain http origins in a list that otherwise uses https.
func (c *compiler) lintMixed() {
	if c.allowed[dangerInsecure] != nil || !c.https || c.credentials {
		return
	}
	for _, it := range c.insecure {
		c.found.Warn(it.At, "%s stands beside https origins: anybody on the network path can write a plain http page and read through it; use https",
			strings.TrimSpace(it.Text))
	}
}
