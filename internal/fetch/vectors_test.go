package fetch_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/caddy-cors/caddy-cors/internal/fetch"
)

// leftOut names the vectors that contradict the Fetch Standard or the contract, with the reason.
var leftOut = map[string]string{}

type vector struct {
	ID         string
	Kind       string
	Page       *vectorPage
	Response   *vectorResponse
	Upstream   *vectorResponse
	URLOrigins []string `json:"url_origins"`
	Expect     struct {
		Browser        string
		NeedsPreflight *bool `json:"needs_preflight"`
		ACRH, ACRM     *string
		Exposed        []string
		OriginAtLast   *string `json:"origin_header_at_last_hop"`
		Headers        map[string]*string
		StatusAnyOf    []int `json:"status_any_of"`
		Covers         *struct {
			Method  string
			Headers []string
		}
	}
}

type vectorPage struct {
	Origin      string
	Credentials fetch.CredentialsMode
	Method      string
	Headers     vectorHeaders
}

type vectorResponse struct {
	Status    int
	Preflight bool
	Headers   vectorHeaders
}

// vectorHeaders reads the pairs of a vector, long values and repeated lines included.
type vectorHeaders fetch.Headers

func (h *vectorHeaders) UnmarshalJSON(data []byte) error {
	var lines [][]json.RawMessage
	if err := json.Unmarshal(data, &lines); err != nil {
		return err
	}
	for _, line := range lines {
		var name string
		if err := json.Unmarshal(line[0], &name); err != nil {
			return err
		}
		value, err := vectorValue(line[1])
		if err != nil {
			return err
		}
		repeat := struct{ Lines int }{1}
		if len(line) > 2 {
			if err := json.Unmarshal(line[2], &repeat); err != nil {
				return err
			}
		}
		for range repeat.Lines {
			*h = append(*h, [2]string{name, value})
		}
	}
	return nil
}

func vectorValue(raw json.RawMessage) (string, error) {
	var plain string
	if json.Unmarshal(raw, &plain) == nil {
		return plain, nil
	}
	var long struct {
		Prefix, Repeat, Suffix, Join, Sep string
		Times, Count                      int
	}
	if err := json.Unmarshal(raw, &long); err != nil {
		return "", fmt.Errorf("reading value %s: %w", raw, err)
	}
	if long.Count > 0 {
		return strings.Join(slices.Repeat([]string{long.Join}, long.Count), long.Sep), nil
	}
	return long.Prefix + strings.Repeat(long.Repeat, long.Times) + long.Suffix, nil
}

func readVectors(t *testing.T, name string) []vector {
	t.Helper()
	file, err := os.Open("../../testdata/vectors/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var vectors []vector
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var v vector
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatalf("%v in %s", err, lines.Bytes())
		}
		vectors = append(vectors, v)
	}
	if lines.Err() != nil || len(vectors) == 0 {
		t.Fatalf("%s: %d vectors, %v", name, len(vectors), lines.Err())
	}
	return vectors
}

func (v vector) request(url string) fetch.Request {
	return fetch.Request{
		Method: v.Page.Method, URL: url, Headers: fetch.Headers(v.Page.Headers), Credentials: v.Page.Credentials,
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
	got := fetch.Fetch(page(t, v.Page.Origin), v.request(apiURL), func(s fetch.Sent) (fetch.Response, error) {
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
	got := fetch.JudgePreflight(page(t, v.Page.Origin), v.request(apiURL), resp)
	if string(got.Outcome) != v.Expect.Browser {
		t.Errorf("%s (%s: %s), want %s", got.Outcome, got.Reason, got.Detail, v.Expect.Browser)
	}
	whole := fetch.Fetch(page(t, v.Page.Origin), v.request(apiURL), func(s fetch.Sent) (fetch.Response, error) {
		if s.Preflight {
			return resp, nil
		}
		return consent(s), nil
	})
	want := map[string]fetch.Outcome{"preflight-pass": fetch.Readable, "preflight-fail": fetch.PreflightFailed}[v.Expect.Browser]
	if whole.Outcome != want || whole.Reason != got.Reason {
		t.Errorf("the whole fetch: %s (%s), want %s (%s)", whole.Outcome, whole.Reason, want, got.Reason)
	}
}

func (v vector) testNeed(t *testing.T) {
	site := &server{}
	got := fetch.Fetch(page(t, v.Page.Origin), v.request(apiURL), site.roundTrip)
	if got.Outcome != fetch.Readable {
		t.Fatalf("%s: %s", got.Outcome, got.Detail)
	}
	if needs := site.preflights() == 1; needs != *v.Expect.NeedsPreflight {
		t.Fatalf("preflight: %t, want %t", needs, *v.Expect.NeedsPreflight)
	}
	if needs := fetch.NeedsPreflight(v.request(apiURL)) != nil; needs != *v.Expect.NeedsPreflight {
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
	site := &server{hops: map[string]fetch.Response{}}
	for i, origin := range v.URLOrigins[1:] {
		site.hops[fmt.Sprintf("%s/%d", v.URLOrigins[i], i)] = answer(307, "Location", fmt.Sprintf("%s/%d", origin, i+1))
	}
	got := fetch.Fetch(page(t, v.Page.Origin), v.request(v.URLOrigins[0]+"/0"), site.roundTrip)
	if got.Outcome != fetch.Readable || len(site.sent) != len(v.URLOrigins) {
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
			judge := fetch.JudgeResponse
			if strings.HasPrefix(v.Expect.Browser, "preflight") {
				judge = fetch.JudgePreflight
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

func (v vector) wantedAnswer() fetch.Response {
	resp := fetch.Response{Status: 200}
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

func flat(h vectorHeaders) []string {
	var pairs []string
	for _, line := range h {
		pairs = append(pairs, line[0], line[1])
	}
	return pairs
}
