package oracle

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// Mistake names the first rule of the contract that forbids a configuration,
// or is empty. What it says about expressions is only a part: it tries samples.
func (c *Config) Mistake() string {
	if len(Words(c.Origins)) == 0 && len(c.OriginRegexp) == 0 && len(c.For) == 0 && len(c.OriginsFrom) == 0 {
		return "no origin"
	}
	for _, check := range []func() string{c.emptyMistake, c.optionMistake, c.originMistake, c.forMistake, c.exceptMistake, c.regexpMistake} {
		if m := check(); m != "" {
			return m
		}
	}
	return c.rightsMistake(c.Rights)
}

// emptyMistake: a value of nothing is most often a variable that is not set.
func (c *Config) emptyMistake() string {
	values := slices.Concat(c.Origins, c.Except, c.Methods, c.Headers, c.Expose, c.Enforce, c.DangerouslyAllow)
	for _, f := range c.For {
		values = slices.Concat(values, f.Origins, f.Methods, f.Headers, f.Expose)
	}
	for _, value := range values {
		if len(Words([]string{value})) == 0 {
			return "an empty value"
		}
	}
	return ""
}

func (c *Config) optionMistake() string {
	for _, word := range Words(c.DangerouslyAllow) {
		if !slices.Contains([]string{"null_origin", "insecure_origins", "public_suffixes", "any_origin_regexp"}, word) {
			return "danger " + word
		}
	}
	for _, word := range Words(c.Enforce) {
		if word != "requests" && word != "websockets" {
			return "enforce " + word
		}
	}
	switch {
	case !slices.Contains([]string{"", "answer", "forward"}, c.Preflight):
		return "preflight"
	case !slices.Contains([]string{"", "override", "keep"}, c.Upstream):
		return "upstream"
	case c.PreflightStatus != 0 && (c.PreflightStatus < 200 || c.PreflightStatus > 299):
		return "preflight_status"
	}
	return ""
}

func (c *Config) originMistake() string {
	listed := c.listedBefore(len(c.For))
	for _, word := range Words(c.Origins) {
		if word == "*" && c.grant(c.Rights).credentials {
			return "* with credentials"
		}
		if m := c.entryMistake(word, c.Rights, listed); m != "" && word != "*" {
			return m
		}
	}
	return ""
}

func (c *Config) forMistake() string {
	for i, f := range c.For {
		if len(Words(f.Origins)) == 0 {
			return "for nobody"
		}
		rights, listed := f.inherit(c.Rights), c.listedBefore(i)
		for _, word := range Words(f.Origins) {
			if m := c.entryMistake(word, rights, listed); m != "" {
				return m
			}
		}
		if m := c.rightsMistake(rights); m != "" {
			return m
		}
	}
	return ""
}

// listedBefore returns what the first n `for` list: it has its rights from them.
func (c *Config) listedBefore(n int) (listed []string) {
	for _, f := range c.For[:n] {
		listed = append(listed, Words(f.Origins)...)
	}
	return listed
}

// entryMistake judges one entry of a list that allows.
func (c *Config) entryMistake(word string, rights Rights, listed []string) string {
	credentials := c.grant(rights).credentials && !slices.Contains(listed, word)
	if word == "null" {
		if !c.accepts("null_origin") || credentials {
			return "null"
		}
		return ""
	}
	p, ok := ReadPattern(word)
	switch {
	case !ok || !IsSent(p):
		return "no origin: " + word
	case credentials && p.Scheme == "http" && !IsLoopback(p.Host) && !c.accepts("insecure_origins"):
		return "insecure: " + word
	case credentials && IsOverPublicSuffix(p) && !c.accepts("public_suffixes"):
		return "public suffix: " + word
	}
	return ""
}

// IsSent: no page has the origin of a socket or of FTP, nor a host that looks
// like punycode and is none.
func IsSent(p Pattern) bool {
	if slices.Contains([]string{"ws", "wss", "ftp"}, p.Scheme) {
		return false
	}
	profile := idna.New(idna.MapForLookup(), idna.Transitional(false), idna.BidiRule(), idna.CheckHyphens(false), idna.StrictDomainName(false))
	ascii, err := profile.ToASCII(p.Host)
	return !strings.Contains(p.Host, "xn--") || err == nil && ascii == p.Host
}

// IsOverPublicSuffix: names in place of the wildcard belong to strangers. The
// list's last rule, that any unknown top-level name is a suffix, does not count.
func IsOverPublicSuffix(p Pattern) bool {
	if !p.oneLabel && !p.anyDepth {
		return false
	}
	base := strings.TrimSuffix(p.Host, ".")
	suffix, icann := publicsuffix.PublicSuffix("0." + base)
	return suffix == "0."+base || suffix == base && (icann || strings.Contains(base, "."))
}

func (c *Config) exceptMistake() string {
	for _, word := range Words(c.Except) {
		if p, ok := ReadPattern(word); word != "null" && (!ok || !IsSent(p)) {
			return "except " + word
		}
	}
	return ""
}

// regexpMistake tries origins of strangers.
func (c *Config) regexpMistake() string {
	for _, expr := range c.OriginRegexp {
		if _, err := regexp.Compile(expr); err != nil || expr == "" {
			return "expression " + expr
		}
		for _, stranger := range []string{"https://a.invalid", "http://a.invalid", "https://a.b.invalid:8443", "https://evil-a.example.invalid"} {
			open := !c.accepts("any_origin_regexp") || c.grant(c.Rights).credentials
			if open && matchesWhole(expr, stranger) {
				return "open expression " + expr
			}
		}
	}
	return ""
}

func (c *Config) rightsMistake(r Rights) string {
	g := c.grant(r)
	for _, m := range g.methods {
		isWord := SameName(m, "all") || SameName(m, "any") || SameName(m, "none")
		if m != "*" && (!IsToken(m) || IsForbiddenMethod(m) || isWord || len(m) > 32) {
			return "method " + m
		}
	}
	for _, name := range g.headers {
		if name != "*" && (!isListableName(name) || isSetByBrowsers(name)) {
			return "header " + name
		}
	}
	for _, name := range g.expose {
		if name != "*" && (!isListableName(name) || isNeverReadable(name)) {
			return "expose " + name
		}
	}
	if r.MaxAge == "" {
		return ""
	}
	if d, err := time.ParseDuration(r.MaxAge); err != nil || d > 0 && d%time.Second != 0 {
		return "max_age " + r.MaxAge
	}
	return ""
}

func isListableName(name string) bool {
	return IsToken(name) && !strings.Contains(name, "*") && len(name) <= 128 && name != "none"
}

// isSetByBrowsers: Fetch, forbidden request-header, without method overrides.
func isSetByBrowsers(name string) bool {
	const forbidden = "accept-charset accept-encoding access-control-request-headers access-control-request-method connection " +
		"content-length cookie cookie2 date dnt expect host keep-alive origin referer set-cookie te trailer transfer-encoding upgrade via"
	lower := Lower(name)
	return strings.HasPrefix(lower, "sec-") || strings.HasPrefix(lower, "proxy-") || slices.Contains(strings.Fields(forbidden), lower)
}

// isNeverReadable: what browsers hide from pages, and what only requests have.
func isNeverReadable(name string) bool {
	const never = "set-cookie set-cookie2 accept-charset access-control-request-headers access-control-request-method " +
		"cookie cookie2 dnt expect host origin referer te"
	return slices.Contains(strings.Fields(never), Lower(name))
}
