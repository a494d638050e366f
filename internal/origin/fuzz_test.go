package origin

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// FuzzParse: what parses is canonical, and other parsers agree on its parts.
func FuzzParse(f *testing.F) {
	for _, hint := range hints {
		f.Add(hint.value)
	}
	for _, seed := range []string{
		"https://example.com:8443", "http://[2001:db8::1]:8080", "http://127.0.0.1", "https://example.com.", longestOne,
		"https://a_b.-c-.1a", "chrome-extension://abcdefghijklmnopabcdefghijklmnop", "http://[::ffff:102:304]",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		o, ok := Parse(s)
		if !ok {
			if o != (Origin{}) {
				t.Fatalf("a refusal leaves %+v behind", o)
			}
			return
		}
		joined, colonPort := o.Scheme()+"://"+o.Host(), ""
		if o.Port() != "" {
			colonPort = ":" + o.Port()
		}
		if o.Raw != s || joined+colonPort != s || len(s) > MaxLength {
			t.Fatalf("the parts are not the whole: %+v", o)
		}
		if strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f || 'A' <= r && r <= 'Z' }) {
			t.Fatalf("%q has a byte that no browser sends", s)
		}
		if strings.ContainsAny(o.Host()+o.Port(), `/\?#@%*,;`) {
			t.Fatalf("%q has a delimiter in its host", s)
		}
		u, err := url.Parse(s)
		if err != nil || u.Scheme != o.Scheme() || u.Host != o.Host()+colonPort || u.Port() != o.Port() || u.User != nil || o.Host() != "" && u.String() != s {
			t.Fatalf("%+v: net/url reads %+v, %v", o, u, err)
		}
		for _, longer := range []string{s + "/", s + ".", s + "..", s + ":", s + "?", s + " ", s + "\x00", " " + s, strings.ToUpper(s), s + "@a"} {
			if other, ok := Parse(longer); ok && (longer != s+"." || other.Host()+other.Port() == o.Host()+o.Port()) {
				t.Fatalf("%q parses as well as %q", longer, s)
			}
		}
		if _, err := ParsePattern(s); o.IsListable() != (err == nil) {
			t.Fatalf("IsListable() of %q is %v, and ParsePattern says %v", s, o.IsListable(), err)
		}
		if p, err := ParsePattern(s); err == nil && (!p.Matches(o) || p.String() != s) {
			t.Fatalf("the pattern %+v does not match %+v", p, o)
		}
	})
}

// FuzzParsePattern: a pattern round-trips; an error says something, and what it
// proposes is a pattern.
func FuzzParsePattern(f *testing.F) {
	for _, hint := range hints {
		f.Add(hint.value)
	}
	for _, seed := range []string{"https://**.example.com:*", "https://*.a.b.:8443", "https://a-*--b.example.com:*", "app://.", "file://", "https://xn--80ak6aa92e.com", "http://[::1]:*"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParsePattern(s)
		if err != nil {
			if p != (Pattern{}) {
				t.Fatalf("an error leaves %+v behind", p)
			}
			checkMistake(t, s, err)
			if m, _ := errors.AsType[*mistake](err); m != nil && m.problem == vague {
				t.Fatalf("%q: no check finds what is wrong: %v", s, err)
			}
			return
		}
		if p.String() != s {
			t.Fatalf("%q reads as %+v, which is written %q", s, p, p)
		}
		if !p.Covers(p) {
			t.Fatalf("%s does not cover itself", p)
		}
		p.PublicSuffix()
		p.IsLoopback()
		set := NewSet(0)
		set.Add(p, 7)
		example := p.Scheme + "://" + strings.ReplaceAll(p.Depth.String(), "*", "a") + p.Host
		if p.Depth == InLabel {
			example = p.Scheme + "://" + strings.Replace(p.Label, "*", "a", 1) + "." + p.Host
		}
		if p.Port != "" {
			example += ":" + p.Port
		}
		o, ok := Parse(example)
		if !ok && p.Depth == AnyDepth { // "aa." may be one byte too long where "a." is not
			o, ok = Parse(strings.Replace(example, "//aa.", "//a.", 1))
		}
		if v, found := set.Lookup(o); !ok || !found || v != 7 || !p.Matches(o) {
			t.Fatalf("%s does not match its example %s (%v)", p, example, ok)
		}
	})
}

// FuzzRegexp: no expression breaks the search, and what it finds is a stranger.
func FuzzRegexp(f *testing.F) {
	for _, seed := range []string{
		`.*`, `https://.*\.example\.com`, `^https://(a|b)\.invalid$`, `a)|(b`, `\Qa`, `(?i)HTTPS://\w+\.INVALID`, `https://\b.+\B`,
		`https://app.example.com`, `.*example\.com`, `https://.*\.com|b`, `https://[a-z-]+--b\.netlify\.app`,
		`[^:]+://[^:]+:\d{5}`, `(?m)^https?://a$`, `/x/i`, `https://a\.invalid\.?(:[1-9]\d*)?`, `\z|https://.*\z`, `(https://)?.*`,
		`https://[ab]+\.com`, `https://(?:x[yz]){2,}\.com|c`, `https://a?a?a?[ab]?[a|b]\.com`, `https://(1||\Q|\E2[|])\.com`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, expr string) {
		if len(expr) > 60 {
			return // keeps one execution short, not the search right
		}
		r, err := CompileRegexp(expr)
		if err != nil {
			if err.Error() == "" {
				t.Fatal("an error without a message")
			}
			return
		}
		checkStranger(t, r)
		findings := r.Audit()
		checkFindings(t, r, findings)
		for _, live := range []string{"https://a", "http://[::1]", "http://127.0.0.1:1", "app://.", "app://", "https://a.b:8443"} {
			if o, _ := Parse(live); r.Match(o) && len(findings) > 0 && findings[0].Kind == FoundDead {
				t.Fatalf("%s matches %s, and counts as dead: %+v", expr, live, findings)
			}
		}
		for _, open := range []string{"https://qzj.com", "https://qzj.co.uk", "https://qzj.github.io"} {
			every := regexp.MustCompile("q|z|j") // a literal name is nobody's but the writer's
			if o, _ := Parse(open); r.Match(o) && !every.MatchString(expr) && !strings.Contains(expr, `\`) && len(findings) == 0 {
				t.Fatalf("%s accepts %s, and the audit finds nothing", expr, open)
			}
		}
		if r.String() != expr {
			t.Fatalf("%q is written %q", expr, r)
		}
		alike, err := regexp.Compile(spread(r.whole.String()))
		if err != nil {
			t.Fatalf("%s cannot be spread: %v", expr, err)
		}
		counted := 0
		for n := range maxLabel {
			text := "https://" + strings.Repeat("a", n+1) + ".com"
			if r.whole.MatchString(text) != alike.MatchString(text) {
				t.Fatalf("%s means something else when it is spread", expr)
			}
			if r.whole.MatchString(text) {
				counted++
			}
		}
		if counted > max(minNames, len(expr)) && len(findings) == 0 {
			t.Fatalf("%s accepts %d names, and the audit finds nothing", expr, counted)
		}
		for _, witness := range []string{"https://a.invalid", "https://x-1.invalid:8443", "http://invalid.invalid."} {
			o, _ := Parse(witness)
			if _, found := r.Stranger(); r.Match(o) && !found {
				t.Fatalf("%s accepts %s, and the search finds nothing", expr, witness)
			}
		}
	})
}
