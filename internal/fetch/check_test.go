package fetch_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/fetch"
)

func TestCORSCheck(t *testing.T) {
	const o = "https://page.example"
	include, omit := fetch.CredentialsInclude, fetch.CredentialsOmit
	for _, c := range []struct {
		origin      string
		credentials fetch.CredentialsMode
		headers     fetch.Headers
		step        int
		reason      fetch.Reason
		says        string
	}{
		{o, omit, nil, 21, fetch.ACAOMissing, ""},
		{o, omit, header("Vary", "Origin"), 21, fetch.ACAOMissing, ""},
		{o, omit, header(acao, "*"), 0, "", ""},
		{o, fetch.CredentialsSameOrigin, header(acao, "*"), 0, "", ""},
		{o, omit, header(strings.ToUpper(acao), "\t* "), 0, "", ""},
		{o, omit, header(acao, o), 0, "", ""},
		{o, omit, header(acao, o, acac, "false"), 0, "", ""},
		{"null", omit, header(acao, "null"), 0, "", ""},
		{"null", include, header(acao, "null", acac, "true"), 0, "", ""},
		{o, omit, header(acao, "null"), 23, fetch.ACAOMismatch, `"null"`},
		{"null", omit, header(acao, o), 23, fetch.ACAOMismatch, "sandboxed"},
		{o, omit, header(acao, ""), 23, fetch.ACAOMismatch, `""`},
		{o, omit, header(acao, o+"/"), 23, fetch.ACAOMismatch, "to the byte"},
		{o, omit, header(acao, "HTTPS://PAGE.example"), 23, fetch.ACAOMismatch, "to the byte"},
		{o, omit, header(acao, o+":443"), 23, fetch.ACAOMismatch, "to the byte"},
		{o, omit, header(acao, "http://page.example"), 23, fetch.ACAOMismatch, o},
		{o, omit, header(acao, "https://*.example"), 23, fetch.ACAOMismatch, "no patterns"},
		{o, omit, header(acao, "\v*"), 23, fetch.ACAOMismatch, ""},
		{o, omit, header(acao, "*", acao, "*"), 23, fetch.ACAOMultiple, "2 lines"},
		{o, omit, header(acao, o, acao, o), 23, fetch.ACAOMultiple, "2 lines"},
		{o, omit, header(acao, "", acao, o), 23, fetch.ACAOMultiple, "2 lines"},
		{o, omit, header(acao, o+", https://b.example"), 23, fetch.ACAOMultiple, "a list"},
		{o, include, header(acao, "*", acac, "true"), 23, fetch.ACAOStarCredentials, ""},
		{o, include, header(acao, o), 25, fetch.ACACNotTrue, "has no"},
		{o, include, header(acao, o, acac, "true"), 0, "", ""},
		{o, include, header(acao, o, acac, " true\t"), 0, "", ""},
		{o, include, header(acao, o, acac, "True"), 25, fetch.ACACNotTrue, `"True"`},
		{o, include, header(acao, o, acac, `"true"`), 25, fetch.ACACNotTrue, ""},
		{o, include, header(acao, o, acac, "true, true"), 25, fetch.ACACNotTrue, ""},
		{o, include, header(acao, o, acac, "true", acac, "true"), 25, fetch.ACACNotTrue, ""},
		{o, include, header(acao, o, acac, ""), 25, fetch.ACACNotTrue, ""},
		{o, include, header(acao, "http://page.example", acac, "True"), 23, fetch.ACAOMismatch, ""},
	} {
		got := fetch.CORSCheck(c.origin, c.credentials, c.headers)
		if got == nil {
			got = &fetch.Failure{}
		}
		if got.Step != c.step || got.Reason != c.reason || !strings.Contains(got.Detail, c.says) {
			t.Errorf("%s, %s, %q: step %d, %s (%s)", c.origin, c.credentials, c.headers, got.Step, got.Reason, got.Detail)
		}
	}
}

func TestCheckRunsOnEveryStatus(t *testing.T) {
	for _, status := range []int{200, 204, 206, 300, 301, 302, 303, 304, 307, 308, 401, 404, 407, 500, 599} {
		v := fetch.Fetch(page(t, pageURL), fetch.Request{URL: apiURL}, always(answer(status, "Location", pageURL)))
		wantVerdict(t, v, fetch.Blocked, 21, fetch.ACAOMissing)
		v = fetch.Fetch(page(t, pageURL), fetch.Request{URL: apiURL}, always(answer(status, acao, "*")))
		wantVerdict(t, v, fetch.Readable, 0, "")
		if v.Status != status {
			t.Errorf("status %d, want %d", v.Status, status)
		}
	}
	v := fetch.Fetch(page(t, pageURL), fetch.Request{URL: apiURL}, always(answer(103, acao, "*")))
	wantVerdict(t, v, fetch.NetworkError, 28, fetch.InterimOnly)
}

func TestWantedAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		page        string
		credentials fetch.CredentialsMode
		want        fetch.Headers // nil: no answer helps
	}{
		"plain":                  {pageURL, fetch.CredentialsOmit, header(acao, pageURL)},
		"credentials":            {pageURL, fetch.CredentialsInclude, header(acao, pageURL, acac, "true")},
		"opaque":                 {"null", fetch.CredentialsSameOrigin, header(acao, "*")},
		"opaque, credentials":    {"null", fetch.CredentialsInclude, nil},
		"default of same-origin": {pageURL, "", header(acao, pageURL)},
	} {
		request := fetch.Request{URL: apiURL, Credentials: c.credentials}
		v := fetch.JudgeResponse(page(t, c.page), request, answer(404))
		wantVerdict(t, v, fetch.Blocked, 21, fetch.ACAOMissing)
		if (v.Want == nil) != (c.want == nil) || v.Want != nil && (v.Want.Status != 404 || !slices.Equal(v.Want.Headers, c.want)) {
			t.Errorf("%s: %v, want %v", name, v.Want, c.want)
		}
	}
}

func TestExposedNames(t *testing.T) {
	include, omit := fetch.CredentialsInclude, fetch.CredentialsOmit
	all := header(
		"Cache-Control", "a", "Content-Language", "a", "Content-Length", "1", "Content-Type", "a", "Expires", "a",
		"Last-Modified", "a", "Pragma", "a", "X-A", "1", "x-a", "2", "X-B", "1", "Set-Cookie", "a", "Set-Cookie2", "a", "*", "1",
	)
	const base = "cache-control content-language content-length content-type expires last-modified pragma"
	for _, c := range []struct {
		credentials fetch.CredentialsMode
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
		got := fetch.ExposedNames(append(slices.Clone(all), header(c.expose...)...), c.credentials)
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s, %q: %q, want %q", c.credentials, c.expose, got, c.want)
		}
	}
}
