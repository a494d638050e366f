package policy

import (
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/origin"
)

// maxPairs bounds the warnings that compare every pattern with every httpwords.Wildcard:
// they are a courtesy, and a list of a million must still load at once.
const maxPairs = 1 << 20

// checkNeighbour warns of an expression that lets in a domain that anybody can
// register.
func (c *compiler) checkNeighbour(re *origin.Regexp, it Item) {
	neighbour, found := re.Neighbour()
	if !found {
		return
	}
	harm := ""
	if c.credentials {
		harm = ", which could then read with your users' cookies"
	}
	c.found.Warn(it.At, "origin_regexp %q also accepts %s, a domain that a stranger can register%s; "+
		`put a dot in front of your own: (.+\.)?example\.com, not .*example\.com`, it.Text, neighbour, harm)
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
		if allowed.Covers(p) || p.Covers(allowed) {
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

// lintCovered warns of an origin that a httpwords.Wildcard allows already.
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
