package browser_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/browser"
	"github.com/caddy-cors/caddy-cors/internal/browser/browsertest"
)

// leftOut names the vectors that contradict the Fetch Standard or the contract, with the reason.
var leftOut = map[string]string{}

func (v vector) request(url string) browser.Request {
	return browser.Request{
		Method: v.Page.Method, URL: url, Headers: browser.Headers(v.Page.Headers), Credentials: v.Page.Credentials,
	}
}

func TestBrowserVectors(t *testing.T) {
	for _, v := range readVectors(t, "browser.jsonl") {
		t.Run(v.ID, func(t *testing.T) {
			if reason, out := leftOut[v.ID]; out {
				t.Skip(reason)
			}
			switch {
			case v.URLOrigins != nil:
				v.testRedirects(t)
			case v.Response == nil:
				v.testNeed(t)
			case v.Response.Preflight:
				v.testPreflight(t)
			default:
				v.testResponse(t)
			}
		})
	}
}

func (v vector) testResponse(t *testing.T) {
	if v.Expect.Browser == "" {
		t.Fatal("the vector expects nothing")
	}
	got := browser.Fetch(page(t, v.Page.Origin), v.request(apiURL), func(s browser.Sent) (browser.Response, error) {
		if s.Preflight {
			return consent(s), nil
		}
		return answer(v.Response.Status, flat(v.Response.Headers)...), nil
	})
	if string(got.Outcome) != v.Expect.Browser {
		t.Errorf("%s (%s: %s), want %s", got.Outcome, got.Reason, got.Detail, v.Expect.Browser)
	}
	if v.Expect.Exposed != nil && !slices.Equal(got.Exposed, v.Expect.Exposed) {
		t.Errorf("exposed %q, want %q", got.Exposed, v.Expect.Exposed)
	}
}

// testPreflight judges the answer alone and again within a whole fetch.
func (v vector) testPreflight(t *testing.T) {
	resp := answer(v.Response.Status, flat(v.Response.Headers)...)
	got := browsertest.JudgePreflight(page(t, v.Page.Origin), v.request(apiURL), resp)
	if string(got.Outcome) != v.Expect.Browser {
		t.Errorf("%s (%s: %s), want %s", got.Outcome, got.Reason, got.Detail, v.Expect.Browser)
	}
	whole := browser.Fetch(page(t, v.Page.Origin), v.request(apiURL), func(s browser.Sent) (browser.Response, error) {
		if s.Preflight {
			return resp, nil
		}
		return consent(s), nil
	})
	want := map[string]browser.Outcome{"preflight-pass": browser.Readable, "preflight-fail": browser.PreflightFailed}[v.Expect.Browser]
	if whole.Outcome != want || whole.Reason != got.Reason {
		t.Errorf("the whole fetch: %s (%s), want %s (%s)", whole.Outcome, whole.Reason, want, got.Reason)
	}
}

func (v vector) testNeed(t *testing.T) {
	site := &server{}
	got := browser.Fetch(page(t, v.Page.Origin), v.request(apiURL), site.roundTrip)
	if got.Outcome != browser.Readable {
		t.Fatalf("%s: %s", got.Outcome, got.Detail)
	}
	if needs := site.preflights() == 1; needs != *v.Expect.NeedsPreflight {
		t.Fatalf("preflight: %t, want %t", needs, *v.Expect.NeedsPreflight)
	}
	if needs := browser.NeedsPreflight(v.request(apiURL)) != nil; needs != *v.Expect.NeedsPreflight {
		t.Errorf("NeedsPreflight: %t, want %t", needs, *v.Expect.NeedsPreflight)
	}
	if site.last().Method != *v.Expect.ACRM {
		t.Errorf("method %s, want %s", site.last().Method, *v.Expect.ACRM)
	}
	if !*v.Expect.NeedsPreflight {
		return
	}
	acrh, has := site.sent[0].Headers.Get("Access-Control-Request-Headers")
	if has != (v.Expect.ACRH != nil) || has && acrh != *v.Expect.ACRH {
		t.Errorf("asked for %q, want %v", acrh, v.Expect.ACRH)
	}
	if acrm, _ := site.sent[0].Headers.Get("Access-Control-Request-Method"); acrm != *v.Expect.ACRM {
		t.Errorf("asked for %q, want %q", acrm, *v.Expect.ACRM)
	}
}

func (v vector) testRedirects(t *testing.T) {
	site := &server{hops: map[string]browser.Response{}}
	for i, origin := range v.URLOrigins[1:] {
		site.hops[fmt.Sprintf("%s/%d", v.URLOrigins[i], i)] = answer(307, "Location", fmt.Sprintf("%s/%d", origin, i+1))
	}
	got := browser.Fetch(page(t, v.Page.Origin), v.request(v.URLOrigins[0]+"/0"), site.roundTrip)
	if got.Outcome != browser.Readable || len(site.sent) != len(v.URLOrigins) {
		t.Fatalf("%s after %d requests: %s", got.Outcome, len(site.sent), got.Detail)
	}
	if origin, _ := site.last().Headers.Get("Origin"); origin != *v.Expect.OriginAtLast {
		t.Errorf("Origin %q, want %q", origin, *v.Expect.OriginAtLast)
	}
}

// TestServerVectors builds from each vector of the handler the answer that it wants, and checks that a browser makes
// of it what the vector says: the two halves of the contract must agree.
func TestServerVectors(t *testing.T) {
	judged := 0
	for _, v := range readVectors(t, "server.jsonl") {
		if v.Page == nil || v.Expect.Browser == "" || v.Expect.Browser == "n/a" {
			continue
		}
		judged++
		t.Run(v.ID, func(t *testing.T) {
			if reason, out := leftOut[v.ID]; out {
				t.Skip(reason)
			}
			judge := browsertest.JudgeResponse
			if strings.HasPrefix(v.Expect.Browser, "preflight") {
				judge = browsertest.JudgePreflight
			}
			got := judge(page(t, v.Page.Origin), v.request(apiURL), v.wantedAnswer())
			if string(got.Outcome) != v.Expect.Browser {
				t.Errorf("%s (%s: %s), want %s", got.Outcome, got.Reason, got.Detail, v.Expect.Browser)
			}
		})
	}
	if judged < 100 {
		t.Errorf("only %d vectors", judged)
	}
}

func (v vector) wantedAnswer() browser.Response {
	resp := browser.Response{Status: 200}
	if v.Upstream != nil && v.Upstream.Status != 0 {
		resp.Status = v.Upstream.Status
	}
	if v.Expect.StatusAnyOf != nil {
		resp.Status = v.Expect.StatusAnyOf[0]
	}
	for name, value := range v.Expect.Headers {
		if value != nil {
			resp.Headers = append(resp.Headers, [2]string{name, *value})
		}
	}
	if covers := v.Expect.Covers; covers != nil {
		if !resp.Headers.Has("Access-Control-Allow-Methods") {
			resp.Headers = append(resp.Headers, [2]string{"Access-Control-Allow-Methods", covers.Method})
		}
		if !resp.Headers.Has("Access-Control-Allow-Headers") {
			resp.Headers = append(resp.Headers, [2]string{"Access-Control-Allow-Headers", strings.Join(covers.Headers, ",")})
		}
	}
	return resp
}
