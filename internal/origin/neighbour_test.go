package origin

import "testing"

func TestNeighbour(t *testing.T) {
	t.Parallel()
	for expr, want := range map[string]string{
		`https://.*example\.com`:                       "https://evilxexample.com",
		`https://.*\.com`:                              "https://evilx.com",
		`https://.*\.github\.io`:                       "https://evilx.github.io",
		`https?://.+example\.com(:\d+)?`:               "http://evilxexample.com",
		`https://(.+\.)?example\.com`:                  "",
		`https://[a-z0-9-]+\.example\.com`:             "",
		`https://(a|b)\.example\.com`:                  "",
		`^https://pr-\d+--my-site\.netlify\.app$`:      "",
		`http://localhost:\d+`:                         "",
		`https://preview-[a-z]+\.eu\.example\.co\.uk`:  "",
		`capacitor://localhost`:                        "",
		`https://[a-z]+-previews\.pages\.dev`:          "https://evilx-previews.pages.dev",
		`https://([a-z]+\.){1,3}staging\.example\.com`: "",
	} {
		re, err := CompileRegexp(expr)
		if err != nil {
			t.Fatal(err)
		}
		if got, found := re.Neighbour(); got != want || found != (want != "") {
			t.Errorf("%s: got %q, %t; want %q", expr, got, found, want)
		}
	}
}
