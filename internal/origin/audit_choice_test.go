package origin

import (
	"fmt"
	"strings"
	"testing"
)

// TestAuditChoices: what an expression lets others choose, however it says so.
func TestAuditChoices(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		expr string
		want FindingKind
	}{
		{`https://[ab]+\.com`, FoundStranger},
		{`https://[ab]*\.com`, FoundStranger},
		{`https://[ab]{2,}\.com`, FoundStranger},
		{`https://[ab]{3}\.com`, FoundStranger},
		{`https://(a|b)+\.com`, FoundStranger},
		{`https://(a|b){2,9}\.com`, FoundStranger},
		{`https://((a)|(b))+\.com`, FoundStranger},
		{`https://(?:x[yz]){2,}\.com`, FoundStranger},
		{`https://(?:(?:xy|z)+)\.com`, FoundStranger},
		{`https://(foo|bar)+\.com`, FoundStranger},
		{`https://a+\.com`, FoundStranger},
		{`https://(?i)[AB]+\.COM`, FoundStranger},
		{`(?i)https://A+\.com`, FoundStranger},
		{`https://(?i:Foo|Bar)+\.com`, FoundStranger},
		{`https://a?a?a?a?[ab]?[ab]?[ab]?[ab]?[ab]?b\.com`, FoundStranger},
		{`https://[ab][ab][ab][ab][ab][ab]\.com`, FoundStranger},
		{`https://a{1,60}\.com`, FoundStranger},
		{`https://shop[12]*\.com`, FoundStranger},
		{`https://shop(-[ab])+\.com`, FoundStranger},
		{`https://(shop)?[ab]+\.com`, FoundStranger},
		{`https://\d\.com`, FoundStranger},
		{`https://shop\d?\.com`, FoundStranger},
		{`https://shop[1-9]\.com`, FoundStranger},
		{`https://shop[^.]\.com`, FoundStranger},
		{`https://example\.[cn][oe][mt]+`, FoundStranger},
		{`https://example\.(com|c[a-z]+)`, FoundStranger},
		{`https://(www\.)?[ab]+\.co\.uk(:8443)?`, FoundStranger},
		{`https://[ab]+\.github\.io`, FoundStranger},
		{`https://(a|b)+\.com|https://c\.example`, FoundStranger},
		{`https://app[.-]?example\.com`, FoundLookalike + 100}, // two names: both are spelled out
		{`https://.?example\.com`, FoundLookalike},
		{`https://(.)?example\.com`, FoundLookalike},
		{`https://\w*example\.com`, FoundLookalike},
		{`https://shop-[ab]+\.netlify\.app`, FoundShared},
		{`https://a?b?c?d?e?f?g?-shop\.netlify\.app`, FoundShared},

		// Below suffixes that are not well known.
		{`https://[^.]+\.pizza|https://[^.]+\.co\.uz`, FoundStranger},
		{`https://[^.]+\.(aero|museum)`, FoundStranger},
		{`https://[^.]+\.xn--p1ai`, FoundStranger},
		{`https://[^.]+\.foo\.ck`, FoundStranger},
		{`https://.*\.amazonaws\.com`, FoundStranger},
		{`https://.*\.core\.windows\.net`, FoundStranger},
		{`https://.*\.azure\.com`, FoundStranger},
		{`https://[a-z]+\.westeurope\.cloudapp\.azure\.com`, FoundStranger},
		{`https://[a-z]+\.[a-z0-9-]+\.elb\.amazonaws\.com`, FoundStranger},
		{`https://[a-z]+\.s3\.[a-z0-9-]+\.amazonaws\.com`, FoundStranger},
		{`https://example\.[ijk][sp]*`, FoundStranger},
		{`https://.*\.[a-z]{5,}`, FoundStranger},
		{`https://[a-z]+-shop\.a\.run\.app`, FoundShared},
		{`https://.*\.nip\.io`, FoundStranger},
		{`https://[a-z0-9-]+\.sslip\.io`, FoundStranger},
		{`https://app-[a-z]+\.sslip\.io`, FoundShared},
	} {
		r, err := CompileRegexp(test.expr)
		if err != nil {
			t.Fatal(err)
		}
		found := r.Audit()
		if test.want >= 100 {
			if len(found) > 0 {
				t.Errorf("%s: %+v, want none", test.expr, found)
			}
			continue
		}
		if len(found) == 0 || found[0].Kind != test.want {
			t.Errorf("%s: %+v, want the kind %v", test.expr, found, test.want)
		}
		checkFindings(t, r, found)
	}
}

// TestAuditGood has expressions as guides and people write them who get it right:
// each name is spelled out, or one's own domain.
func TestAuditGood(t *testing.T) {
	t.Parallel()
	var spelled strings.Builder
	for i := range 200 {
		fmt.Fprintf(&spelled, "|customer-%d", i)
	}
	for _, expr := range []string{
		`^https://(.+\.)?example\.com$`,
		`^https://([a-z0-9-]+\.)*example\.com$`,
		`^https?://([a-z0-9]+[.])*example[.]com$`,
		`^https:\/\/.*\.example\.com$`,
		`^https:\/\/(www|app|admin)\.example\.(com|org|net|co\.uk|de|io)$`,
		`(?i)^https://([^.]+\.)?example\.com(:\d+)?$`,
		`https://(?:[a-z]+-)?(?:staging|dev)\.example\.com`,
		`^https?://(localhost|127\.0\.0\.1)(:\d+)?$`,
		`^http://(localhost|127\.0\.0\.1|\[::1\]):[0-9]{2,5}$`,
		`^https?://(10\.\d{1,3}\.\d{1,3}\.\d{1,3}|192\.168\.\d{1,3}\.\d{1,3})(:\d+)?$`,
		`^https?://([a-z0-9-]+\.)?(example|example-cdn)\.com$`,
		`^https://pr-\d+\.preview\.example\.dev$`,
		`^https://[\w-]+--preview\.example\.app$`,
		`^https://([a-z-]+\.)*my-app\.vercel\.app$`,
		`^https://[a-z0-9-]+\.my-shop\.myshopify\.com$`,
		`https://site(1|2|3|4|5|6)\.com`,
		`https://(a|b|c|d|e|f)\.com`,
		`https://site[123]\.com`,
		`https://(my-)?shop\.com`,
		`https://colou?r\.com`,
		`https://w{3}shop\.com`,
		`https://goo{1,2}gle\.com`,
		`https://(one|two)(-eu)?\.(com|de)`,
		`https://\Qexample.com\E`,
		`https://((one|two)\.)+example\.com`,
		`https://a{2,}\.example\.com`,
		`https://(x` + spelled.String() + `)\.com`,
		`https://(x` + spelled.String() + `)\.github\.io`,
		`chrome-extension://(aaaabbbbccccddddeeeeffffgggghhhh|bbbbbbbbccccddddeeeeffffgggghhhh)`,
		`https://.+\.corp\.internal`,
		`https://[a-z]+\.example\.com\.?`,
		`https://.*\.xn--bcher-kva\.example`,
		`https://[a-z]+\.example\.co\.uk`,
		`https://[a-z.]+\.example\.s3\.amazonaws\.com`,
	} {
		r, err := CompileRegexp(expr)
		if err != nil {
			t.Fatal(err)
		}
		if found := r.Audit(); len(found) > 0 {
			t.Errorf("%.100s: %+v", expr, found)
		}
	}
}

func BenchmarkAudit(b *testing.B) {
	for name, expr := range map[string]string{
		"below":   `https://.*\.example\.com`,
		"list":    `^https://(app|www)\.example\.com$`,
		"preview": `https://[a-z0-9-]+\.preview\.example\.com`,
		"open":    `^https?://.+\.[a-z]{2,6}$`,
		"suffix":  `https://example\.[a-z]{2,63}`,
		"azure":   `https://.*\.amazonaws\.com`,
		"mended":  `.*example.com`,
	} {
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
