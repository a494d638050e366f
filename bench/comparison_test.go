package bench

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	rscors "github.com/rs/cors"
)

// What docs/comparison.md says of rs/cors, as cases. One that fails after an
// update of rs/cors means that a sentence there is no longer true.

func askRS(t *testing.T, o rscors.Options, next http.HandlerFunc, origin string) http.Header {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "https://api.example.com/", nil)
	r.Header.Set("Origin", origin)
	w := httptest.NewRecorder()
	rscors.New(o).Handler(next).ServeHTTP(w, r)
	return w.Result().Header
}

func TestComparisonRS(t *testing.T) {
	const allowOrigin = "Access-Control-Allow-Origin"
	one := rscors.Options{AllowedOrigins: []string{"https://app.example.com"}}
	silent := func(http.ResponseWriter, *http.Request) {}
	for _, c := range []struct {
		what string
		got  http.Header
		name string
		want []string
	}{
		{
			"a header of the handler behind stands beside its own",
			askRS(t, one, func(w http.ResponseWriter, _ *http.Request) { w.Header().Add(allowOrigin, "*") }, "https://app.example.com"),
			allowOrigin,
			[]string{"https://app.example.com", "*"},
		},
		{
			"a refused origin keeps the headers of the handler behind",
			askRS(t, one, func(w http.ResponseWriter, _ *http.Request) { w.Header().Add(allowOrigin, "*") }, "https://evil.example"),
			allowOrigin,
			[]string{"*"},
		},
		{
			"no list of origins means all",
			askRS(t, rscors.Options{}, silent, "https://evil.example"),
			allowOrigin,
			[]string{"*"},
		},
		{
			"a wildcard takes any number of labels",
			askRS(t, rscors.Options{AllowedOrigins: []string{"https://*.example.com"}}, silent, "https://a.b.example.com"),
			allowOrigin,
			[]string{"https://a.b.example.com"},
		},
		{
			"a wildcard over names of strangers goes with credentials",
			askRS(t, rscors.Options{AllowedOrigins: []string{"https://*.github.io"}, AllowCredentials: true}, silent, "https://evil.github.io"),
			"Access-Control-Allow-Credentials",
			[]string{"true"},
		},
	} {
		if got := c.got.Values(c.name); !slices.Equal(got, c.want) {
			t.Errorf("%s: %s is %q, want %q", c.what, c.name, got, c.want)
		}
	}
}
