package origin

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestAudit(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		expr  string
		kinds []FindingKind
		want  string // is in the first finding
	}{
		{`example\.com`, []FindingKind{FoundDead}, "has no scheme"},
		{`^app\.example\.com$`, []FindingKind{FoundDead}, "has no scheme"},
		{`^https://App\.example\.com$`, []FindingKind{FoundDead}, "has upper-case letters"},
		{`^HTTPS://app\.example\.com$`, []FindingKind{FoundDead}, "has upper-case letters"},
		{`^https://a\.example:443$`, []FindingKind{FoundDead}, "default port"},
		{`^http://a\.example:80$`, []FindingKind{FoundDead}, "default port"},
		{`^https://a\.example/$`, []FindingKind{FoundDead}, "ends with a slash"},
		{`https://.*\.example\.com/x`, []FindingKind{FoundDead}, "has a path"},
		{`^https://a\.example$,^https://b\.example$`, []FindingKind{FoundDead}, "with white space"},
		{`https://a\.example,https://b\.example`, []FindingKind{FoundDead}, "with white space"},
		{`^null$`, []FindingKind{FoundDead}, "null_origin"},
		{`file://.*`, []FindingKind{FoundDead}, "null_origin"},
		{`wss://a\.example`, []FindingKind{FoundDead}, "is a wss: address"},
		{`a^https://b\.example`, []FindingKind{FoundDead}, ""},
		{`https://a^b\.example`, []FindingKind{FoundDead}, "has an anchor"},
		{`https://é\.example`, []FindingKind{FoundDead}, "no text of ASCII"},
		{`https://[0-9]+`, []FindingKind{FoundDead}, ""},
		{`https://\d+\.\d+\.\d+`, []FindingKind{FoundDead}, ""},
		{`https://(\d+\.){3}0x[0-9a-f]+`, []FindingKind{FoundDead}, ""},
		{`https://[a-z]+\.0x`, []FindingKind{FoundDead}, ""},
		{`https://10\.0\.0\.256`, []FindingKind{FoundDead}, ""},
		{`https://10\.0\.0\.01`, []FindingKind{FoundDead}, ""},
		{`https://10\.0\.0\.1\.`, []FindingKind{FoundDead}, ""},
		{`https://[a-z]+\.\d+\.?`, []FindingKind{FoundDead}, ""},
		{`http://\[0:0:0:0:0:0:0:1\]:3000`, []FindingKind{FoundDead}, ""},

		{`^https?:\/\/([\da-z\.-]+)\.([a-z\.]{2,6})$`, []FindingKind{FoundStranger}, ""},
		{`https://.*\.com`, []FindingKind{FoundStranger}, "https://a.com"},
		{`.*\.com`, []FindingKind{FoundStranger}, "https://a.com"},
		{`https://.+\.(com|net|org)`, []FindingKind{FoundStranger}, "end it with your own domain"},
		{`https://[a-z0-9-]+\.github\.io`, []FindingKind{FoundStranger}, "github.io"},
		{`https://.*\.github\.io`, []FindingKind{FoundStranger}, "github.io"},
		{`https://[^.]+\.pizza`, []FindingKind{FoundStranger}, "pizza"},
		{`https://[^.]+\.co\.uk`, []FindingKind{FoundStranger}, "co.uk"},
		{`https://[^.]+\.com\.`, []FindingKind{FoundStranger}, "https://a.com."},
		{`https://[^.]+\.com:8443`, []FindingKind{FoundStranger}, "https://a.com:8443"},
		{`https://example\.[a-z]{2,3}`, []FindingKind{FoundStranger}, "https://example."},
		{`^https?://.+\.[a-z]{2,6}$`, []FindingKind{FoundStranger}, ""},
		{`https://shop-\d+\.com`, []FindingKind{FoundStranger}, "https://shop-0.com"},
		{`.*`, []FindingKind{FoundStranger}, "https://a.invalid"},

		{`https?://\d+\.\d+\.\d+\.\d+(:\d+)?`, []FindingKind{FoundStranger}, "https://5.7.7.7"},
		{`https://\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}:3000`, []FindingKind{FoundStranger}, ":3000"},
		{`https://\d{2}\.\d{3}\.\d\.\d{2}`, []FindingKind{FoundStranger}, ""},
		{`https?://[\d.:]+`, []FindingKind{FoundStranger}, "name the network"},
		{`http://1[0-9.]+`, []FindingKind{FoundStranger}, "http://1"},
		{`https://([\d.]+|[a-z]+\.example\.com)`, []FindingKind{FoundStranger}, ""},
		{`https?://\[[0-9a-f:]+\](:\d+)?`, []FindingKind{FoundStranger}, "https://["},

		{`chrome-extension://[a-z]{32}`, []FindingKind{FoundStranger}, "chrome-extension://aaaa"},
		{`chrome-extension://abcdefghijklmnop[a-p]{16}`, []FindingKind{FoundStranger}, "by itself"},
		{`moz-extension://[0-9a-f-]{36}`, []FindingKind{FoundStranger}, "Firefox"},
		{`(chrome|moz)-extension://.*`, []FindingKind{FoundStranger}, ""},
		{`safari-web-extension://[0-9A-Fa-f-]+`, []FindingKind{FoundStranger}, ""},
		{`capacitor://\w+`, []FindingKind{FoundStranger}, "capacitor://a"},
		{`app://[a-z]+:\d+`, []FindingKind{FoundStranger}, "app://a:"},
		{`https://a\.example|tauri://.+`, []FindingKind{FoundStranger}, "tauri://"},

		{`https://app.example.com`, []FindingKind{FoundLookalike}, `https://app\.example\.com`},
		{`https://app.example\.co\.uk`, []FindingKind{FoundLookalike}, `https://app\.example\.co\.uk`},
		{`https://example.co.uk`, []FindingKind{FoundLookalike}, `https://example\.co\.uk`},
		{`.*example\.com`, []FindingKind{FoundLookalike}, `(.*\.)?example\.com`},
		{`https://.+example\.com(:\d+)?`, []FindingKind{FoundLookalike}, `https://.+\.example\.com(:\d+)?`},
		{`https://[a-z.-]*example.com`, []FindingKind{FoundLookalike}, `https://([a-z.-]*\.)?example\.com`},
		{`https://([a-z]+)?example\.com`, []FindingKind{FoundLookalike}, `https://(([a-z]+)?\.)?example\.com`},
		{`https://my-shop.github.io`, []FindingKind{FoundLookalike}, `https://my-shop\.github\.io`},

		{`https://deploy-preview-\d+--shop\.netlify\.app`, []FindingKind{FoundShared}, "netlify.app"},
		{`https://.*-shop\.vercel\.app`, []FindingKind{FoundShared}, "vercel.app"},

		{`https://a\.example|b\.example`, []FindingKind{FoundDeadBranch}, `b\.example`},
		{`https://[0-9]+|https://a\.example`, []FindingKind{FoundDeadBranch}, "[0-9]+"},
		{`https://(a\.example|10\.[0-9]+)`, []FindingKind{FoundDeadBranch}, "10"},
		{`https://a\.example(:443|:8443)`, []FindingKind{FoundDeadBranch}, "default port"},
		{`(https|HTTPS)://a\.example`, []FindingKind{FoundDeadBranch}, "HTTPS"},
		{`(https?|ws)://[a-z]+\.com`, []FindingKind{FoundStranger, FoundDeadBranch}, ".com"},

		{`^https://(.+\.)?example\.com$`, nil, ""},
		{`https://(a|b)\.example\.com`, nil, ""},
		{`https://(example|test)\.(com|net|de)`, nil, ""},
		{`https://site(1|2|3)\.com`, nil, ""},
		{`https://([a-z]|\.)+x\.example\.com`, nil, ""},
		{`https://((a|\.)x)+\.example\.com`, nil, ""}, // a branch that needs the other
		{`http://localhost:\d+`, nil, ""},
		{`http://127\.0\.0\.1(:\d+)?`, nil, ""},
		{`http://\[::1\]:\d+`, nil, ""},
		{`http://192\.168\.\d+\.\d+:\d+`, nil, ""},
		{`http://10\.\d+\.\d+\.\d+`, nil, ""},
		{`http://(10|192\.168)\.[\d.]+`, nil, ""},
		{`https://185\.\d+\.\d+\.\d+`, nil, ""}, // a network of one's own, perhaps
		{`https://\[2a02:8108:[0-9a-f:]+\]`, nil, ""},
		{`https://\w+\.local`, nil, ""},
		{`https://[a-z]+\.home\.arpa`, nil, ""},
		{`app://\.|package://|capacitor://localhost`, nil, ""},
		{`(capacitor|ionic)://localhost`, nil, ""},
		{`[a-z]+://localhost`, nil, ""},
		{`http://dev-\d+`, nil, ""},
		{`http://dev-[a-z]+`, nil, ""},
		{`https://(10|172)\.\d+\.\d+\.\d+|https://.*\.10\.0\.0\.1\.nip\.io`, nil, ""},
		{`(?i)https://APP\.example\.com|HTTPS://B\.EXAMPLE`, nil, ""},
		{`^https://pr-\d+\.a\.example$`, nil, ""},
	} {
		r, err := CompileRegexp(test.expr)
		if err != nil {
			t.Fatal(err)
		}
		found := r.Audit()
		kinds := make([]FindingKind, 0, len(found))
		for _, f := range found {
			kinds = append(kinds, f.Kind)
		}
		if !slices.Equal(kinds, test.kinds) || !strings.Contains(fmt.Sprintf("%+v", found), test.want) {
			t.Errorf("%s: %+v, want the kinds %v and %q", test.expr, found, test.kinds, test.want)
		}
		checkFindings(t, r, found)
	}
}

// checkFindings tests what every finding promises.
func checkFindings(t *testing.T, r *Regexp, found []Finding) {
	t.Helper()
	for _, f := range found {
		if f.Kind != FoundDead && f.Kind != FoundDeadBranch && f.Kind != FoundTooLarge {
			if o, ok := Parse(f.Example); !ok || !r.Match(o) {
				t.Errorf("%s: %+v: the example does not match", r, f)
			}
		}
		if f.Cure == "" || (f.Kind == FoundDead) && f.Problem == "" {
			t.Errorf("%s: %+v has no cure or no reason", r, f)
		}
		if f.Kind != FoundLookalike {
			continue
		}
		mended, err := CompileRegexp(f.Mended)
		if err != nil {
			t.Errorf("%s: %+v: %v", r, f, err)
			continue
		}
		if o, _ := Parse(f.Example); mended.Match(o) {
			t.Errorf("%s: mended it still accepts %s: %s", r, f.Example, mended)
		}
	}
}

// largeExpressions take all that there is of a budget, or nearly.
var largeExpressions = map[string]string{
	"repeated": `https://((.{1,60}x){1,8}|(.{1,60}y){1,8})\.example\.com`,
	"classes":  `https://` + strings.Repeat(`[a-z.]*[a-m.]*`, 40) + `\.example\.com`,
	"lists":    `https://(` + strings.TrimSuffix(strings.Repeat(`.*\.example\.com|.*a.*b.*c.*\.example\.de|`, 150), "|") + `)`,
	"nested":   `https://` + strings.Repeat(`(`, 60) + `a` + strings.Repeat(`|.*b.*)`, 60) + `\.example\.com`,
	"long":     `https://` + strings.Repeat(`[a-z]{0,1000}`, 20) + `\.example\.com`,
}

// TestAuditIsBounded: an expression too large to search is not taken for a good
// one, and neither are small ones when the others of the policy have used up the
// budget.
func TestAuditIsBounded(t *testing.T) {
	t.Parallel()
	isTooLarge := func(found []Finding) bool {
		return len(found) == 1 && found[0].Kind == FoundTooLarge && strings.Contains(found[0].Cure, "patterns")
	}
	compile := func(expr string) *Regexp {
		r, err := CompileRegexp(expr)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for name, expr := range largeExpressions {
		b, r := NewBudget(), compile(expr)
		start := b.left
		r.AuditWithin(b)
		if spent := start - b.left; spent > 2*maxTests { // of a step it is known afterwards what it cost
			t.Errorf("%s: %d tests, of %d", name, spent, maxTests)
		}
		if found := r.AuditWithin(&Budget{100}); !isTooLarge(found) {
			t.Errorf("%s: with hardly any budget: %+v", name, found)
		}
	}
	small, shared := compile(`https://([a-z0-9-]+\.)*example\.com(:\d+)?`), NewBudget()
	for range 100 {
		if found := small.AuditWithin(shared); len(found) > 0 {
			t.Fatalf("many small ones: %+v", found)
		}
	}
	shared.left = 0
	if found := small.AuditWithin(shared); !isTooLarge(found) {
		t.Errorf("without a budget: %+v", found)
	}
	a := &audit{budget: 1}
	if a.isDead(small.expr) {
		t.Error("a search that did not end says that nothing matches")
	}
	if _, ok := a.ways(small); ok {
		t.Error("suffixes that were not all found count as all")
	}
}

// TestAuditLongLists: each customer's own domain is his own, however many there are.
func TestAuditLongLists(t *testing.T) {
	t.Parallel()
	for _, below := range []string{`.*\.`, `[^.]+\.`, `[a-z0-9-]+\.`, `[a-z0-9-]{1,63}\.`, `(.*\.)?`, `(www\.)?`} {
		var all []string
		for i := range 60 {
			all = append(all, fmt.Sprintf(`%scustomer%d\.com`, below, i))
		}
		r, err := CompileRegexp(`https://(` + strings.Join(all, "|") + `)`)
		if err != nil {
			t.Fatal(err)
		}
		if found := r.Audit(); len(found) > 0 {
			t.Errorf("%s: %+v", below, found)
		}
		all[30] = below + `com`
		if r, err = CompileRegexp(`https://(` + strings.Join(all, "|") + `)`); err != nil {
			t.Fatal(err)
		}
		if found := r.Audit(); len(found) == 0 || found[0].Kind != FoundStranger {
			if below != `(www\.)?` {
				t.Errorf("%s: with a stranger among them: %+v", below, found)
			}
		}
	}
}

// BenchmarkAuditLarge shows the worst that a load can cost.
func BenchmarkAuditLarge(b *testing.B) {
	for name, expr := range largeExpressions {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				r, err := CompileRegexp(expr)
				if err != nil {
					b.Fatal(err)
				}
				r.Audit()
			}
		})
	}
}

func TestWellKnown(t *testing.T) {
	t.Parallel()
	for _, suffix := range wellKnown {
		if _, _, ok := suffixAt(suffix); !ok {
			t.Errorf("%s is no public suffix", suffix)
		}
	}
}

// TestAuditNamesAnExample: the expression that everybody copies ends in any of
// thousands of suffixes, more than are searched at once; it is told by a name all
// the same.
func TestAuditNamesAnExample(t *testing.T) {
	t.Parallel()
	re, err := CompileRegexp(`^https?://([\da-z.-]+)\.([a-z.]{2,6})$`)
	if err != nil {
		t.Fatal(err)
	}
	found := re.Audit()
	if len(found) != 1 || found[0].Kind != FoundStranger {
		t.Fatalf("found %+v", found)
	}
	if _, ok := Parse(found[0].Example); !ok {
		t.Errorf("%q is no origin", found[0].Example)
	}
}
