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
	if len(Words(c.Origins)) == 0 && len(c.OriginRegexp) == 0 && len(c.For) == 0 && len(c.OriginsFrom) == 0 &&
		!slices.Contains(Words(c.Enforce), "requests") {
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
	if word == "null" || word == anonymous {
		if !c.accepts("null_origin") || credentials {
			return "null"
		}
		return ""
	}
	p, ok := ReadPattern(word)
	switch {
	case !ok || !IsSent(p):
		return "no origin: " + word
	case p.inLabel && isICANN(p.domain()):
		return "a dot is missing: " + word
	case credentials && p.Scheme == "http" && !IsLoopback(p.Host) && !c.accepts("insecure_origins"):
		return "insecure: " + word
	case credentials && IsOverPublicSuffix(p) && !c.accepts("public_suffixes"):
		return "public suffix: " + word
	}
	return ""
}

// IsSent reports whether a browser could send it: no page has the origin of a socket or of FTP, nor a host that looks
// like punycode and is none.
func IsSent(p Pattern) bool {
	if slices.Contains([]string{"ws", "wss", "ftp"}, p.Scheme) {
		return false
	}
	host := p.Host
	if p.inLabel { // the `*` may make punycode of what is none
		host = p.domain()
	}
	profile := idna.New(idna.MapForLookup(), idna.Transitional(false), idna.BidiRule(), idna.CheckHyphens(false), idna.StrictDomainName(false))
	ascii, err := profile.ToASCII(host)
	return !strings.Contains(host, "xn--") || err == nil && ascii == host
}

// domain is what stands behind the first label.
func (p Pattern) domain() string {
	_, domain, _ := strings.Cut(strings.TrimSuffix(p.Host, "."), ".")
	return domain
}

// isICANN reports whether names directly below a domain are registered.
func isICANN(domain string) bool {
	suffix, icann := publicsuffix.PublicSuffix("0." + domain)
	return icann && (suffix == domain || suffix == "0."+domain)
}

// suffixBelow are public suffixes below which, and beside which, somebody has a
// domain of their own. The list cannot be asked for all of them.
var suffixBelow = []string{"s3.amazonaws.com", "blob.core.windows.net", "cloudapp.azure.com"}

// hasSuffixBelow reports whether some names below a domain are public suffixes.
func hasSuffixBelow(domain string) bool {
	return slices.ContainsFunc(suffixBelow, func(suffix string) bool { return strings.HasSuffix(suffix, "."+domain) })
}

// IsOverPublicSuffix reports whether a wildcard stands over a public suffix: names in place of the wildcard belong to strangers. The
// list's last rule, that any unknown top-level name is a suffix, does not count.
func IsOverPublicSuffix(p Pattern) bool {
	base := strings.TrimSuffix(p.Host, ".")
	switch {
	case p.inLabel:
		base = p.domain()
	case !p.oneLabel && !p.anyDepth:
		return false
	case p.anyDepth && hasSuffixBelow(base):
		return true
	}
	suffix, icann := publicsuffix.PublicSuffix("0." + base)
	return suffix == "0."+base || suffix == base && (icann || strings.Contains(base, "."))
}

func (c *Config) exceptMistake() string {
	for _, word := range Words(c.Except) {
		if p, ok := ReadPattern(word); word != "null" && (!ok || !IsSent(p) || p.inLabel && isICANN(p.domain())) {
			return "except " + word
		}
	}
	return ""
}

// strangers have registered names where people do; lookalikes chose one that reads
// like example.com's.
var (
	strangers = []string{
		"https://a.invalid", "http://a.invalid", "https://a.b.invalid:8443", "https://evil-a.example.invalid", "https://stranger.com", "https://stranger.net",
		"https://stranger.co.uk", "https://www.stranger.org", "https://stranger.io",
	}
	lookalikes = []string{"https://appxexample.com", "https://evilexample.com"}
)

// expressions are separated by white space, wherever that comes from.
func (c *Config) expressions() []string { return strings.Fields(strings.Join(c.OriginRegexp, " ")) }

// regexpMistake tries origins of strangers.
func (c *Config) regexpMistake() string {
	for _, value := range c.OriginRegexp {
		if len(strings.Fields(value)) == 0 {
			return "an empty expression"
		}
	}
	for _, expr := range c.expressions() {
		if _, err := regexp.Compile(expr); err != nil {
			return "expression " + expr
		}
		credentials := c.grant(c.Rights).credentials
		for _, stranger := range strangers {
			if (credentials || !c.accepts("any_origin_regexp")) && matchesWhole(expr, stranger) {
				return "open expression " + expr
			}
		}
		for _, lookalike := range lookalikes {
			if credentials && matchesWhole(expr, lookalike) {
				return "an expression for lookalikes " + expr
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
		if name != "*" && (!isListableName(name) || isSetByBrowsers(name) || isOfAnswers(name)) {
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
	return IsToken(name) && !strings.Contains(name, "*") && len(name) <= 128 && !SameName(name, "none")
}

// isOfAnswers: what only answers carry, nobody needs to send.
func isOfAnswers(name string) bool {
	const answers = "access-control-allow-origin access-control-allow-credentials access-control-allow-methods access-control-allow-headers " +
		"access-control-max-age access-control-expose-headers"
	return slices.Contains(strings.Fields(answers), Lower(name))
}

// isSetByBrowsers: Fetch, forbidden request-header, without method overrides.
func isSetByBrowsers(name string) bool {
	const forbidden = "accept-charset accept-encoding access-control-request-headers access-control-request-method connection " +
		"content-length cookie cookie2 date dnt expect host keep-alive origin referer set-cookie te trailer transfer-encoding upgrade via"
	lower := Lower(name)
	return strings.HasPrefix(lower, "sec-") || strings.HasPrefix(lower, "proxy-") || slices.Contains(strings.Fields(forbidden), lower)
}

// isNeverReadable: what browsers hide from pages, what only requests have, and what
// only the answers to preflights have, which no page sees.
func isNeverReadable(name string) bool {
	const never = "set-cookie set-cookie2 accept-charset access-control-request-headers access-control-request-method " +
		"cookie cookie2 dnt expect host origin referer te access-control-allow-methods access-control-allow-headers access-control-max-age"
	return slices.Contains(strings.Fields(never), Lower(name))
}
