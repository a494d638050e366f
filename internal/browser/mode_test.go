package browser_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/browser"
)

func TestModes(t *testing.T) {
	bare := answer(200, "X-A", "1", "Set-Cookie", "a=b")
	for name, c := range map[string]struct {
		page    string
		request browser.Request
		resp    browser.Response
		outcome browser.Outcome
		step    int
		reason  browser.Reason
		taint   browser.Tainting
		exposed []string
	}{
		"same origin": {
			pageURL,
			browser.Request{URL: pageURL + ":443/x", Method: "PUT", Headers: header("X-A", "1")},
			bare,
			browser.Readable, 0, "", browser.TaintingBasic,
			[]string{"x-a"},
		},
		"same origin, opaque page": {
			"null", browser.Request{URL: pageURL}, bare, browser.Blocked, 21, browser.ACAOMissing, browser.TaintingCORS, nil,
		},
		"other port": {
			pageURL, browser.Request{URL: pageURL + ":8443"}, bare, browser.Blocked, 21, browser.ACAOMissing, browser.TaintingCORS, nil,
		},
		"mode same-origin": {
			pageURL,
			browser.Request{URL: apiURL, Mode: browser.ModeSameOrigin},
			bare,
			browser.NotSent, 4, browser.SameOriginMode, browser.TaintingBasic, nil,
		},
		"mode same-origin at home": {
			pageURL,
			browser.Request{URL: pageURL, Mode: browser.ModeSameOrigin},
			bare,
			browser.Readable, 0, "", browser.TaintingBasic,
			[]string{"x-a"},
		},
		"no-cors": {
			pageURL,
			browser.Request{URL: apiURL, Mode: browser.ModeNoCORS},
			bare,
			browser.Opaque, 4, browser.NoCORS, browser.TaintingOpaque, nil,
		},
		"no-cors at home": {
			pageURL,
			browser.Request{URL: pageURL, Mode: browser.ModeNoCORS},
			bare,
			browser.Readable, 0, "", browser.TaintingBasic,
			[]string{"x-a"},
		},
		"no-cors that does not follow": {
			pageURL,
			browser.Request{URL: apiURL, Mode: browser.ModeNoCORS, Redirect: browser.RedirectManual},
			bare,
			browser.NotSent, 4, browser.NoCORSRedirectMode, browser.TaintingBasic, nil,
		},
		"navigation": {
			pageURL,
			browser.Request{URL: apiURL, Mode: browser.ModeNavigate, Method: "POST"},
			bare,
			browser.Readable, 0, "", browser.TaintingBasic,
			[]string{"x-a"},
		},
		"WebSocket": {
			pageURL,
			browser.Request{URL: "wss://api.example/", Mode: browser.ModeWebSocket},
			answer(101, "Upgrade", "WebSocket"),
			browser.Opens, 0, "", browser.TaintingBasic, nil,
		},
		"WebSocket refused": {
			pageURL,
			browser.Request{URL: "wss://api.example/", Mode: browser.ModeWebSocket},
			answer(403),
			browser.Refused, 4, browser.WebSocketRefused, browser.TaintingBasic, nil,
		},
		"WebSocket, another protocol": {
			pageURL,
			browser.Request{URL: "ws://api.example/", Mode: browser.ModeWebSocket},
			answer(101, "Upgrade", "foo"),
			browser.Refused, 4, browser.WebSocketRefused, browser.TaintingBasic, nil,
		},
		"WebSocket, no proof": {
			pageURL,
			browser.Request{URL: "ws://api.example/", Mode: browser.ModeWebSocket},
			answer(101, "Upgrade", "websocket", "Sec-WebSocket-Accept", "x"),
			browser.Refused, 4, browser.WebSocketRefused, browser.TaintingBasic, nil,
		},
		"WebSocket redirected": {
			pageURL,
			browser.Request{URL: "ws://api.example/", Mode: browser.ModeWebSocket},
			answer(302, "Location", "/x"),
			browser.Refused, 32, browser.RedirectModeError, browser.TaintingBasic, nil,
		},
		"other scheme": {
			pageURL,
			browser.Request{URL: "ftp://api.example/"},
			bare,
			browser.NotSent, 4, browser.SchemeNotHTTP, browser.TaintingBasic, nil,
		},
		"WebSocket scheme in fetch": {
			pageURL,
			browser.Request{URL: "wss://api.example/"},
			bare,
			browser.NotSent, 4, browser.SchemeNotHTTP, browser.TaintingBasic, nil,
		},
		"custom scheme of the page itself": {
			"app://x",
			browser.Request{URL: "app://x/"},
			bare,
			browser.NotSent, 4, browser.SchemeNotHTTP, browser.TaintingBasic, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			v := browser.Fetch(page(t, c.page), c.request, func(s browser.Sent) (browser.Response, error) {
				if key, ok := s.Headers.Get("Sec-WebSocket-Key"); ok && c.outcome == browser.Opens {
					c.resp.Headers = append(c.resp.Headers, header("Sec-WebSocket-Accept", browser.WebSocketAccept(key))...)
				}
				return c.resp, nil
			})
			wantVerdict(t, v, c.outcome, c.step, c.reason)
			if v.Tainting != c.taint || !slices.Equal(v.Exposed, c.exposed) {
				t.Errorf("tainting %s, exposed %q", v.Tainting, v.Exposed)
			}
			if (v.Status != 0) != (c.outcome == browser.Readable || c.outcome == browser.Opens) {
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
		mode browser.CredentialsMode
		url  string
		want bool
	}{
		"omit at home":        {browser.CredentialsOmit, pageURL, false},
		"same-origin at home": {browser.CredentialsSameOrigin, pageURL, true},
		"default at home":     {"", pageURL, true},
		"include at home":     {browser.CredentialsInclude, pageURL, true},
		"omit":                {browser.CredentialsOmit, apiURL, false},
		"same-origin":         {browser.CredentialsSameOrigin, apiURL, false},
		"include":             {browser.CredentialsInclude, apiURL, true},
	} {
		v := browser.Fetch(page(t, pageURL), browser.Request{URL: c.url, Credentials: c.mode}, always(answer(200, "Set-Cookie", "a")))
		if got := v.Exchanges[0]; got.Sent.Credentials != c.want || got.SetsCookies != c.want {
			t.Errorf("%s: credentials %t, sets cookies %t, want %t", name, got.Sent.Credentials, got.SetsCookies, c.want)
		}
	}
}

func TestEventSource(t *testing.T) {
	site := &server{}
	v := browser.Fetch(page(t, pageURL), browser.Request{
		URL: apiURL, Headers: header("Last-Event-ID", "1"), ByPlatform: true, Credentials: browser.CredentialsInclude,
	}, site.roundTrip)
	wantVerdict(t, v, browser.Readable, 0, "")
	if len(site.sent) != 1 {
		t.Errorf("EventSource never preflights: %v", site.sent)
	}
}

func TestVerdictJSON(t *testing.T) {
	v := browser.Fetch(page(t, pageURL), browser.Request{URL: apiURL, Method: "PUT"}, always(answer(204, acao, "*")))
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
