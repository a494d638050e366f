package origin

import (
	"strings"
	"testing"
)

func TestParsePattern(t *testing.T) {
	for value, want := range map[string]Pattern{
		"https://example.com":           {"https", "example.com", "", Exact, false, "", ""},
		"https://example.com:8443":      {"https", "example.com", "8443", Exact, false, "", ""},
		"https://*.example.com":         {"https", "example.com", "", OneLabel, false, "", ""},
		"https://**.example.com":        {"https", "example.com", "", AnyDepth, false, "", ""},
		"https://*.example.com:8443":    {"https", "example.com", "8443", OneLabel, false, "", ""},
		"https://**.example.com:*":      {"https", "example.com", "", AnyDepth, true, "", ""},
		"http://localhost:*":            {"http", "localhost", "", Exact, true, "", ""},
		"http://*.localhost:*":          {"http", "localhost", "", OneLabel, true, "", ""},
		"http://[::1]:*":                {"http", "[::1]", "", Exact, true, "", ""},
		"http://127.0.0.1:*":            {"http", "127.0.0.1", "", Exact, true, "", ""},
		"https://*.example.com.":        {"https", "example.com.", "", OneLabel, false, "", ""},
		"https://*.com":                 {"https", "com", "", OneLabel, false, "", ""},
		"https://*.1a":                  {"https", "1a", "", OneLabel, false, "", ""},
		"app://*.obsidian.md":           {"app", "obsidian.md", "", OneLabel, false, "", ""},
		"https://xn--80ak6aa92e.com":    {"https", "xn--80ak6aa92e.com", "", Exact, false, "", ""},
		"https://r3---sn-apo3.a":        {"https", "r3---sn-apo3.a", "", Exact, false, "", ""},
		"https://**." + longestHost[4:]: {"https", longestHost[4:], "", AnyDepth, false, "", ""},
		"https://*." + longestHost[2:]:  {"https", longestHost[2:], "", OneLabel, false, "", ""},
	} {
		if want.IsExact() {
			want.raw = value
		}
		got, err := ParsePattern(value)
		if err != nil || got != want {
			t.Errorf("ParsePattern(%q) = %+v, %v, want %+v", value, got, err, want)
		}
		if got.String() != value {
			t.Errorf("ParsePattern(%q).String() = %q", value, got)
		}
	}
}

// TestPatterns has one row for each rule of what a pattern matches, in the
// vocabulary of the vectors. Definition and set must agree on every one.
func TestPatterns(t *testing.T) {
	for _, test := range []struct {
		patterns string // separated by spaces
		allowed  string
		refused  string
	}{
		{
			"https://example.com", "https://example.com",
			"http://example.com ws://example.com https://example.com.evil.com https://example.comevil.com " +
				"https://example.com-evil.com https://example.com_evil.com https://evilexample.com https://evil-example.com " +
				"https://sub.example.com https://www.example.com https://example.com. https://examp1e.com https://example.com:8443",
		},
		{"https://example.com.", "https://example.com.", "https://example.com"},
		{
			"https://deploy-*--shop.example.com", "https://deploy-42--shop.example.com https://deploy----shop.example.com",
			"https://deploy---shop.example.com https://deploy-a.b--shop.example.com https://deploy-1--shop.example.com.evil.example " +
				"https://deploy-1--shop.example.com:8443 https://deploy-1--shopxexample.com https://deploy-a_b--shop.example.com " +
				"https://x.deploy-1--shop.example.com http://deploy-1--shop.example.com https://deploy-1--shop.example.com.",
		},
		{"https://*-shop.example.com:* https://pr-*.example.com:8443", "https://a-shop.example.com:1 https://pr-9.example.com:8443", "https://-shop.example.com https://pr-9.example.com"},
		{"https://example.com:8443", "https://example.com:8443", "https://example.com https://example.com:844"},
		{"http://127.0.0.1", "http://127.0.0.1", "http://127.0.0.1.evil.com http://127.0.0.1:8080"},
		{"http://[::1]", "http://[::1]", "http://[::2] http://[::1]:8080"},
		{"https://foo.com https://bar.com", "https://foo.com https://bar.com", "https://barfoo.com https://foobar.com https://foo.bar.com"},
		{"https://bat https://cat https://hat https://meerkat", "https://bat https://meerkat", "https://hazmat https://at https://kat https://mat"},
		{
			"http://localhost:*", "http://localhost http://localhost:1 http://localhost:65535",
			"https://localhost:3000 http://localhost.evil.com:3000 http://a.localhost http://localhost.:3000 http://evillocalhost:1",
		},
		{"http://[::1]:*", "http://[::1] http://[::1]:8080", "http://[::2]:8080"},
		{
			"https://*.example.com", "https://a.example.com https://1.example.com https://xn--80ak6aa92e.example.com https://a-b.example.com",
			"https://a.b.example.com https://example.com https://a.example.com. https://a.example.com:8443 http://a.example.com " +
				"https://a.example.com.evil.com https://aexample.com https://a.example.co https://a.evilexample.com",
		},
		{
			"https://**.example.com", "https://a.example.com https://a.b.c.d.example.com https://" + longestLabel + "." + longestLabel + ".example.com",
			"https://example.com https://a.example.com.evil.com https://a.example.com. https://a.evilexample.com https://a.example.com:8443",
		},
		{"https://**.example.com:*", "https://a.example.com https://a.b.example.com:8443", "https://evil.com:8443 https://example.com:8443 http://a.example.com"},
		{"https://*.example.com:8443", "https://a.example.com:8443", "https://a.example.com https://a.b.example.com:8443"},
		{"https://*.example.com.", "https://a.example.com.", "https://a.example.com"},
		{"https://**.example.com https://example.com", "https://example.com https://a.example.com", "https://evilexample.com"},
		{"https://**.foo.com https://**.bar.com", "https://a.foo.com", "https://a.barfoo.com https://a.b.com"},
		{"https://**.foo.com https://bar.com", "https://bar.com", "https://a.bar.com https://foo.com"},
		{"https://**.a.example.com https://b.example.com", "https://x.a.example.com", "https://x.example.com https://a.example.com https://x.b.example.com"},
		{"https://**.com https://**.a.b.com:8443", "https://x.com https://x.a.b.com:8443", "https://x.b.com:8443 https://com"},
	} {
		set := build(t, strings.Fields(test.patterns), 0)
		for want, origins := range map[bool]string{true: test.allowed, false: test.refused} {
			for origin := range strings.FieldsSeq(origins) {
				o, ok := Parse(origin)
				if !ok {
					t.Fatalf("Parse(%q) refuses", origin)
				}
				matches := false
				for value := range strings.FieldsSeq(test.patterns) {
					p, _ := ParsePattern(value)
					matches = matches || p.Matches(o)
				}
				if _, found := set.Lookup(o); found != want || matches != want {
					t.Errorf("%s: %s: Lookup = %v, Matches = %v, want %v", test.patterns, origin, found, matches, want)
				}
			}
		}
	}
}

func TestPublicSuffix(t *testing.T) {
	for value, want := range map[string]string{
		"https://*.github.io": "github.io", "https://**.co.uk": "co.uk", "https://*.com": "com", "https://**.com:*": "com",
		"https://*.github.io.": "github.io", "https://*.xn--p1ai": "xn--p1ai", "https://*.vercel.app": "vercel.app",
		"https://*.ck": "ck", "https://**.kobe.jp": "kobe.jp",
		"https://*.example.com": "", "https://**.me.github.io": "", "https://*.localhost": "", "https://*.internal": "",
		"https://*.lan": "", "https://*.corp.internal": "", "https://github.io": "", "https://com": "", "https://github.io:*": "",
		"https://*-shop.netlify.app": "netlify.app", "https://a-*.github.io:*": "github.io", "https://*.home.arpa": "",
		"https://*-a.example.com": "", "http://dev-*.localhost": "", "http://dev-*.test": "", "https://a-*.home.arpa": "",
		"https://*.city.kobe.jp": "", "https://*.www.ck": "",
	} {
		p, err := ParsePattern(value)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := p.PublicSuffix(); got != want || ok != (want != "") {
			t.Errorf("%s: PublicSuffix() = %q, %v, want %q", value, got, ok, want)
		}
	}
}

// TestCovers compares Covers with what it stands for, over all origins of a
// small world that is large enough to tell every two patterns apart: hosts of
// four labels, and of five where a pattern's own host has three already.
func TestCovers(t *testing.T) {
	r := random(t)
	names, ports := hosts(4, "a", "b", "ab", "aab", "aba", "a_b", "abb", "aa", "ba", "bb", "bab", "abab"), []string{"", ":1", ":2"}
	world := origins(t, names, ports)
	small := len(world)
	for range 1_000 {
		p, q := randomPattern(r), randomPattern(r)
		world = append(world[:small], origins(t, []string{"a.a." + p.Host, "a.a." + q.Host}, ports)...)
		if p.Scheme != q.Scheme {
			if p.Covers(q) {
				t.Fatalf("%s covers %s", p, q)
			}
			continue
		}
		p.Scheme, q.Scheme = "https", "https"
		want := true
		for _, o := range world {
			want = want && (!q.Matches(o) || p.Matches(o))
		}
		if got := p.Covers(q); got != want {
			t.Fatalf("%s covers %s: %v, want %v", p, q, got, want)
		}
		common := false
		for _, o := range world {
			common = common || q.Matches(o) && p.Matches(o)
		}
		if got := p.Overlaps(q); got != common {
			t.Fatalf("%s overlaps %s: %v, want %v", p, q, got, common)
		}
	}
}

// origins returns the https origins of every host at every port.
func origins(t *testing.T, hosts, ports []string) []Origin {
	t.Helper()
	all := make([]Origin, 0, len(hosts)*len(ports))
	for _, host := range hosts {
		for _, port := range ports {
			o, ok := Parse("https://" + host + port)
			if !ok {
				t.Fatalf("%q does not parse", host+port)
			}
			all = append(all, o)
		}
	}
	return all
}

// hosts returns all hosts of up to depth of the labels.
func hosts(depth int, labels ...string) []string {
	all, last := make([]string, 0, 1024), []string{""}
	for range depth {
		next := make([]string, 0, len(last)*len(labels))
		for _, front := range labels {
			for _, rest := range last {
				next = append(next, strings.TrimSuffix(front+"."+rest, "."))
			}
		}
		all, last = append(all, next...), next
	}
	return all
}
