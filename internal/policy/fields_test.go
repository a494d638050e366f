package policy

import (
	"net/http"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/httpwords"
)

// TestFields: who adds a header field learns here what else must know it.
func TestFields(t *testing.T) {
	t.Parallel()
	if ActualFields != len(KindActual.Fields()) || MaxFields < len(KindPreflight.Fields()) || MaxFields > 7 {
		t.Errorf("%d and %d fields: a response has room for %d, and seven bits", len(KindActual.Fields()), len(KindPreflight.Fields()), MaxFields)
	}
	p := &Policy{timing: true}
	all := &Decision{Judgment: Judgment{
		AllowOrigin: "https://app.example.com",
		Permissions: &Permissions{Credentials: true, Expose: "X-A", maxAge: "600"},
	}, PreflightLists: PreflightLists{AllowMethods: "PUT", AllowHeaders: "X-B"}}
	for _, kind := range []Kind{KindActual, KindPreflight} {
		for _, field := range kind.Fields() {
			if field.Name != http.CanonicalHeaderKey(field.Name) || !p.Owns(field.Name) {
				t.Errorf("%s is not canonical, or Owns does not know it", field.Name)
			}
			if field.Value(p, all) == "" {
				t.Errorf("Value does not know %s", field.Name)
			}
			if got := field.Value(new(Policy), new(Decision)); got != "" {
				t.Errorf("%s has the value %q where nothing is allowed", field.Name, got)
			}
		}
	}
}

// TestCleanse: what is not wanted goes in every spelling, as a trailer too; what is
// right is told, and what is nobody's business stays.
func TestCleanse(t *testing.T) {
	t.Parallel()
	d := &Decision{Judgment: Judgment{Kind: KindActual, AllowOrigin: "https://app.example.com", Permissions: &Permissions{Expose: "X-A"}}}
	h := http.Header{
		httpwords.AllowOrigin:                      {"https://app.example.com"},
		httpwords.ExposeHeaders:                    {"X-Other"},
		httpwords.Vary:                             {"Origin"},
		"access-control-allow-credentials":         {"true"},
		"Access-Control-Allow-Private-Network":     {"true"},
		http.TrailerPrefix + httpwords.AllowOrigin: {"*"},
		http.TrailerPrefix + "X-Sum":               {"1"},
		"Trailer":                                  {"Access-Control-Max-Age, X-Sum"},
		"Timing-Allow-Origin":                      {"*"},
	}
	if right := new(Policy).Cleanse(d, h); right != 1|VaryRight {
		t.Errorf("right: %b", right)
	}
	for name, want := range map[string]string{
		httpwords.AllowOrigin: "https://app.example.com", httpwords.ExposeHeaders: "X-Other", httpwords.Vary: "Origin",
		"access-control-allow-credentials": "", "Access-Control-Allow-Private-Network": "true",
		http.TrailerPrefix + httpwords.AllowOrigin: "", http.TrailerPrefix + "X-Sum": "1",
		"Trailer": "X-Sum", "Timing-Allow-Origin": "*",
	} {
		got := ""
		if lines := h[name]; len(lines) > 0 {
			got = lines[0]
		}
		if got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
