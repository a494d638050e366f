package origin

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/publicsuffix"
)

func TestSuffixTable(t *testing.T) {
	t.Parallel()
	table := suffixTable()
	if len(table) < 9_000 {
		t.Fatalf("the table has only %d entries", len(table))
	}
	for i, suffix := range table {
		below := "0." + suffix
		if got, _ := publicsuffix.PublicSuffix(below); got != suffix && got != below {
			t.Errorf("%s is no public suffix: %s has %s", suffix, below, got)
		}
		if i > 0 && backward(table[i-1]) >= backward(suffix) {
			t.Errorf("%s stands behind %s", suffix, table[i-1])
		}
	}
}

func backward(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

func TestEndingIn(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"com", "uk", ".uk", ".amazonaws.com", "github.io", "nothing-ends-so"} {
		got := suffixTable()
		for n := range len(end) {
			got = endingIn(got, n, end[len(end)-1-n])
		}
		want := 0
		for _, name := range suffixTable() {
			if strings.HasSuffix(name, end) {
				want++
			}
		}
		if len(got) != want || slices.ContainsFunc(got, func(name string) bool { return !strings.HasSuffix(name, end) }) {
			t.Errorf("%s: %d names, want %d: %q", end, len(got), want, got)
		}
	}
}

func TestSuffixBelow(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{
		"https://**.amazonaws.com": true, "https://**.core.windows.net": true, "https://**.windows.net:*": true,
		"https://**.azure.com": true, "https://**.cloudapp.azure.com": true, "https://**.amazonaws.com.": true,
		"https://*.amazonaws.com": false, "https://amazonaws.com": false, "https://**.example.com": false,
		"https://**.com": false, "https://**.github.io": false, "https://a-*.amazonaws.com": false,
		"https://**.internal": false, "https://**.home.arpa": false, "https://**.westeurope.cloudapp.azure.com": false,
	} {
		p, err := ParsePattern(value)
		if err != nil {
			t.Fatal(err)
		}
		suffix, ok := p.SuffixBelow()
		if ok != want || ok && !strings.HasSuffix(suffix, "."+strings.TrimSuffix(p.Host, ".")) {
			t.Errorf("%s: SuffixBelow() = %q, %v, want %v", value, suffix, ok, want)
		}
	}
}

// TestUnlisted: below these domains are the names of strangers, and the list does
// not know.
func TestUnlisted(t *testing.T) {
	t.Parallel()
	for _, u := range unlisted {
		if got, _ := publicsuffix.PublicSuffix("a.b." + u.example); strings.HasSuffix(got, u.example) {
			t.Errorf("the public suffix list knows %s now; remove it", got)
		}
		if !isUnlisted(u.example) {
			t.Errorf("%s is no example of %s", u.example, u.suffix)
		}
	}
	const azure = "westeurope.cloudapp.azure.com"
	for value, want := range map[string]bool{
		"https://*." + azure: true, "https://**." + azure: true, "https://a-*." + azure: true,
		"https://*.my-machine." + azure: false, "https://*.cloudapp.azure.com": false,
		"https://*.nip.io": true, "https://**.nip.io": true, "https://*.sslip.io:*": true,
		"https://app-*.sslip.io": true, "https://*.10.0.0.1.nip.io": false, "https://*.unip.io": false,
	} {
		p, err := ParsePattern(value)
		if err != nil {
			t.Fatal(err)
		}
		if suffix, ok := p.PublicSuffix(); ok != want {
			t.Errorf("%s: PublicSuffix() = %q, %v, want %v", value, suffix, ok, want)
		}
	}
}
