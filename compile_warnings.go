package cors

import (
	"slices"
	"strings"

	"github.com/caddy-cors/caddy-cors/internal/origin"
)

// maxPairs bounds the warnings that compare every pattern with every wildcard:
// they are a courtesy, and a list of a million must still load at once.
const maxPairs = 1 << 20

// checkNeighbour warns of an expression that lets in a domain that anybody can
// register.
func (c *compiler) checkNeighbour(re *origin.Regexp, it item) {
	neighbour, found := re.Neighbour()
	if !found {
		return
	}
	harm := ""
	if c.credentials {
		harm = ", which could then read with your users' cookies"
	}
	c.found.warn(it.from, "origin_regexp %q also accepts %s, a domain that a stranger can register%s; "+
		`put a dot in front of your own: (.+\.)?example\.com, not .*example\.com`, it.text, neighbour, harm)
}

// lintAllExcepted warns of a policy that takes away whatever it allows.
func (c *compiler) lintAllExcepted() {
	o, p := c.options, c.policy
	if len(c.entries) == 0 || p.except == nil || p.any || p.null >= 0 && !p.exceptNull || o.unknown ||
		len(p.regexps) > 0 || o.sources > 0 || len(c.excepted)*len(c.entries) > maxPairs {
		return
	}
	for _, e := range c.entries {
		if !slices.ContainsFunc(c.excepted, func(taken origin.Pattern) bool { return taken.Covers(e.pattern) }) {
			return
		}
	}
	c.found.warn(source{option: "except"}, "except takes away every origin that is allowed here, so this handler can never help a page; remove one of the two")
}

// lintExcept warns of an exception to nothing.
func (c *compiler) lintExcept(p origin.Pattern, it item) {
	if c.policy.any || c.options.unknown || len(c.policy.regexps) > 0 || c.options.sources > 0 || len(c.entries) > maxPairs/64 {
		return
	}
	for _, e := range c.entries {
		if e.pattern.Covers(p) || p.Covers(e.pattern) {
			return
		}
	}
	c.found.warn(it.from, "nothing here allows %s, so excepting it does nothing", it.text)
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
	var wide []*entry
	for i := range c.entries {
		e := &c.entries[i]
		if e.pattern.Depth == origin.Exact && !e.pattern.AnyPort {
			continue
		}
		wide = append(wide, e)
		if len(wide)*len(c.entries) > maxPairs {
			return
		}
	}
	if len(wide) == 0 {
		return
	}
	for _, e := range c.entries {
		for _, w := range wide {
			if e.value == w.value && e.pattern != w.pattern && w.pattern.Covers(e.pattern) {
				c.found.warn(e.from.from, "%s is already covered by %s", e.from.text, w.from.text)
				break
			}
		}
	}
}

// lintMixed warns of plain http origins in a list that otherwise uses https.
func (c *compiler) lintMixed() {
	if c.allowed[dangerInsecure] != nil {
		return
	}
	https := false
	for _, e := range c.entries {
		https = https || e.pattern.Scheme == "https"
	}
	if !https {
		return
	}
	for _, e := range c.entries {
		if isInsecure(e.pattern.Scheme, e.pattern.IsLoopback()) && !c.credentials {
			c.found.warn(e.from.from, "%s stands beside https origins: anybody on the network path can write a plain http page and read through it; use https",
				strings.TrimSpace(e.from.text))
		}
	}
}
