package httpwords

import (
	"net/http"
	"strings"
	"testing"
)

// TestNamesAreCanonical: net/http keys its maps with them.
func TestNamesAreCanonical(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		Origin, Vary, Trailer, SecFetchSite, RequestMethod, RequestHeaders, AllowOrigin, AllowCredentials, AllowMethods,
		AllowHeaders, ExposeHeaders, MaxAge, TimingAllowOrigin,
	} {
		if canonical := http.CanonicalHeaderKey(name); canonical != name {
			t.Errorf("%s is not %s", name, canonical)
		}
	}
}

// TestIsCORSResponseHeader: the six of the protocol in any spelling, and no
// other name that looks like them.
func TestIsCORSResponseHeader(t *testing.T) {
	t.Parallel()
	for _, name := range []string{AllowOrigin, AllowCredentials, AllowMethods, AllowHeaders, ExposeHeaders, MaxAge} {
		for _, spelled := range []string{name, strings.ToLower(name), strings.ToUpper(name)} {
			if !IsCORSResponseHeader(spelled) {
				t.Errorf("%s is one", spelled)
			}
		}
		if IsCORSResponseHeader(name+"s") || IsCORSResponseHeader(name[1:]) || IsCORSResponseHeader("X"+name[1:]) {
			t.Errorf("a name like %s is none", name)
		}
	}
	for _, name := range []string{
		"", "Access-Control-Allow-Private-Network", "Access-Control-Allow-Local-Net", RequestMethod, RequestHeaders, TimingAllowOrigin,
	} {
		if IsCORSResponseHeader(name) {
			t.Errorf("%q is none", name)
		}
	}
}

// TestEqualNames: only the case of ASCII letters does not count.
func TestEqualNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"", "", true},
		{"Origin", "oRIGIN", true},
		{"x-a", "x-b", false},
		{"x", "xx", false},
		{"@", "`", false},
		{"[", "{", false},
		{"\x80", "\xa0", false},
		{"\xff", "\xfe", false},
		{"K", "\u212a", false}, // the Kelvin sign, which strings.EqualFold takes for a k
	} {
		if got := EqualNames(c.a, c.b); got != c.want {
			t.Errorf("%q and %q: %t", c.a, c.b, got)
		}
	}
}
