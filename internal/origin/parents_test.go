package origin

import (
	"strings"
	"testing"

	"golang.org/x/net/publicsuffix"
)

func TestSuffixParents(t *testing.T) {
	t.Parallel()
	if len(suffixParents()) < 100 {
		t.Fatalf("the table has only %d entries", len(suffixParents()))
	}
	for parent, suffix := range suffixParents() {
		if _, _, isSuffix := suffixAt(parent); isSuffix || !strings.HasSuffix(suffix, "."+parent) {
			t.Errorf("%s stands above %s, and is a suffix itself: %v", parent, suffix, isSuffix)
		}
		below := "0." + suffix
		if got, _ := publicsuffix.PublicSuffix(below); got != suffix && got != below {
			t.Errorf("%s below %s is no public suffix: %s has %s", suffix, parent, below, got)
		}
	}
}

func TestSuffixBelow(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{
		"https://**.amazonaws.com": true, "https://**.core.windows.net": true, "https://**.windows.net:*": true,
		"https://**.azure.com": true, "https://**.amazonaws.com.": true,
		"https://*.amazonaws.com": false, "https://amazonaws.com": false, "https://**.example.com": false,
		"https://**.com": false, "https://**.github.io": false, "https://a-*.amazonaws.com": false,
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

func TestUnlistedParents(t *testing.T) {
	t.Parallel()
	for parent, below := range unlistedParents {
		if _, listed := suffixParents()[parent]; listed || !strings.HasSuffix(below, "."+parent) {
			t.Errorf("%s (%s): the public suffix list knows it now; remove it", parent, below)
		}
	}
}
