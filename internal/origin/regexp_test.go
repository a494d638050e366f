package origin

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

func TestRegexpMatchesWhole(t *testing.T) {
	for _, test := range []struct {
		expr, origin string
		want         bool
	}{
		{`https://[a-z]+\.example\.com`, "https://a.example.com", true},
		{`https://[a-z]+\.example\.com`, "https://a.example.com.evil.com", false},
		{`https://[a-z]+\.example\.com`, "https://a.example.com:8443", false},
		{`^https://[a-z]+\.example\.com$`, "https://a.example.com", true},
		{`example\.com`, "https://example.com", false},
		{`https://a\.com|https://b\.com`, "https://b.com", true},
		{`https://a\.com|https://b\.com`, "https://a.com.evil.com", false},
		{`https://a\.com|https://b\.com`, "x-https://b.com", false},
		{`^https://a\.com|https://b\.com$`, "https://b.com", true},
		{`^https://a\.com|https://b\.com$`, "https://a.com.evil", false},
		{`(?i)https://A\.com`, "https://a.com", true},
		{`https://\Qa.com`, "https://a.com", true},
		{`https://\Qa.com`, "https://a.com)", false},
		{`https://\Qa.com\E(:\d+)?`, "https://a.com:8443", true},
		{`(?m)^https://a$`, "https://a", true},
		{`https://a#`, "https://a", false},
	} {
		r, err := CompileRegexp(test.expr)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Match(Origin{Raw: test.origin}); got != test.want {
			t.Errorf("%s matches %s: %v, want %v", r, test.origin, got, test.want)
		}
		if r.String() != test.expr {
			t.Errorf("%q.String() = %q", test.expr, r)
		}
	}
}

func TestRegexpErrors(t *testing.T) {
	for expr, want := range map[string]string{
		``:                        "is empty",
		`^https://([a-z]+$`:       "missing closing )",
		`a)|(b`:                   "unexpected )",
		`a\`:                      "trailing backslash",
		`https://(?!evil)`:        "no look-around",
		`(a)\1`:                   "no back-references",
		`https://[a-z`:            "missing closing ]",
		`*.example.com`:           "in front of it",
		`a{2000}`:                 "does not compile",
		`/^https:\/\/a\.com$/`:    "remove them",
		`/^https:\/\/a\.com$/gi`:  "remove them",
		strings.Repeat("(", 2000): "does not compile",
		"https://\xff":            "does not compile",
		`https://` + strings.Repeat("[a-z]{0,1000}", 60): "patterns like https://*.example.com",
		`\p{Nope}`:                 "does not compile",
		`((a{100}){100}){100}`:     "does not compile",
		`(?x)https://example\.com`: "does not compile",
	} {
		_, err := CompileRegexp(expr)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "expression ") {
			t.Errorf("CompileRegexp(%.60q): %.300v, want %q in it", expr, err, want)
		}
	}
}

func TestQuoteRegexp(t *testing.T) {
	for expr, want := range map[string]string{
		`https://a\.b`:   "`https://a\\.b`",
		`a"b`:            "`a\"b`",
		"a`b":            "a`b",
		"`ab":            "\"`ab\"",
		"a\x1b[31m\\.b":  `"a\x1b[31m\\.b"`,
		"a\u202eb":       `"a\u202eb"`,
		"a\u0085b":       `"a\u0085b"`,
		"a\xffb":         `"a\xffb"`,
		"a\nb":           `"a\nb"`,
		"https://\u00e9": "`https://\u00e9`",
	} {
		if got := QuoteRegexp(expr); got != want {
			t.Errorf("QuoteRegexp(%q) = %s, want %s", expr, got, want)
		}
	}
}

func TestStranger(t *testing.T) {
	for expr, want := range map[string]string{
		`.*`:                           "https://a.invalid",
		`(?s).*`:                       "https://a.invalid",
		`https://.*`:                   "https://a.invalid",
		`http://.*`:                    "http://a.invalid",
		`capacitor://.*`:               "capacitor://a.invalid",
		`https?://[^/]+`:               "https://a.invalid",
		`https://example\.com.*`:       "https://example.com.invalid",
		`https://.*\.invalid`:          "https://a.invalid",
		`https://.*example\.com.*`:     "https://example.com.invalid",
		`.+example\.com.+`:             "https://example.com.invalid",
		`https://.*\bexample\b.*`:      "https://example.invalid",
		`https://.*\Bexample\B.*`:      "https://aexamplea.invalid",
		`(?i)HTTPS://X\.INVALID`:       "https://x.invalid",
		`https://a\.invalid\.`:         "https://a.invalid.",
		`https://.*\.$`:                "https://a.invalid.",
		`https://a\.invalid:\d+`:       "https://a.invalid:1",
		`https://a\.invalid:\d{5}`:     "https://a.invalid:10000",
		`https://a\.invalid:[67]\d{4}`: "https://a.invalid:60000",
		`https://a\.invalid:(443|444)`: "https://a.invalid:444",
		`http://a\.invalid:443`:        "http://a.invalid:443",
		`https://x{63}\.invalid`:       "https://" + strings.Repeat("x", 63) + ".invalid",
		`https://(x{200}|a.)\.invalid`: "https://aa.invalid",
		`(https|file)://a\.invalid`:    "https://a.invalid",
		`[^:]{64}://a\.invalid`:        strings.Repeat("a", 64) + "://a.invalid",
		`(a://x{20}\.|b{25}://x\.)y{60}\.z{63}\.z{63}\.w{53}\.invalid`: "bbbbbbbbbbbbbbbbbbbbbbbbb://x." + strings.Repeat("y", 60) + "." + strings.Repeat(strings.Repeat("z", 63)+".", 2) + strings.Repeat("w", 53) + ".invalid",
		`https://(x{10}|y\.y)z{60}\.invalid`:                           "https://y.y" + strings.Repeat("z", 60) + ".invalid",
		`https://[a-z0-9.-]+\.(com|invalid)`:                           "https://a.invalid",
		`https://[^.]+\.[^.]+`:                                         "https://a.invalid",

		`https://.*\.example\.com`:                            "",
		`https://(a|b)\.example\.com`:                         "",
		`^https://[a-z0-9-]+\.preview\.example\.com$`:         "",
		`http://localhost:\d+`:                                "",
		`https://pr-\d+--site\.netlify\.app`:                  "",
		`https://a\.com|https://b\.com`:                       "",
		`https://invalid`:                                     "",
		`https://a\.xinvalid`:                                 "",
		`https://a\.invalid\.b`:                               "",
		`https://a\.invalidx`:                                 "",
		`https://\.invalid`:                                   "",
		`https://a\.invalid\.\.`:                              "",
		`https://a\.invalid:443`:                              "",
		`http://a\.invalid:80`:                                "",
		`https://a\.invalid:`:                                 "",
		`https://a\.invalid:0\d*`:                             "",
		`https://a\.invalid:\d{6,}`:                           "",
		`https://a\.invalid:6553[6-9]`:                        "",
		`https://a\.invalid:655[4-9]\d`:                       "",
		`https://a\.invalid/.*`:                               "",
		`file://.*`:                                           "",
		`javascript://.*`:                                     "",
		`HTTPS://.*`:                                          "",
		`https://[A-Z]+\.invalid`:                             "",
		`https://x{64}\.invalid`:                              "",
		`https://.{246}\.invalid`:                             "",
		`[^:]{65}://a\.invalid`:                               "",
		`https://.*a\bb.*`:                                    "",
		`https://.*a\B\.invalid`:                              "",
		`https://a\.invalid$.+`:                               "",
		`.+^https://a\.invalid`:                               "",
		`https://a(?m:$)\.invalid`:                            "",
		`https://münchen\.invalid`:                            "",
		`https://[^\x00-\x7f]+\.invalid`:                      "",
		`https://([a-z0-9-]+\.)*(example|test)\.(com|net|de)`: "",
	} {
		r, err := CompileRegexp(expr)
		if err != nil {
			t.Fatal(err)
		}
		got, found := r.Stranger()
		if got != want || found != (want != "") {
			t.Errorf("%s: Stranger() = %q, %v, want %q", expr, got, found, want)
		}
		checkStranger(t, r)
	}
}

func checkStranger(t *testing.T, r *Regexp) {
	t.Helper()
	got, found := r.Stranger()
	if !found || got == tooLarge {
		return
	}
	o, ok := Parse(got)
	host := strings.TrimSuffix(o.Host(), ".")
	if !ok || !strings.HasSuffix(host, ".invalid") || !r.Match(o) {
		t.Errorf("%s: Stranger() = %q, which is none", r, got)
	}
}

// TestStrangerFailsClosed: what cannot be searched counts as open.
func TestStrangerFailsClosed(t *testing.T) {
	t.Parallel()
	r, err := CompileRegexp(`https://([a-z.]{1,240}x){1,4}\.example\.com`)
	if err != nil {
		t.Fatal(err)
	}
	if got := (&audit{budget: 1000}).findStranger(r); got != tooLarge {
		t.Errorf("a search that did not end says %q", got)
	}
}

// TestShape compares the automaton with the parser that it stands for.
func TestShape(t *testing.T) {
	r := random(t)
	pieces := []string{
		"http", "https", "ws", "ftp", "file", "data", "a", "x+1", "://", ":", "/", ".", ".invalid", "invalid", ".invalid.", "inv",
		"a.b", "1", "0", "-", "_", ":80", ":443", ":21", ":8443", ":65535", ":65536", ":0", "é", "A", " ", strings.Repeat("a", 62),
	}
	accepted := 0
	for range 300_000 {
		text := pieces[r.IntN(8)] + pieces[8]
		for range 1 + r.IntN(5) {
			text += pieces[r.IntN(len(pieces))]
		}
		if r.IntN(10) == 0 {
			i := r.IntN(len(text))
			text = text[:i] + text[i+1:]
		}
		o, ok := Parse(text)
		want := ok && !o.IsAnonymous() && strings.HasSuffix(strings.TrimSuffix(o.Host(), "."), ".invalid")
		at := shape{}
		for i := range len(text) {
			at = at.next(text[i])
		}
		if got := at.accepts(); got != want && len(text) < 200 {
			t.Fatalf("the automaton accepts %q: %v, want %v", text, got, want)
		}
		if want {
			accepted++
		}
	}
	if accepted < 1000 {
		t.Errorf("only %d texts of the test were strangers", accepted)
	}
}

// TestStrangerAgreesWithSamples: when a random expression accepts one of many
// samples, the search must find a stranger too.
func TestStrangerAgreesWithSamples(t *testing.T) {
	r := random(t)
	var samples []Origin
	for _, scheme := range []string{"https", "http", "a"} {
		for _, host := range hosts(3, "a", "b", "invalid", "a-b") {
			for _, tail := range []string{".invalid", ".invalid.", ".invalid:1", ".invalid:80"} {
				if o, ok := Parse(scheme + "://" + host + tail); ok {
					samples = append(samples, o)
				}
			}
		}
	}
	open := 0
	for range 1_500 {
		expr := randomExpression(r, 3)
		if _, err := regexp.Compile(expr); err != nil {
			continue
		}
		re, err := CompileRegexp(expr)
		if err != nil {
			t.Fatal(err)
		}
		checkStranger(t, re)
		_, found := re.Stranger()
		for _, o := range samples {
			if re.Match(o) {
				open++
				if !found {
					t.Fatalf("%s accepts %s, and the search finds nothing", expr, o.Raw)
				}
				break
			}
		}
	}
	if open < 50 {
		t.Errorf("only %d expressions of the test were open", open)
	}
}

func randomExpression(r *rand.Rand, depth int) string {
	atoms := []string{
		"https://", "https?://", "a", "b", ".", `\.`, `\.invalid`, "inv", "alid", "[a-z]", "[^.]", `\w`, `\b`, `\B`, "^", "$",
		":", ":1", `:\d+`, "-", ".*", ".+", "(?i:A)", `\.?`,
	}
	if depth == 0 || r.IntN(3) == 0 {
		return atoms[r.IntN(len(atoms))]
	}
	parts := []string{"https://"}[:r.IntN(2)]
	for range 1 + r.IntN(4) {
		parts = append(parts, randomExpression(r, depth-1))
	}
	text := strings.Join(parts, "")
	switch r.IntN(8) {
	case 0:
		return "(" + text + "|" + randomExpression(r, depth-1) + ")"
	case 1:
		return "(" + text + ")*"
	case 2:
		return "(" + text + "){1,2}"
	case 3:
		return "(?:" + text + ")?"
	}
	return text
}
