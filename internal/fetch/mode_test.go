package fetch_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/fetch"
)

func TestModes(t *testing.T) {
	bare := answer(200, "X-A", "1", "Set-Cookie", "a=b")
	for name, c := range map[string]struct {
		page    string
		request fetch.Request
		resp    fetch.Response
		outcome fetch.Outcome
		step    int
		reason  fetch.Reason
		taint   fetch.Tainting
		exposed []string
	}{
		"same origin": {
			pageURL,
			fetch.Request{URL: pageURL + ":443/x", Method: "PUT", Headers: header("X-A", "1")},
			bare,
			fetch.Readable, 0, "", fetch.TaintingBasic,
			[]string{"x-a"},
		},
		"same origin, opaque page": {
			"null", fetch.Request{URL: pageURL}, bare, fetch.Blocked, 21, fetch.ACAOMissing, fetch.TaintingCORS, nil,
		},
		"other port": {
			pageURL, fetch.Request{URL: pageURL + ":8443"}, bare, fetch.Blocked, 21, fetch.ACAOMissing, fetch.TaintingCORS, nil,
		},
		"mode same-origin": {
			pageURL,
			fetch.Request{URL: apiURL, Mode: fetch.ModeSameOrigin},
			bare,
			fetch.NotSent, 4, fetch.SameOriginMode, fetch.TaintingBasic, nil,
		},
		"mode same-origin at home": {
			pageURL,
			fetch.Request{URL: pageURL, Mode: fetch.ModeSameOrigin},
			bare,
			fetch.Readable, 0, "", fetch.TaintingBasic,
			[]string{"x-a"},
		},
		"no-cors": {
			pageURL,
			fetch.Request{URL: apiURL, Mode: fetch.ModeNoCORS},
			bare,
			fetch.Opaque, 4, fetch.NoCORS, fetch.TaintingOpaque, nil,
		},
		"no-cors at home": {
			pageURL,
			fetch.Request{URL: pageURL, Mode: fetch.ModeNoCORS},
			bare,
			fetch.Readable, 0, "", fetch.TaintingBasic,
			[]string{"x-a"},
		},
		"no-cors that does not follow": {
			pageURL,
			fetch.Request{URL: apiURL, Mode: fetch.ModeNoCORS, Redirect: fetch.RedirectManual},
			bare,
			fetch.NotSent, 4, fetch.NoCORSRedirectMode, fetch.TaintingBasic, nil,
		},
		"navigation": {
			pageURL,
			fetch.Request{URL: apiURL, Mode: fetch.ModeNavigate, Method: "POST"},
			bare,
			fetch.Readable, 0, "", fetch.TaintingBasic,
			[]string{"x-a"},
		},
		"WebSocket": {
			pageURL,
			fetch.Request{URL: "wss://api.example/", Mode: fetch.ModeWebSocket},
			answer(101),
			fetch.Readable, 0, "", fetch.TaintingBasic, nil,
		},
		"WebSocket refused": {
			pageURL,
			fetch.Request{URL: "wss://api.example/", Mode: fetch.ModeWebSocket},
			answer(403),
			fetch.NetworkError, 4, fetch.WebSocketRefused, fetch.TaintingBasic, nil,
		},
		"WebSocket redirected": {
			pageURL,
			fetch.Request{URL: "ws://api.example/", Mode: fetch.ModeWebSocket},
			answer(302, "Location", "/x"),
			fetch.Blocked, 32, fetch.RedirectModeError, fetch.TaintingBasic, nil,
		},
		"other scheme": {
			pageURL,
			fetch.Request{URL: "ftp://api.example/"},
			bare,
			fetch.NotSent, 4, fetch.SchemeNotHTTP, fetch.TaintingBasic, nil,
		},
		"WebSocket scheme in fetch": {
			pageURL,
			fetch.Request{URL: "wss://api.example/"},
			bare,
			fetch.NotSent, 4, fetch.SchemeNotHTTP, fetch.TaintingBasic, nil,
		},
		"custom scheme of the page itself": {
			"app://x",
			fetch.Request{URL: "app://x/"},
			bare,
			fetch.NotSent, 4, fetch.SchemeNotHTTP, fetch.TaintingBasic, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			v := fetch.Fetch(page(t, c.page), c.request, always(c.resp))
			wantVerdict(t, v, c.outcome, c.step, c.reason)
			if v.Tainting != c.taint || !slices.Equal(v.Exposed, c.exposed) {
				t.Errorf("tainting %s, exposed %q", v.Tainting, v.Exposed)
			}
			if (v.Status != 0) != (c.outcome == fetch.Readable) {
				t.Errorf("the page sees status %d", v.Status)
			}
			if len(v.Preflights) != 0 {
				t.Errorf("preflights %v", v.Preflights)
			}
		})
	}
}

func TestCredentials(t *testing.T) {
	for name, c := range map[string]struct {
		mode fetch.CredentialsMode
		url  string
		want bool
	}{
		"omit at home":        {fetch.CredentialsOmit, pageURL, false},
		"same-origin at home": {fetch.CredentialsSameOrigin, pageURL, true},
		"default at home":     {"", pageURL, true},
		"include at home":     {fetch.CredentialsInclude, pageURL, true},
		"omit":                {fetch.CredentialsOmit, apiURL, false},
		"same-origin":         {fetch.CredentialsSameOrigin, apiURL, false},
		"include":             {fetch.CredentialsInclude, apiURL, true},
	} {
		v := fetch.Fetch(page(t, pageURL), fetch.Request{URL: c.url, Credentials: c.mode}, always(answer(200, "Set-Cookie", "a")))
		if got := v.Exchanges[0]; got.Sent.Credentials != c.want || got.SetsCookies != c.want {
			t.Errorf("%s: credentials %t, sets cookies %t, want %t", name, got.Sent.Credentials, got.SetsCookies, c.want)
		}
	}
}

func TestEventSource(t *testing.T) {
	site := &server{}
	v := fetch.Fetch(page(t, pageURL), fetch.Request{
		URL: apiURL, Headers: header("Last-Event-ID", "1"), ByPlatform: true, Credentials: fetch.CredentialsInclude,
	}, site.roundTrip)
	wantVerdict(t, v, fetch.Readable, 0, "")
	if len(site.sent) != 1 {
		t.Errorf("EventSource never preflights: %v", site.sent)
	}
}

func TestVerdictJSON(t *testing.T) {
	v := fetch.Fetch(page(t, pageURL), fetch.Request{URL: apiURL, Method: "PUT"}, always(answer(204, acao, "*")))
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		`"outcome":"preflight-fail"`, `"step":15`, `"reason":"method_not_allowed"`, `"anchor":"#`, `"kind":"method"`,
		`"want":{"status":204,"headers":[["Access-Control-Allow-Origin","https://page.example"],["Access-Control-Allow-Methods","PUT"]]}`,
	} {
		if !strings.Contains(string(text), part) {
			t.Errorf("%s lacks %s", text, part)
		}
	}
}
