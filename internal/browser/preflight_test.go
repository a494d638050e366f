package browser_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/browser/browsertest"
)

const (
	acao = "Access-Control-Allow-Origin"
	acac = "Access-Control-Allow-Credentials"
	acam = "Access-Control-Allow-Methods"
	acah = "Access-Control-Allow-Headers"
	acma = "Access-Control-Max-Age"
	aceh = "Access-Control-Expose-Headers"
)

func TestPreflightRequest(t *testing.T) {
	site := &server{}
	browser.Fetch(page(t, pageURL), browser.Request{
		Method: "patch", URL: apiURL + "?q#fragment", Credentials: browser.CredentialsInclude,
		Headers: header("X-b", "1", "Authorization", "Bearer x", "X-A", "2", "Accept", "text/html"),
	}, site.roundTrip)
	if len(site.sent) != 2 {
		t.Fatalf("sent %v", site.sent)
	}
	got := site.sent[0]
	want := header("Accept", "*/*", "Access-Control-Request-Method", "patch",
		"Access-Control-Request-Headers", "authorization,x-a,x-b", "Origin", pageURL)
	if got.Method != "OPTIONS" || got.URL != apiURL+"?q" || !got.Preflight || got.Credentials || !slices.Equal(got.Headers, want) {
		t.Errorf("sent %+v", got)
	}
	actual := site.last()
	if actual.Method != "patch" || actual.Preflight || !actual.Credentials || !actual.Headers.Has("Authorization") {
		t.Errorf("sent %+v", actual)
	}

	site = &server{}
	browser.Fetch(page(t, pageURL), browser.Request{Method: "POST", URL: apiURL, UseCORSPreflight: true}, site.roundTrip)
	if got := site.sent[0].Headers; !slices.Equal(got, header("Accept", "*/*", "Access-Control-Request-Method", "POST", "Origin", pageURL)) {
		t.Errorf("a plain POST with the flag asks %q", got)
	}
}

func TestJudgePreflight(t *testing.T) {
	include, omit := browser.CredentialsInclude, browser.CredentialsOmit
	put := browser.Request{Method: "PUT"}
	custom := browser.Request{Headers: header("X-A", "1", "X-B", "2")}
	auth := browser.Request{Headers: header("authorization", "1")}
	upload := browser.Request{UseCORSPreflight: true}
	patch := browser.Request{Method: "patch"}
	for name, c := range map[string]struct {
		request     browser.Request
		credentials browser.CredentialsMode
		status      int
		headers     browser.Headers // without ACAO and ACAC, which are right
		step        int
		reason      browser.Reason
	}{
		"put":                        {put, include, 200, header(acam, "GET,PUT"), 0, ""},
		"put on the second line":     {put, include, 204, header(acam, "GET", acam, "DELETE, PUT"), 0, ""},
		"put missing":                {put, include, 204, header(acam, "GET,DELETE"), 15, browser.MethodNotAllowed},
		"no ACAM":                    {put, omit, 204, nil, 15, browser.MethodNotAllowed},
		"empty ACAM":                 {put, omit, 204, header(acam, ""), 15, browser.MethodNotAllowed},
		"put in lower case":          {put, omit, 204, header(acam, "put"), 15, browser.MethodNotAllowed},
		"patch is not PATCH":         {patch, omit, 204, header(acam, "PATCH"), 15, browser.MethodNotAllowed},
		"patch":                      {patch, omit, 204, header(acam, "patch"), 0, ""},
		"star":                       {put, omit, 204, header(acam, "*"), 0, ""},
		"star, same-origin":          {put, browser.CredentialsSameOrigin, 204, header(acam, "*"), 0, ""},
		"star with credentials":      {put, include, 204, header(acam, "*"), 15, browser.MethodNotAllowed},
		"ACAM malformed":             {put, omit, 204, header(acam, "PUT", acam, "G T"), 14, browser.ACAMMalformed},
		"ACAM malformed, GET":        {custom, omit, 204, header(acam, "G T", acah, "*"), 14, browser.ACAMMalformed},
		"ACAH malformed, PUT":        {put, omit, 204, header(acam, "PUT", acah, "x y"), 14, browser.ACAHMalformed},
		"headers":                    {custom, include, 204, header(acah, "x-b", acah, "X-A"), 0, ""},
		"header missing":             {custom, include, 204, header(acah, "x-a"), 17, browser.HeaderNotAllowed},
		"no ACAH":                    {custom, omit, 204, nil, 17, browser.HeaderNotAllowed},
		"header star":                {custom, omit, 204, header(acah, "*"), 0, ""},
		"header star, credentials":   {custom, include, 204, header(acah, "*"), 17, browser.HeaderNotAllowed},
		"authorization":              {auth, include, 204, header(acah, "AUTHORIZATION"), 0, ""},
		"authorization by star":      {auth, omit, 204, header(acah, "*"), 16, browser.AuthNotListed},
		"authorization beside star":  {auth, omit, 204, header(acah, "*,Authorization"), 0, ""},
		"authorization missing":      {auth, include, 204, header(acah, "x-a"), 16, browser.AuthNotListed},
		"upload listener":            {upload, include, 204, nil, 0, ""},
		"upload, PUT without ACAM":   {browser.Request{UseCORSPreflight: true, Method: "PUT"}, include, 204, nil, 0, ""},
		"upload, PUT, empty ACAM":    {browser.Request{UseCORSPreflight: true, Method: "PUT"}, include, 204, header(acam, ""), 15, browser.MethodNotAllowed},
		"199":                        {upload, omit, 199, nil, 13, browser.PreflightStatus},
		"299":                        {upload, omit, 299, nil, 0, ""},
		"300":                        {upload, omit, 300, nil, 13, browser.PreflightStatus},
		"304":                        {upload, omit, 304, nil, 13, browser.PreflightStatus},
		"401":                        {upload, omit, 401, nil, 13, browser.PreflightStatus},
		"redirect":                   {upload, omit, 308, header("Location", apiURL+"/"), 13, browser.PreflightRedirect},
		"status before the lists":    {put, omit, 404, header(acam, "G T"), 13, browser.PreflightStatus},
		"ACAM before ACAH":           {custom, omit, 204, header(acam, "G T", acah, "x y"), 14, browser.ACAMMalformed},
		"method before header":       {browser.Request{Method: "PUT", Headers: header("X-A", "1")}, omit, 204, nil, 15, browser.MethodNotAllowed},
		"authorization before x":     {browser.Request{Headers: header("A", "1", "Authorization", "1")}, omit, 204, nil, 16, browser.AuthNotListed},
		"safelisted method, no ACAM": {custom, include, 204, header(acah, "x-a,x-b"), 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			resp := answer(c.status, acao, pageURL, acac, "true")
			resp.Headers = append(resp.Headers, c.headers...)
			request := c.request
			request.URL, request.Credentials = apiURL, c.credentials
			got := browsertest.JudgePreflight(page(t, pageURL), request, resp)
			want := browser.PreflightFailed
			if c.step == 0 {
				want = browser.PreflightPassed
			}
			wantVerdict(t, got, want, c.step, c.reason)
			if c.step == 0 {
				return
			}
			if got.Want == nil {
				t.Fatal("no wanted answer")
			}
			if cured := browsertest.JudgePreflight(page(t, pageURL), request, *got.Want); cured.Outcome != browser.PreflightPassed {
				t.Errorf("the wanted answer %v fails: %s", *got.Want, cured.Detail)
			}
		})
	}
}

func TestPreflightUsesCredentialsOfTheRequest(t *testing.T) {
	request := browser.Request{URL: apiURL, Method: "PUT", Credentials: browser.CredentialsInclude}
	for name, c := range map[string]struct {
		resp   browser.Response
		step   int
		reason browser.Reason
	}{
		"star":    {answer(204, acao, "*", acac, "true", acam, "PUT"), 23, browser.ACAOStarCredentials},
		"no ACAC": {answer(204, acao, pageURL, acam, "PUT"), 25, browser.ACACNotTrue},
		"nothing": {answer(405), 21, browser.ACAOMissing},
	} {
		v := browser.Fetch(page(t, pageURL), request, always(c.resp))
		wantVerdict(t, v, browser.PreflightFailed, c.step, c.reason)
		if len(v.Exchanges) != 1 {
			t.Errorf("%s: %d requests", name, len(v.Exchanges))
		}
		if says := strings.Contains(v.Detail, "405"); says != (c.resp.Status == 405) {
			t.Errorf("%s: %s", name, v.Detail)
		}
	}
}

// TestJudgePreflightOfASimpleRequest: it needs none, but its preflight is judged
// all the same.
func TestJudgePreflightOfASimpleRequest(t *testing.T) {
	v := browsertest.JudgePreflight(page(t, pageURL), browser.Request{URL: apiURL}, answer(403))
	wantVerdict(t, v, browser.PreflightFailed, 21, browser.ACAOMissing)
}

func TestPreflightDetails(t *testing.T) {
	request := browser.Request{URL: apiURL, Method: "patch", Headers: header("X-A", "1", "X-B", "2"), Credentials: browser.CredentialsInclude}
	ok := []string{acao, pageURL, acac, "true"}
	for _, c := range []struct {
		more []string
		says []string
	}{
		{[]string{acam, "GET, PATCH"}, []string{`"GET, PATCH"`, "not patch", "by case"}},
		{[]string{acam, "*"}, []string{`"*"`, "with credentials"}},
		{nil, []string{"lists nothing"}},
		{[]string{acam, "patch", acah, "x-c"}, []string{`"x-c"`, "x-a, x-b"}},
		{[]string{acam, "patch", acah, "*"}, []string{`"*"`, "with credentials"}},
	} {
		v := browsertest.JudgePreflight(page(t, pageURL), request, answer(204, append(slices.Clone(ok), c.more...)...))
		for _, says := range c.says {
			if !strings.Contains(v.Detail, says) {
				t.Errorf("%v: %q lacks %q", c.more, v.Detail, says)
			}
		}
	}
}

func TestNoAnswer(t *testing.T) {
	down := errors.New("connection refused")
	for preflight, want := range map[bool]struct {
		step   int
		reason browser.Reason
	}{true: {11, browser.PreflightNoAnswer}, false: {27, browser.NoAnswer}} {
		v := browser.Fetch(page(t, pageURL), browser.Request{URL: apiURL, Method: "PUT"}, func(s browser.Sent) (browser.Response, error) {
			if s.Preflight == preflight {
				return browser.Response{}, down
			}
			return consent(s), nil
		})
		wantVerdict(t, v, browser.NetworkError, want.step, want.reason)
		if !errors.Is(v.Err, down) {
			t.Errorf("error %v", v.Err)
		}
	}
	v := browser.Fetch(page(t, pageURL), browser.Request{URL: apiURL}, nil)
	wantVerdict(t, v, browser.NetworkError, 27, browser.NoAnswer)
}
