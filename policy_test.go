package cors

import (
	"net/http"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/corstest"
)

// policyOf compiles the lines of a block.
func policyOf(t testing.TB, lines string) *policy {
	t.Helper()
	return testHandlerOf(t, "cors {\n"+lines+"\n}").policy
}

// preflightFrom is a preflight from an origin; names are the lines of
// Access-Control-Request-Headers.
func preflightFrom(o, method string, names ...string) request {
	return request{method: "OPTIONS", origin: []string{o}, requestMethod: []string{method}, requestHeaders: names}
}

func TestDecideOrigin(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lines   string
		origin  string
		want    string // Access-Control-Allow-Origin
		verdict verdict
		reason  reason
	}{
		{"origins https://a.example", "https://a.example", "https://a.example", verdictAllowed, reasonNone},
		{"origins https://a.example", "https://b.example", "", verdictRefused, reasonOriginNotAllowed},
		{"origins https://a.example", "https://a.example/", "", verdictRefused, reasonOriginMalformed},
		{"origins https://a.example", "null", "", verdictRefused, reasonOriginNotAllowed},
		{"origins *", "https://a.example", "*", verdictAllowed, reasonNone},
		{"origins *", "null", "*", verdictAllowed, reasonNone},
		{"origins *\nexcept https://a.example", "https://a.example", "", verdictRefused, reasonOriginNotAllowed},
		{"origins *\nexcept https://a.example", "https://b.example", "*", verdictAllowed, reasonNone},
		{"origins *\nexcept https://a.example", "null", "*", verdictAllowed, reasonNone},
		{"origins *\nexcept null", "null", "", verdictRefused, reasonOriginNotAllowed},
		{"origins *\nexcept null", "rubbish", "", verdictRefused, reasonOriginMalformed},
		{"origins https://*.a.example\nexcept https://x.a.example", "https://x.a.example", "", verdictRefused, reasonOriginNotAllowed},
		{"origins https://*.a.example\nexcept https://x.a.example", "https://y.a.example", "https://y.a.example", verdictAllowed, reasonNone},
		{"origins https://a.example null\ndangerously_allow null_origin", "null", "null", verdictAllowed, reasonNone},
		{"origins https://a.example null\ndangerously_allow null_origin\nexcept null", "null", "", verdictRefused, reasonOriginNotAllowed},
		{"origin_regexp https://[ab]\\.example|https://c\\.example", "https://b.example", "https://b.example", verdictAllowed, reasonNone},
		{"origin_regexp https://[ab]\\.example|https://c\\.example", "https://b.example.evil.example", "", verdictRefused, reasonOriginNotAllowed},
		{"origin_regexp https://[ab]\\.example|https://c\\.example", "https://evil.example?https://c.example", "", verdictRefused, reasonOriginMalformed},
		{"origin_regexp https?://[ab]\\.example", "http://a.example", "http://a.example", verdictAllowed, reasonNone},
		{"origin_regexp https?://[ab]\\.example\ncredentials", "http://a.example", "", verdictRefused, reasonOriginNotAllowed},
		{"origin_regexp https?://[ab]\\.example\ncredentials\ndangerously_allow insecure_origins", "http://a.example", "http://a.example", verdictAllowed, reasonNone},
		{"origin_regexp https?://localhost:\\d+\ncredentials", "http://localhost:3000", "http://localhost:3000", verdictAllowed, reasonNone},
		{"origin_regexp .*\ndangerously_allow any_origin_regexp", "null", "", verdictRefused, reasonOriginNotAllowed},
	} {
		r := getFrom(c.origin)
		d := policyOf(t, c.lines).decide(&r)
		if d.kind != kindActual || d.allowOrigin != c.want || d.verdict != c.verdict || d.reason != c.reason {
			t.Errorf("%q, %s: got %q, %s, %q", c.lines, c.origin, d.allowOrigin, d.verdict, d.reason)
		}
		r = preflightFrom(c.origin, "PUT")
		if p := policyOf(t, c.lines).decide(&r); p.kind != kindPreflight || p.allowOrigin != c.want || p.verdict != c.verdict || p.reason != c.reason {
			t.Errorf("preflight: %q, %s: got %q, %s, %q", c.lines, c.origin, p.allowOrigin, p.verdict, p.reason)
		}
	}
}

func TestDecidePreflight(t *testing.T) {
	t.Parallel()
	const a = "https://a.example"
	long := strings.Repeat("x", 64<<10)
	for _, c := range []struct {
		lines   string
		request request
		methods string
		headers string
		reason  reason
	}{
		{"", preflightFrom(a, "PUT", "x-a"), "GET,HEAD,POST,PUT,PATCH,DELETE", "*,Authorization", reasonNone},
		{"", preflightFrom(a, "PURGE"), "GET,HEAD,POST,PUT,PATCH,DELETE", "*,Authorization", reasonMethodNotAllowed},
		{"methods none\nheaders none", preflightFrom(a, "POST"), "", "", reasonNone},
		{"methods none\nheaders none", preflightFrom(a, "PUT", "x-a"), "", "", reasonMethodNotAllowed},
		{"methods none\nheaders none", preflightFrom(a, "GET", "x-a"), "", "", reasonHeaderNotAllowed},
		{"methods PATCH", preflightFrom(a, "patch"), "PATCH", "*,Authorization", reasonMethodNotAllowed},
		{"methods *", preflightFrom(a, "PURGE"), "*", "*,Authorization", reasonNone},
		{"methods *\ncredentials", preflightFrom(a, "PURGE"), "PURGE", "", reasonNone},
		{"methods *", preflightFrom(a, "TRACE"), "", "*,Authorization", reasonMethodNotAllowed},
		{"methods *\ncredentials", preflightFrom(a, "connect"), "", "", reasonMethodNotAllowed},
		{"methods *\ncredentials", preflightFrom(a, "P UT"), "", "", reasonMethodNotAllowed},
		{"methods *\ncredentials", preflightFrom(a, long), "", "", reasonMethodNotAllowed},
		{"methods *", request{method: "OPTIONS", origin: []string{a}, requestMethod: []string{"PUT", "GET"}}, "", "*,Authorization", reasonMethodNotAllowed},
		{"credentials", preflightFrom(a, "GET", "x-a,authorization"), "GET,HEAD,POST,PUT,PATCH,DELETE", "x-a,authorization", reasonNone},
		{"credentials\nheaders *", preflightFrom(a, "GET", "x-a,authorization"), "GET,HEAD,POST,PUT,PATCH,DELETE", "x-a", reasonHeaderNotAllowed},
		{"credentials\nheaders *", preflightFrom(a, "GET", "*,x-a"), "GET,HEAD,POST,PUT,PATCH,DELETE", "x-a", reasonHeaderNotAllowed},
		{"credentials\nheaders *", preflightFrom(a, "GET", " X-A ,, x b", "\tx-c"), "GET,HEAD,POST,PUT,PATCH,DELETE", "X-A,x-c", reasonHeadersMalformed},
		{"headers *", preflightFrom(a, "GET", "authorization"), "GET,HEAD,POST,PUT,PATCH,DELETE", "*", reasonHeaderNotAllowed},
		{"headers X-A X-B", preflightFrom(a, "GET", "X-b, x-A"), "GET,HEAD,POST,PUT,PATCH,DELETE", "X-A,X-B", reasonNone},
		{"headers X-A", preflightFrom(a, "GET", "x-aa"), "GET,HEAD,POST,PUT,PATCH,DELETE", "X-A", reasonHeaderNotAllowed},
		{"headers X-A", preflightFrom(a, "GET", strings.Repeat(",", maxEmptyElements-1)+"x-a"), "GET,HEAD,POST,PUT,PATCH,DELETE", "X-A", reasonNone},
		{"headers X-A", preflightFrom(a, "GET", "x-a"+strings.Repeat(",", maxEmptyElements+1)), "GET,HEAD,POST,PUT,PATCH,DELETE", "", reasonHeadersMalformed},
		{"headers X-A", preflightFrom(a, "GET", "x-a"+strings.Repeat(" ", maxRequestHeadersLength)), "GET,HEAD,POST,PUT,PATCH,DELETE", "", reasonHeadersMalformed},
		{"credentials", preflightFrom(a, "GET", long), "GET,HEAD,POST,PUT,PATCH,DELETE", "", reasonHeadersMalformed},
		{"credentials", preflightFrom(a, "GET", strings.Split(strings.Repeat("a ", 3000), " ")...), "GET,HEAD,POST,PUT,PATCH,DELETE", "", reasonHeadersMalformed},
	} {
		d := policyOf(t, "origins https://a.example\n"+c.lines).decide(&c.request)
		verdict := verdictAllowed
		if c.reason != reasonNone {
			verdict = verdictRefused
		}
		if d.allowOrigin != a || d.allowMethods != c.methods || d.allowHeaders != c.headers || d.verdict != verdict || d.reason != c.reason {
			t.Errorf("%q, %.80q: got methods %q, headers %q, %s, %q", c.lines, c.request.requestHeaders, d.allowMethods, d.allowHeaders, d.verdict, d.reason)
		}
	}
}

// TestFor: rights per origin, the first that matches; what is not said is
// inherited.
func TestFor(t *testing.T) {
	t.Parallel()
	const lines = "origins *\nheaders X-A\nmax_age 10m\nexpose X-B\nexcept https://no.a.example\n" +
		"for https://a.example https://*.a.example {\ncredentials\nmethods PUT\n}\n" +
		"for https://x.a.example https://b.example {\nheaders none\nmax_age off\nexpose X-C\n}"
	p := policyOf(t, lines)
	if p.static {
		t.Error("a policy with a `for` depends on the origin")
	}
	for _, c := range []struct {
		origin, allowed, methods, headers, maxAge, expose string
		credentials                                       bool
	}{
		{"https://a.example", "https://a.example", "PUT", "X-A", "600", "X-B", true},
		{"https://x.a.example", "https://x.a.example", "PUT", "X-A", "600", "X-B", true},
		{"https://b.example", "*", "GET,HEAD,POST,PUT,PATCH,DELETE", "", "", "X-C", false},
		{"https://c.example", "*", "GET,HEAD,POST,PUT,PATCH,DELETE", "X-A", "600", "X-B", false},
		{"null", "*", "GET,HEAD,POST,PUT,PATCH,DELETE", "X-A", "600", "X-B", false},
		{"https://no.a.example", "", "", "", "", "", false},
	} {
		r := preflightFrom(c.origin, "PUT")
		d := p.decide(&r)
		if d.allowOrigin != c.allowed || d.allowMethods != c.methods || d.allowHeaders != c.headers {
			t.Errorf("%s: got %+v", c.origin, d)
		}
		if (d.grant != nil) != (c.allowed != "") || d.grant != nil &&
			(d.grant.credentials != c.credentials || d.grant.maxAge != c.maxAge || d.grant.expose != c.expose) {
			t.Errorf("%s: got %+v", c.origin, d.grant)
		}
	}
	srv := corstest.Site(t, "cors {\n"+lines+"\n}\nrespond hello")
	res := corstest.Ask(t, "GET", srv.URL, corstest.From("https://a.example"))
	corstest.WantHeader(t, res.Header, headerAllowOrigin, "https://a.example")
	corstest.WantHeader(t, res.Header, headerAllowCredentials, "true")
	corstest.WantVary(t, res.Header, "Origin")
	res = corstest.Ask(t, "GET", srv.URL, corstest.From(corstest.Evil))
	corstest.WantHeader(t, res.Header, headerAllowOrigin, "*")
	corstest.WantHeader(t, res.Header, headerAllowCredentials)
	corstest.WantVary(t, res.Header, "Origin")
	res = corstest.Ask(t, "GET", srv.URL)
	corstest.WantNothing(t, res.Header)
	corstest.WantVary(t, res.Header, "Origin")
}

// TestForMistakes: the rules hold for each `for` by itself.
func TestForMistakes(t *testing.T) {
	t.Parallel()
	for lines, want := range map[string]string{
		"for {\ncredentials\n}":                                                                                  "names no origin",
		"origins https://a.example\nfor * {\nmethods PUT\n}":                                                     "`for *` would be for everybody",
		"origins https://a.example\nfor http://b.example {\ncredentials\n}":                                      "http://b.example with credentials",
		"origins https://a.example\ncredentials\nfor http://b.example {\nmethods PUT\n}":                         "http://b.example with credentials",
		"origins https://a.example\nfor https://*.github.io {\ncredentials\n}":                                   "public suffix",
		"origins https://a.example\nfor null {\ncredentials\n}\ndangerously_allow null_origin":                   "null with credentials",
		"origins https://a.example\nfor https://b.example/ {\nmethods TRACE\n}":                                  "TRACE",
		"origins https://a.example\nfor https://b.example {\norigins https://c.example\n}":                       "outside of the `for`",
		"origins https://a.example\nfor https://b.example {\nmethods PUT\nmax_age 1m\nmax_age 2m\n}":             "max_age is given twice (lines 6 and 7)",
		"origins https://a.example\nfor https://b.example {\nmethds PUT\n}":                                      "did you mean methods?",
		"origins https://a.example\nmethods GET PUT\nfor https://b.example {\nmethods\n}\nfor https://c.example": "methods needs at least one value",
	} {
		_, err := corstest.Adapt("http:// {\ncors {\n" + lines + "\n}\n}\n")
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), ", at Caddyfile:") {
			t.Errorf("%q: %v, want %q", lines, err, want)
		}
	}
	// Without credentials of its own, an origin under a policy with them.
	p := policyOf(t, "origins https://a.example\ncredentials\nfor http://b.example {\ncredentials false\n}")
	r := getFrom("http://b.example")
	if d := p.decide(&r); d.grant == nil || d.grant.credentials {
		t.Errorf("got %+v", d)
	}
}

// TestSameOrigin: the site's own pages are no strangers, whatever the policy.
func TestSameOrigin(t *testing.T) {
	t.Parallel()
	p := policyOf(t, "origins https://a.example")
	for _, c := range []struct {
		host, origin, fetchSite string
		want                    verdict
	}{
		{"b.example", "https://b.example", "", verdictSameOrigin},
		{"b.example:443", "https://b.example", "", verdictSameOrigin},
		{"B.example:8443", "https://b.example:8443", "", verdictSameOrigin},
		{"b.example", "http://b.example", "", verdictSameOrigin},
		{"b.example:80", "https://b.example", "", verdictRefused},
		{"b.example", "https://b.example:8443", "", verdictRefused},
		{"b.example:8443", "https://b.example", "", verdictRefused},
		{"b.example", "https://c.example", "", verdictRefused},
		{"b.example", "https://c.example", "same-origin", verdictSameOrigin},
		{"b.example", "https://c.example", "same-site", verdictRefused},
		{"b.example", "null", "", verdictRefused},
		{"[::1]:3000", "http://[::1]:3000", "", verdictSameOrigin},
		{"b.example", "https://a.example", "same-origin", verdictAllowed},
	} {
		r := getFrom(c.origin)
		r.host = c.host
		if c.fetchSite != "" {
			r.header = http.Header{headerSecFetchSite: {c.fetchSite}}
		}
		if d := p.decide(&r); d.verdict != c.want || d.verdict == verdictSameOrigin && (d.reason != reasonNone || d.allowOrigin != "") {
			t.Errorf("%+v: got %s, %q, %q", c, d.verdict, d.reason, d.allowOrigin)
		}
	}
}

// TestDecisionDoesNotAllocate, but for a list of names that must be tidied.
func TestDecisionDoesNotAllocate(t *testing.T) {
	p := policyOf(t, "origins https://a.example https://*.b.example\ncredentials\nmethods *")
	for name, c := range map[string]struct {
		request request
		most    float64
	}{
		"no origin":           {request{method: "GET"}, 0},
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
		var d decision
		if n := testing.AllocsPerRun(100, func() { d = p.decide(&c.request) }); n > c.most {
			t.Errorf("%s: %v allocations, want at most %v (%s)", name, n, c.most, d.verdict)
		}
	}
}

// TestOutcome: every decision has a number of its own, from which placeholders
// and metrics find the words again.
func TestOutcome(t *testing.T) {
	t.Parallel()
	seen := make(map[int]decision)
	for _, k := range []kind{kindNone, kindActual, kindPreflight} {
		decisions := []decision{{judgment: judgment{kind: k, verdict: verdictAllowed}}}
		if k == kindNone {
			decisions = []decision{{}}
		}
		if k == kindActual {
			decisions = append(decisions, decision{judgment: judgment{kind: k, verdict: verdictSameOrigin}})
		}
		for r := reasonOriginNotAllowed; k != kindNone && int(r) < numReasons; r++ {
			decisions = append(decisions, decision{judgment: judgment{kind: k, verdict: verdictRefused, reason: r}})
		}
		for _, d := range decisions {
			n := d.outcome()
			if other, twice := seen[n]; twice || n >= numOutcomes {
				t.Errorf("%+v and %+v have the number %d", d, other, n)
			}
			seen[n] = d
			if verdictOf(n) != d.verdict || reasonOf(n) != d.reason {
				t.Errorf("%d: got %s, %q; want %s, %q", n, verdictOf(n), reasonOf(n), d.verdict, d.reason)
			}
		}
	}
	if len(seen) != 1+8+7 {
		t.Errorf("%d outcomes", len(seen))
	}
}

// TestNone: the word is read in any case of letters, and never as a name.
func TestNone(t *testing.T) {
	t.Parallel()
	const a = "https://a.example"
	for _, none := range []string{"none", "None", "NONE"} {
		r := preflightFrom(a, "PUT", "x-a")
		d := policyOf(t, "origins "+a+"\nmethods "+none+"\nheaders "+none).decide(&r)
		if d.verdict != verdictRefused || d.allowMethods != "" || d.allowHeaders != "" {
			t.Errorf("%s: got %s with methods %q and headers %q", none, d.verdict, d.allowMethods, d.allowHeaders)
		}
	}
}

// TestWarnsOfLeaks: what lets strangers in, or keeps everybody out, does not
// load in silence.
func TestWarnsOfLeaks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		h    *Handler
		want string // in a warning; "" where there must be none
	}{
		{&Handler{OriginRegexp: []string{`https://.*example\.com`}}, "https://evilxexample.com"},
		{&Handler{OriginRegexp: []string{`https://.*example\.com`}, Rights: Rights{Credentials: new(true)}}, "your users' cookies"},
		{&Handler{OriginRegexp: []string{`https://(.+\.)?example\.com`}}, ""},
		{&Handler{Origins: []string{"https://a.example"}, Except: []string{"https://a.example"}}, "every origin that is allowed"},
		{&Handler{Origins: []string{"https://*.a.example"}, Except: []string{"https://**.a.example"}}, "every origin that is allowed"},
		{&Handler{Origins: []string{"https://*.a.example"}, Except: []string{"https://x.a.example"}}, ""},
		{&Handler{Origins: []string{"http://b.example", "https://a.example"}}, "http://b.example stands beside https origins"},
		{&Handler{Origins: []string{"http://b.example", "http://localhost:3000"}}, ""},
		{&Handler{Origins: []string{"http://localhost:3000", "https://a.example"}}, ""},
		{&Handler{Origins: []string{"https://*.a.example", "https://x.a.example"}}, "https://x.a.example is already covered by https://*.a.example"},
	} {
		o, found := c.h.options(expand)
		p, compiling := compile(&o)
		if found = append(found, compiling...); p == nil {
			t.Fatalf("%v does not load: %v", c.h.OriginRegexp, found.err())
		}
		var all []string
		for _, w := range found.warnings() {
			all = append(all, w.text)
		}
		if said := strings.Join(all, "\n"); c.want == "" && said != "" || !strings.Contains(said, c.want) {
			t.Errorf("%v %v except %v: got %q, want %q", c.h.Origins, c.h.OriginRegexp, c.h.Except, said, c.want)
		}
	}
}

// getFrom is a GET from an origin.
func getFrom(o string) request {
	return request{method: http.MethodGet, origin: []string{o}}
}
