package browser_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/browser/browsertest"
)

func TestCORSCheck(t *testing.T) {
	const o = "https://page.example"
	include, omit := browser.CredentialsInclude, browser.CredentialsOmit
	for _, c := range []struct {
		origin      string
		credentials browser.CredentialsMode
		headers     browser.Headers
		step        int
		reason      browser.Reason
		says        string
	}{
		{o, omit, nil, 21, browser.ACAOMissing, ""},
		{o, omit, header("Vary", "Origin"), 21, browser.ACAOMissing, ""},
		{o, omit, header(acao, "*"), 0, "", ""},
		{o, browser.CredentialsSameOrigin, header(acao, "*"), 0, "", ""},
		{o, omit, header(strings.ToUpper(acao), "\t* "), 0, "", ""},
		{o, omit, header(acao, o), 0, "", ""},
		{o, omit, header(acao, o, acac, "false"), 0, "", ""},
		{"null", omit, header(acao, "null"), 0, "", ""},
		{"null", include, header(acao, "null", acac, "true"), 0, "", ""},
		{o, omit, header(acao, "null"), 23, browser.ACAOMismatch, `"null"`},
		{"null", omit, header(acao, o), 23, browser.ACAOMismatch, "sandboxed"},
		{o, omit, header(acao, ""), 23, browser.ACAOMismatch, `""`},
		{o, omit, header(acao, o+"/"), 23, browser.ACAOMismatch, "to the byte"},
		{o, omit, header(acao, "HTTPS://PAGE.example"), 23, browser.ACAOMismatch, "to the byte"},
		{o, omit, header(acao, o+":443"), 23, browser.ACAOMismatch, "to the byte"},
		{o, omit, header(acao, "http://page.example"), 23, browser.ACAOMismatch, o},
		{o, omit, header(acao, "https://*.example"), 23, browser.ACAOMismatch, "no patterns"},
		{o, omit, header(acao, "\v*"), 23, browser.ACAOMismatch, ""},
		{o, omit, header(acao, "*", acao, "*"), 23, browser.ACAOMultiple, "2 lines"},
		{o, omit, header(acao, o, acao, o), 23, browser.ACAOMultiple, "2 lines"},
		{o, omit, header(acao, "", acao, o), 23, browser.ACAOMultiple, "2 lines"},
		{o, omit, header(acao, o+", https://b.example"), 23, browser.ACAOMultiple, "a list"},
		{o, include, header(acao, "*", acac, "true"), 23, browser.ACAOStarCredentials, ""},
		{o, include, header(acao, o), 25, browser.ACACNotTrue, "has no"},
		{o, include, header(acao, o, acac, "true"), 0, "", ""},
		{o, include, header(acao, o, acac, " true\t"), 0, "", ""},
		{o, include, header(acao, o, acac, "True"), 25, browser.ACACNotTrue, `"True"`},
		{o, include, header(acao, o, acac, `"true"`), 25, browser.ACACNotTrue, ""},
		{o, include, header(acao, o, acac, "true, true"), 25, browser.ACACNotTrue, ""},
		{o, include, header(acao, o, acac, "true", acac, "true"), 25, browser.ACACNotTrue, ""},
		{o, include, header(acao, o, acac, ""), 25, browser.ACACNotTrue, ""},
		{o, include, header(acao, "http://page.example", acac, "True"), 23, browser.ACAOMismatch, ""},
	} {
		got := browser.CORSCheck(c.origin, c.credentials, c.headers)
		if got == nil {
			got = &browser.Failure{}
		}
		if got.Step != c.step || got.Reason != c.reason || !strings.Contains(got.Detail, c.says) {
			t.Errorf("%s, %s, %q: step %d, %s (%s)", c.origin, c.credentials, c.headers, got.Step, got.Reason, got.Detail)
		}
	}
}

func TestCheckRunsOnEveryStatus(t *testing.T) {
	for _, status := range []int{200, 204, 206, 300, 301, 302, 303, 304, 307, 308, 401, 404, 407, 500, 599} {
		v := browser.Fetch(page(t, pageURL), browser.Request{URL: apiURL}, always(answer(status, "Location", pageURL)))
		wantVerdict(t, v, browser.Blocked, 21, browser.ACAOMissing)
		v = browser.Fetch(page(t, pageURL), browser.Request{URL: apiURL}, always(answer(status, acao, "*")))
		wantVerdict(t, v, browser.Readable, 0, "")
		if v.Status != status {
			t.Errorf("status %d, want %d", v.Status, status)
		}
	}
	v := browser.Fetch(page(t, pageURL), browser.Request{URL: apiURL}, always(answer(103, acao, "*")))
	wantVerdict(t, v, browser.NetworkError, 28, browser.InterimOnly)
}

func TestWantedAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		page        string
		credentials browser.CredentialsMode
		want        browser.Headers // nil: no answer helps
	}{
		"plain":                  {pageURL, browser.CredentialsOmit, header(acao, pageURL)},
		"credentials":            {pageURL, browser.CredentialsInclude, header(acao, pageURL, acac, "true")},
		"opaque":                 {"null", browser.CredentialsSameOrigin, header(acao, "*")},
		"opaque, credentials":    {"null", browser.CredentialsInclude, nil},
		"default of same-origin": {pageURL, "", header(acao, pageURL)},
	} {
		request := browser.Request{URL: apiURL, Credentials: c.credentials}
		v := browsertest.JudgeResponse(page(t, c.page), request, answer(404))
		wantVerdict(t, v, browser.Blocked, 21, browser.ACAOMissing)
		if (v.Want == nil) != (c.want == nil) || v.Want != nil && (v.Want.Status != 404 || !slices.Equal(v.Want.Headers, c.want)) {
			t.Errorf("%s: %v, want %v", name, v.Want, c.want)
		}
	}
}

func TestExposedNames(t *testing.T) {
	include, omit := browser.CredentialsInclude, browser.CredentialsOmit
	all := header(
		"Cache-Control", "a", "Content-Language", "a", "Content-Length", "1", "Content-Type", "a", "Expires", "a",
		"Last-Modified", "a", "Pragma", "a", "X-A", "1", "x-a", "2", "X-B", "1", "Set-Cookie", "a", "Set-Cookie2", "a", "*", "1",
	)
	const base = "cache-control content-language content-length content-type expires last-modified pragma"
	for _, c := range []struct {
		credentials browser.CredentialsMode
		expose      []string
		want        string
	}{
		{omit, nil, base},
		{omit, []string{aceh, ""}, base},
		{omit, []string{aceh, "X-a, x-none"}, base + " x-a"},
		{omit, []string{aceh, "x-a", aceh, "X-B"}, base + " x-a x-b"},
		{include, []string{aceh, "x-a"}, base + " x-a"},
		{omit, []string{aceh, "Set-Cookie, set-cookie2"}, base},
		{omit, []string{aceh, "*"}, "* access-control-expose-headers " + base + " x-a x-b"},
		{omit, []string{aceh, "x-a,*"}, "* access-control-expose-headers " + base + " x-a x-b"},
		{include, []string{aceh, "*"}, "* " + base},
		{omit, []string{aceh, "x-a, x b"}, base},
		{omit, []string{aceh, "*", aceh, "x b"}, base},
		{include, []string{aceh, "x-a", aceh, "\"x-b\""}, base},
	} {
		got := browser.ExposedNames(append(slices.Clone(all), header(c.expose...)...), c.credentials)
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s, %q: %q, want %q", c.credentials, c.expose, got, c.want)
		}
	}
}
