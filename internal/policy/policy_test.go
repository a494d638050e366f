package policy

import (
	"strings"
	"testing"
)

func TestDecideOrigin(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lines   string
		origin  string
		want    string // Access-Control-Allow-Origin
		verdict Verdict
		reason  Reason
	}{
		{"origins https://a.example", "https://a.example", "https://a.example", VerdictAllowed, ReasonNone},
		{"origins https://a.example", "https://b.example", "", VerdictRefused, ReasonOriginNotAllowed},
		{"origins https://a.example", "https://a.example/", "", VerdictRefused, ReasonOriginMalformed},
		{"origins https://a.example", "null", "", VerdictRefused, ReasonOriginNotAllowed},
		{"origins *", "https://a.example", "*", VerdictAllowed, ReasonNone},
		{"origins *", "null", "*", VerdictAllowed, ReasonNone},
		{"origins *\nexcept https://a.example", "https://a.example", "", VerdictRefused, ReasonOriginNotAllowed},
		{"origins *\nexcept https://a.example", "https://b.example", "*", VerdictAllowed, ReasonNone},
		{"origins *\nexcept https://a.example", "null", "*", VerdictAllowed, ReasonNone},
		{"origins *\nexcept null", "null", "", VerdictRefused, ReasonOriginNotAllowed},
		{"origins *\nexcept null", "rubbish", "", VerdictRefused, ReasonOriginMalformed},
		{"origins https://*.a.example\nexcept https://x.a.example", "https://x.a.example", "", VerdictRefused, ReasonOriginNotAllowed},
		{"origins https://*.a.example\nexcept https://x.a.example", "https://y.a.example", "https://y.a.example", VerdictAllowed, ReasonNone},
		{"origins https://a.example null\ndangerously_allow null_origin", "null", "null", VerdictAllowed, ReasonNone},
		{"origins https://a.example null\ndangerously_allow null_origin\nexcept null", "null", "", VerdictRefused, ReasonOriginNotAllowed},
		{"origin_regexp https://[ab]\\.example|https://c\\.example", "https://b.example", "https://b.example", VerdictAllowed, ReasonNone},
		{"origin_regexp https://[ab]\\.example|https://c\\.example", "https://b.example.evil.example", "", VerdictRefused, ReasonOriginNotAllowed},
		{"origin_regexp https://[ab]\\.example|https://c\\.example", "https://evil.example?https://c.example", "", VerdictRefused, ReasonOriginMalformed},
		{"origin_regexp https?://[ab]\\.example", "http://a.example", "http://a.example", VerdictAllowed, ReasonNone},
		{"origin_regexp https?://[ab]\\.example\ncredentials", "http://a.example", "", VerdictRefused, ReasonOriginNotAllowed},
		{"origin_regexp https?://[ab]\\.example\ncredentials\ndangerously_allow insecure_origins", "http://a.example", "http://a.example", VerdictAllowed, ReasonNone},
		{"origin_regexp https?://localhost:\\d+\ncredentials", "http://localhost:3000", "http://localhost:3000", VerdictAllowed, ReasonNone},
		{"origin_regexp .*\ndangerously_allow any_origin_regexp", "null", "", VerdictRefused, ReasonOriginNotAllowed},
	} {
		r := getFrom(c.origin)
		d := policyOf(t, c.lines).decide(&r)
		if d.Kind != KindActual || d.AllowOrigin != c.want || d.Verdict != c.verdict || d.Reason != c.reason {
			t.Errorf("%q, %s: got %q, %s, %q", c.lines, c.origin, d.AllowOrigin, d.Verdict, d.Reason)
		}
		r = preflightFrom(c.origin, "PUT")
		if p := policyOf(t, c.lines).decide(&r); p.Kind != KindPreflight || p.AllowOrigin != c.want || p.Verdict != c.verdict || p.Reason != c.reason {
			t.Errorf("preflight: %q, %s: got %q, %s, %q", c.lines, c.origin, p.AllowOrigin, p.Verdict, p.Reason)
		}
	}
}

// TestDecisionDoesNotAllocate, but for a list of names that must be tidied.
func TestDecisionDoesNotAllocate(t *testing.T) {
	p := policyOf(t, "origins https://a.example https://*.b.example\ncredentials\nmethods *")
	for name, c := range map[string]struct {
		request Request
		most    float64
	}{
		"no origin":           {Request{Method: "GET"}, 0},
		"allowed":             {getFrom("https://a.example"), 0},
		"wildcard":            {getFrom("https://x.b.example"), 0},
		"refused":             {getFrom("https://c.example"), 0},
		"malformed":           {getFrom(strings.Repeat("https://", 10000)), 0},
		"preflight":           {preflightFrom("https://a.example", "PURGE", "authorization,x-a"), 0},
		"preflight, untidy":   {preflightFrom("https://a.example", "PUT", "x-a, x-b"), 1},
		"a million commas":    {preflightFrom("https://a.example", "PUT", strings.Repeat(",", 1<<20)), 0},
		"a million spaces":    {preflightFrom("https://a.example", "PUT", strings.Repeat(" ", 1<<20)), 0},
		"a thousand of lines": {preflightFrom("https://a.example", "PUT", make([]string, 1000)...), 0},
	} {
		var d Decision
		if n := testing.AllocsPerRun(100, func() { d = p.decide(&c.request) }); n > c.most {
			t.Errorf("%s: %v allocations, want at most %v (%s)", name, n, c.most, d.Verdict)
		}
	}
}
